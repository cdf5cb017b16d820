"""Timing that can be trusted a little: interleaved, on one core, compared in pairs."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from lab.blas import one_blas_thread


@contextmanager
def one_core() -> Iterator[int | None]:
    """Keep this thread on one core with one BLAS thread; gives the core's number (None: cannot be chosen here).

    The last allowed core: the first ones serve most interrupts.
    """
    with one_blas_thread():
        if not hasattr(os, "sched_setaffinity"):
            yield None
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(before)})
        try:
            yield max(before)
        finally:
            os.sched_setaffinity(0, before)


def interleaved(
    steps: Mapping[str, Callable[[], None]], rounds: int, seconds: float, tick: Callable[[], None] = lambda: None
) -> dict[str, np.ndarray]:
    """Seconds of one call of each step, `rounds` times each, everybody in turn.

    A slow second of the machine then hits all of them; every other round runs backwards, so that
    nobody always comes after the same one.

    Args:
        steps: names and functions; warmed up here.
        seconds: how long each is called for one measurement, at least once.
        tick: called after every round.
    """
    for step in steps.values():
        for _ in range(3):
            step()
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds):
        for name in list(steps)[:: 1 if number % 2 == 0 else -1]:
            times[name].append(_measure(steps[name], seconds))
        tick()
    return {name: np.array(measured) for name, measured in times.items()}


def _measure(step: Callable[[], None], seconds: float) -> float:
    """Mean seconds of a call, over as many calls as fit."""
    step()  # the one before left its data in the caches
    calls, start = 0, time.perf_counter()
    while True:
        step()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return passed / calls


def paired_ratio(peer: np.ndarray, ours: np.ndarray) -> tuple[float, float, float]:
    """How many times slower the peer is: the median of the ratios of each round, and their quartiles."""
    low, middle, high = np.quantile(peer / ours, (0.25, 0.5, 0.75))
    return float(middle), float(low), float(high)
