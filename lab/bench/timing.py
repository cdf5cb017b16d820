"""Timing that can be trusted a little: interleaved, on few cores, compared in pairs."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from lab.blas import one_blas_thread


def allowed_cores() -> list[int]:
    """Numbers of the cores that this process may use; on systems without affinity, of all."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextmanager
def cores(count: int) -> Iterator[list[int]]:
    """Keep this thread, and those that it starts, on `count` cores with one BLAS thread; gives their numbers.

    The last allowed cores: the first ones serve most interrupts. Fewer where fewer are allowed, and where a
    system knows no affinity (macOS, Windows), nothing is pinned and the list is empty.
    """
    with one_blas_thread():
        if not hasattr(os, "sched_setaffinity"):
            yield []
            return
        before = os.sched_getaffinity(0)
        chosen = sorted(before)[-count:]
        os.sched_setaffinity(0, chosen)
        try:
            yield chosen
        finally:
            os.sched_setaffinity(0, before)


def short_of(threads: int) -> str | None:
    """A note for a row whose threads have to share cores, else None."""
    there = len(allowed_cores())
    if threads <= there:
        return None
    return f"{threads} threads share {there} core{'s' if there != 1 else ''}: this says nothing about threads"


def interleaved(
    steps: Mapping[Any, Any],
    rounds: int,
    seconds: float,
    tick: Callable[[], None] = lambda: None,
    before: Callable[[Any], None] = lambda name: None,
    warm_ups: int = 3,
) -> dict[Any, np.ndarray]:
    """Seconds of one call of each step, `rounds` times each, everybody in turn.

    A slow second of the machine then hits all of them; every other round runs backwards, so that
    nobody always comes after the same one.

    Args:
        steps: names and functions. One with a method `measure(seconds)` takes its time itself.
        seconds: how long each is called for one measurement; 0: once, for what takes so long that a call before it,
            which fills the caches, would only cost time.
        tick: called after every round.
        before: called with the name of the one that comes next, outside of what is timed.
        warm_ups: calls of each before the first round.
    """
    for name, step in steps.items():
        before(name)
        for _ in range(warm_ups):
            step()
    times: dict[Any, list[float]] = {name: [] for name in steps}
    for number in range(rounds):
        for name in list(steps)[:: 1 if number % 2 == 0 else -1]:
            before(name)
            measure = getattr(steps[name], "measure", None)
            times[name].append(measure(seconds) if measure else mean_seconds(steps[name], seconds))
        tick()
    return {name: np.array(measured) for name, measured in times.items()}


def mean_seconds(step: Callable[[], Any], seconds: float) -> float:
    """Seconds of a call: the mean over as many as fit into `seconds`, at least one."""
    if seconds > 0:
        step()  # the one before left its data in the caches
    calls, start = 0, time.perf_counter()
    while True:
        step()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return passed / calls
