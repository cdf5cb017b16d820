"""What serial and threaded workers share: the team, its pool of vectors, and the end of a round."""

import time

import numpy as np

from lab.events import ShardReport
from lab.workers.round import Outcome, Round
from lab.workers.tree import vectors_alive
from lab.workers.worker import Worker, vector_size


class Team:
    """Workers in one process, whose partial sums meet at the end of a round."""

    def __init__(self, count: int) -> None:
        self.members = [Worker(number) for number in range(count)]
        self._pool: list[np.ndarray] = []
        self._filled_for = 0  # the number of shards that the pool is large enough for

    def prepare(self, task: Round) -> None:
        """Ready every member for a round; the vectors of the last one are used again."""
        used = [node.vector for worker in self.members for node in worker.tree.nodes]
        self._pool += used
        size, dtype = vector_size(task.net), task.net.dtype
        if any(vector.size != size or vector.dtype != dtype for vector in self._pool[:1]):
            self._pool, self._filled_for = [], 0
        if self._filled_for != task.shards:
            self._fill(task, size)
        for worker in self.members:
            worker.prepare(task.net, self._pool)

    def _fill(self, task: Round, size: int) -> None:
        """Make the vectors that all members need at once, so that no later round has to when they overlap more."""
        missing = sum(vectors_alive(block) for block in task.blocks(len(self.members))) - len(self._pool)
        self._pool += [np.empty(size, task.net.dtype) for _ in range(missing)]
        self._filled_for = task.shards

    def finish(self, task: Round) -> Outcome:
        """Add up what the members left, from left to right, and complete their reports."""
        start = time.perf_counter()
        tree = self.members[0].tree
        for worker in self.members[1:]:
            for node in worker.tree.nodes:
                tree.push(node.start, node.vector, node.size)
            worker.tree.nodes = []
        total = tree.total()
        reduce = time.perf_counter() - start

        reports = [report for worker in self.members for report in worker.reports]
        loss = sum(report.loss * report.samples for report in reports) / len(task.index)
        parameters = task.net.layout.size
        waited = tuple(reports) if len(self.members) == 1 else _with_waits(reports)
        return Outcome(total[:parameters], total[parameters:], loss, waited, reduce)


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
