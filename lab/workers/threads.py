"""P workers on threads: the kernels run without the GIL, so P cores compute P shards at once.

The calling thread is worker 0 and P - 1 threads are the others. So one worker costs no hand-over at all, and
while the caller looks up from its own shards the others go on.
"""

import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from lab.workers.round import Outcome, Round
from lab.workers.slices import Work, cut, deal, in_turn
from lab.workers.team import Team

LOOK_UP = 0.02  # seconds between two looks of a caller who waits for the others


class ThreadWorkers:
    """`count` workers who share a round's shards in contiguous blocks."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.name = f"threads:{count}"
        self._team = Team(count)
        self._stop = threading.Event()
        self._threads: ThreadPoolExecutor | None = None

    def gradients(self, task: Round) -> Generator[float, None, Outcome]:
        self._team.prepare(task)
        self._stop.clear()
        began = time.perf_counter()
        blocks = task.blocks(self.count)
        others = [self._start(task, number, block, began) for number, block in enumerate(blocks) if number and block]
        try:
            yield from self._team.members[0].work(task, blocks[0], began)
            while wait(others, timeout=LOOK_UP).not_done:
                yield sum(other.done() for other in others) / len(others)
        finally:  # the caller may leave in the middle of a round, or this worker fail: the others end first
            self._stop.set()
            wait(others)
        for other in others:
            other.result()
        return self._team.finish(task, self.each_slice)

    def each_slice(self, size: int, work: Work) -> list[Any]:
        if len(cut(size)) == 1:  # short enough for one: the others would wait for their orders longer than it takes
            return in_turn(cut(size), work)
        mine, *shares = deal(size, self.count)
        others = [self._pool().submit(in_turn, share, work) for share in shares if share]
        try:
            found = in_turn(mine, work)
        finally:
            wait(others)
        return found + [one for other in others for one in other.result()]

    def close(self) -> None:
        self._stop.set()
        if self._threads is not None:
            self._threads.shutdown(wait=True)
            self._threads = None
        self._team = Team(self.count)

    def _start(self, task: Round, number: int, block: range, began: float) -> "Future[None]":
        return self._pool().submit(self._work, task, number, block, began)

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.count - 1, thread_name_prefix="nn4-worker")
        return self._threads

    def _work(self, task: Round, number: int, block: range, began: float) -> None:
        for _ in self._team.members[number].work(task, block, began):
            if self._stop.is_set():
                return
