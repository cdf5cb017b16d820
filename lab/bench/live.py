"""Measuring in pieces, for a board that pulls: a few milliseconds at a time, everybody in turn.

What is compiled at its first call is called once before, on a thread of its own: that takes seconds, and no page
must stand still for it. None of this counts.
"""

import math
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.bench.calibration import Calibration
from lab.bench.machine import machine
from lab.bench.timing import allowed_cores, cores, mean_seconds
from lab.errors import SettingError
from lab.events import Waiting

PIECE = 0.01  # seconds of a measurement; with the call that warms the caches, a board waits 20 to 30 ms
LOOK_UP = 0.02


@dataclass(frozen=True)
class Spread:
    """Seconds of some calls: median and quartiles, and how many were measured."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        low, middle, high = (float(value) for value in np.quantile(seconds, (0.25, 0.5, 0.75)))
        return cls(middle, low, high, len(seconds))


@dataclass(frozen=True)
class Timed:
    """One thing was measured once more: its name, and what its calls took so far."""

    name: str
    seconds: Spread


class Measuring:
    """What all live measurements share: an iterator of `Waiting` (it compiles) and frozen events (it measured).

    Args:
        seconds: about how long it measures, in all; it ends then.

    Attributes:
        seconds: by name, all that was measured. machine: processor, cores and BLAS: without them a time says nothing.
        calibration: how quiet it is; measured in between.

    Raises:
        SettingError: seconds is not above 0.
    """

    def __init__(self, seconds: float) -> None:
        self.calibration = Calibration()
        self.seconds: dict[str, list[float]] = {}
        if not 0 < seconds < math.inf:
            raise SettingError(f"seconds = {seconds!r} is not allowed. Give a finite number above 0.")
        self.machine, self._end, self._spent = machine_words(), seconds, 0.0
        self._events = self._measure()

    def __iter__(self) -> "Measuring":
        return self

    def __next__(self) -> Any:
        return next(self._events)

    def close(self) -> None:
        """Stop measuring."""
        self._events.close()

    def spread(self, name: str) -> Spread | None:
        """What a call took; None before the first measurement."""
        return Spread.of(self.seconds[name]) if self.seconds.get(name) else None

    @property
    def verdict(self) -> str:
        """How quiet the machine is, in few words."""
        found = self.calibration.result()
        return "measuring" if found["spread"] is None else f"{found['verdict']}, spread {100 * found['spread']:.0f} %"

    # ---- for those that measure

    def _measure(self) -> Generator[Any, None, None]:
        raise NotImplementedError

    def _rounds(self, threads: int = 1) -> Iterable[int]:
        """Numbers of rounds until the time is over; after each the calibration, on so many cores."""
        number = 0
        while self._spent < self._end:
            yield number
            number += 1
            start = time.perf_counter()
            with cores(threads):
                self.calibration.measure(threads)
            self._spent += time.perf_counter() - start

    def _timed(self, name: str, call: Callable[[], Any]) -> Timed:
        """Measure a call for a piece, and keep it."""
        start = time.perf_counter()
        self.seconds.setdefault(name, []).append(timed(call))
        self._spent += time.perf_counter() - start
        return Timed(name, Spread.of(self.seconds[name]))


def timed(call: Callable[[], Any], seconds: float = PIECE) -> float:
    """Mean seconds of a call over as many as fit into `seconds`, at least one; on one core, with one BLAS thread."""
    with cores(1):
        return mean_seconds(call, seconds)


def made_ready(calls: Iterable[tuple[str, Callable[[], Any]]], of: int) -> Generator[Waiting, None, None]:
    """Call each once, on a thread of its own; yields all the time what is compiled.

    Args:
        calls: names and functions. of: how many there are.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="nn4-compile")
    try:
        for number, (name, call) in enumerate(calls):
            future = pool.submit(call)
            while wait([future], timeout=LOOK_UP).not_done:
                yield Waiting(f"compiling {name}, which does not count", 0, number / of)
            future.result()
    finally:  # a board that begins anew does not wait for the compiler
        pool.shutdown(wait=False, cancel_futures=True)


def machine_words() -> str:
    """Processor, cores and BLAS of this machine."""
    about = machine()
    count = len(allowed_cores())
    blas = ", ".join(about["blas"]) or "no BLAS found"
    return f"{about['cpu']}, {count} core{'s' if count != 1 else ''}, {blas}"
