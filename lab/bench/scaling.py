"""What more threads bring, measured live: K mini-batches of a step over P = 1, 2, ... workers, beside Amdahl's law.

    T(P) = serial + parallel / P        speed-up(P) = T(1) / T(P) <= 1 / (1 - p + p / P)

p, the share that threads can split (gathering and gradients of the K mini-batches), is measured at P = 1. What is
left (adding up K gradients, the norm, the update, the running statistics) one thread does while the others wait. The
K mini-batches are dealt out whole: the busiest of P workers has ceil(K / P) of them.

Source: Amdahl 1967, "Validity of the single processor approach to achieving large scale computing capabilities".
"""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.bench.live import Measuring, Spread, made_ready
from lab.bench.timing import allowed_cores, cores
from lab.bench.workloads import WIDTHS, Workload, make_task
from lab.checks import check_choice, check_count
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import Step, sync_sgd_round
from lab.workers import MOST, Round, make_workers


@dataclass(frozen=True)
class StepDone:
    """A step was taken with P workers: its seconds, and those of the busiest worker in its mini-batches."""

    workers: int
    seconds: float
    busiest: float
    count: int


def amdahl(share: float, workers: np.ndarray | int, shards: int | None = None) -> Any:
    """The most that P workers can bring where a share p of the time can be split.

    1 / (1 - p + p / P)         with K mini-batches, dealt out whole: p ceil(K / P) / K instead of p / P
    """
    P = np.asarray(workers, float)
    part = 1 / P if shards is None else np.ceil(shards / P) / shards
    return 1 / (1 - share + share * part)


class Scaling(Measuring):
    """An iterator of `Waiting` and `StepDone`: P = 1, 2, ..., P, 1, 2, ... on the same net.

    Args:
        size: name of a net in `lab.bench.workloads.WIDTHS`. batch: rows of a step. K: mini-batches, at most batch / 2.
        most: the largest P; None: as many as this process has cores. seconds: about how long, in all.

    Attributes:
        times, busiest: by P, the seconds of all steps, and of the busiest worker in them.
        cores: that this process may use; with more workers than cores they take turns, and gain nothing.

    Raises:
        SettingError: an unknown size, or a number that is not allowed.
    """

    def __init__(
        self, size: str = "mnist10", batch: int = 512, K: int = 4, most: int | None = None, seconds: float = 4.0
    ) -> None:
        super().__init__(seconds)
        check_choice("size", size, tuple(WIDTHS))
        self.size, self.batch = size, check_count("batch", batch, low=2, high=4096)
        self.K, self.cores = check_count("K", K, high=min(64, batch // 2)), len(allowed_cores())
        self.most = check_count("most", self.cores if most is None else most, high=MOST)
        self.times: dict[int, list[float]] = {}
        self.busiest: dict[int, list[float]] = {}
        self._closing: list[Any] = []

    @property
    def workers(self) -> range:
        """1, 2, ..., the largest P."""
        return range(1, self.most + 1)

    @property
    def share(self) -> float | None:
        """p: the share of a step that threads can split; None before the first step."""
        if not self.times.get(1):
            return None
        return min(1.0, float(np.median(np.divide(self.busiest[1], self.times[1]))))

    def speed_up(self, P: int) -> tuple[float, float, float] | None:
        """T(1) / T(P): by the medians, and by the quartiles of T(P); None as long as one was not measured."""
        if not self.times.get(1) or not self.times.get(P):
            return None
        one, several = Spread.of(self.times[1]).median, Spread.of(self.times[P])
        return one / several.median, one / several.high, one / several.low

    def close(self) -> None:
        super().close()
        for each in self._closing:
            each.close()

    def _measure(self) -> Generator[Any, None, None]:
        steps: list[_Steps] = []

        def prepare() -> None:
            steps.append(_Steps(Workload(self.size, self.batch), self.K, self.most))
            steps[0].take(1)

        yield from made_ready([("NN4's kernels", prepare)], 1)
        self._closing = list(steps[0].workers.values())
        for P in self.workers:  # the first step of a number of workers starts their threads
            with cores(P):
                steps[0].take(P)
        try:
            for _ in self._rounds(min(self.most, self.cores)):
                for P in self.workers:
                    yield self._taken(steps[0], P)
        finally:
            for each in self._closing:
                each.close()

    def _taken(self, steps: "_Steps", P: int) -> StepDone:
        with cores(P):
            start = time.perf_counter()
            step = steps.take(P)
            seconds = time.perf_counter() - start
        self._spent += seconds
        busy = [0.0] * P
        for report in step.outcome.reports:
            busy[report.worker] += report.copy_in + report.compute
        self.times.setdefault(P, []).append(seconds)
        self.busiest.setdefault(P, []).append(max(busy))
        return StepDone(P, seconds, max(busy), len(self.times[P]))


class _Steps:
    """The same step again and again, on any number of workers."""

    def __init__(self, workload: Workload, K: int, most: int) -> None:
        self._task, self._K, self._count = make_task(workload), K, 0
        self._net = NN4(workload.widths, keep=workload.keep, seed=0, backend="cpu")
        self._index = np.arange(workload.batch)
        self.workers = {P: make_workers("serial" if P == 1 else f"threads:{P}") for P in range(1, most + 1)}

    def take(self, P: int) -> Step:
        task = Round(self._net, self._task.x, self._task.y, self._index, self._count, self._K)
        self._count += 1
        work = sync_sgd_round(task, self._task.workload.delta, self.workers[P])
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value


def advice(P: int, K: int, cores: int) -> str:
    """Why P workers cannot all be busy all the time; empty where they can."""
    if cores < P:
        return f"more workers than the {cores} core{'s' if cores != 1 else ''} here, so they take turns"
    if P > K:
        return f"more workers than the K = {K} mini-batch{'es' if K != 1 else ''}, so some are idle"
    return "" if K % P == 0 else f"some have a mini-batch of the K = {K} more than others, who wait"
