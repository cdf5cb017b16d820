"""One worker in the calling thread: the simplest of all, and the yardstick of every other."""

import time
from collections.abc import Generator
from typing import Any

from lab.workers.round import Outcome, Round
from lab.workers.slices import Work, cut, in_turn
from lab.workers.team import Team


class SerialWorkers:
    """Computes all K shards in turn."""

    name = "serial"
    count = 1

    def __init__(self) -> None:
        self._team = Team(1)

    def gradients(self, task: Round) -> Generator[float, None, Outcome]:
        self._team.prepare(task)
        yield from self._team.members[0].work(task, range(task.shards), time.perf_counter())
        return self._team.finish(task, self.each_slice)

    def each_slice(self, size: int, work: Work) -> list[Any]:
        return in_turn(cut(size), work)

    def close(self) -> None:
        self._team = Team(1)
