"""What serial and threaded workers share: the team, its pool of vectors, and the end of a round."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lab.events import ShardReport
from lab.workers.round import Outcome, Round
from lab.workers.slices import Work
from lab.workers.tree import TreeSum, add_in_place, vectors_alive
from lab.workers.worker import Worker, vector_size


class Team:
    """Workers in one process, whose partial sums meet at the end of a round."""

    def __init__(self, count: int) -> None:
        self.members = [Worker(number) for number in range(count)]
        self._pool: list[np.ndarray] = []
        self._filled_for = 0  # the number of shards that the pool is large enough for

    def prepare(self, task: Round) -> None:
        """Ready every member for a round; the vectors of the last one are used again."""
        size, dtype, pool = vector_size(task.net), task.net.dtype, self._pool
        for worker in self.members:
            for node in worker.tree.nodes:
                pool.append(node.vector)
        if pool and (pool[0].size != size or pool[0].dtype != dtype):
            pool.clear()
            self._filled_for = 0
        if self._filled_for != task.shards:
            self._fill(task, size)
        for worker in self.members:
            worker.prepare(task.net, pool)

    def _fill(self, task: Round, size: int) -> None:
        """Make the vectors that all members need at once, so that no later round has to when they overlap more."""
        missing = sum(vectors_alive(block) for block in task.blocks(len(self.members))) - len(self._pool)
        self._pool += [np.empty(size, task.net.dtype) for _ in range(missing)]
        self._filled_for = task.shards

    def finish(self, task: Round, each_slice: Callable[[int, Work], list[Any]]) -> Outcome:
        """Add up what the members left, by the fixed tree and slice by slice, and complete their reports."""
        start = time.perf_counter()
        total, sums = self._left_to_add(task)
        if sums:
            each_slice(total.size, lambda part: _add(sums, part))
        reduce = time.perf_counter() - start

        reports = [report for worker in self.members for report in worker.reports]
        loss = sum([report.loss * report.samples for report in reports]) / len(task.index)
        parameters = task.net.layout.size
        waited = tuple(reports) if len(self.members) == 1 else _with_waits(reports)
        return Outcome(total[:parameters], total[parameters:], loss, waited, reduce)

    def _left_to_add(self, task: Round) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
        """The vector that will hold the total, and in which order what is to be added to what, until it does."""
        nodes = [node for worker in self.members for node in worker.tree.nodes]
        sums: list[tuple[np.ndarray, np.ndarray]] = []
        if len(nodes) > 1:
            tree = TreeSum(nodes[0].vector.size, task.net.dtype, self._pool, lambda *pair: sums.append(pair))
            for node in nodes:
                tree.push(node.start, node.vector, node.size)
            tree.total()
            nodes = tree.nodes
            for worker in self.members:
                worker.tree.nodes = []
            self.members[0].tree.nodes = nodes  # the next round takes its vectors from there
        return nodes[0].vector, sums


def _add(sums: list[tuple[np.ndarray, np.ndarray]], part: slice) -> None:
    for left, right in sums:
        add_in_place(left[part], right[part])


def _with_waits(reports: list[ShardReport]) -> tuple[ShardReport, ...]:
    """Add to every worker's last report how long it waited for the slowest worker."""

    def end(report: ShardReport) -> float:
        return report.start + report.copy_in + report.compute + report.copy_out

    slowest = max(end(report) for report in reports)
    last = {report.worker: i for i, report in enumerate(reports)}
    for i in last.values():
        if (wait := slowest - end(reports[i])) > 0:
            reports[i] = reports[i]._replace(wait=wait)
    return tuple(reports)
