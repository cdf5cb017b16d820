"""Is the machine quiet? The same small piece of work, timed again and again between the rounds.

Whatever makes it slower or faster (other processes, a clock that follows the heat, a neighbour in the same host)
does so to the workloads too. Ratios of pairs survive some of that, not all.
"""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

SIZE = 1 << 20  # bytes: they stay in a cache of the second level
QUIET, RESTLESS = 0.05, 0.15  # (90 % quantile - 10 % quantile) / median, up to which a machine is called so


class Calibration:
    """Times fixed work of about a millisecond, a hash, on the cores that measure."""

    def __init__(self) -> None:
        self._times: dict[int, list[float]] = {}  # by the number of threads
        self.last = 0.0
        self._bytes = bytes(SIZE)

    def measure(self, threads: int = 1) -> float:
        """Do the work on so many threads at once; returns the seconds of the slowest and keeps them."""
        if threads == 1:
            return self.keep(self._work(), threads)
        with ThreadPoolExecutor(threads) as pool:
            return self.keep(max(pool.map(lambda _: self._work(), range(threads))), threads)

    def keep(self, seconds: float, threads: int) -> float:
        """Keep a time that was measured, here or in another process of the bench."""
        self._times.setdefault(threads, []).append(seconds)
        self.last = seconds
        return seconds

    def _work(self) -> float:
        """The work; returns its seconds, with those in which it had to wait for its core."""
        hashlib.sha256(self._bytes)  # wakes the core and fills the caches
        start = time.perf_counter()
        hashlib.sha256(self._bytes)  # one call without the GIL, so that threads do not wait for each other
        return time.perf_counter() - start

    def result(self) -> dict[str, Any]:
        """`count`, `seconds` (median), `spread`, `verdict` (quiet, restless, too noisy) and a `sentence`.

        Two threads are slower than one, so every number of threads has a spread of its own; the largest counts.
        """
        found = [self._spread(times) for times in self._times.values() if len(times) > 1]
        count = sum(map(len, self._times.values()))
        if not found:
            return {"count": count, "seconds": None, "spread": None, "verdict": "unknown", "sentence": NONE}
        spread, middle = max(found)
        verdict = "quiet" if spread <= QUIET else "restless" if spread <= RESTLESS else "too noisy"
        return {
            "count": count,
            "seconds": middle,
            "spread": spread,
            "verdict": verdict,
            "sentence": f"Calibration: the machine is {verdict}. The same work, {count} times between the "
            f"rounds, took {1e3 * middle:.2f} ms with a spread of {100 * spread:.0f} % "
            "(10th to 90th percentile). " + ADVICE[verdict],
        }

    @staticmethod
    def _spread(times: list[float]) -> tuple[float, float]:
        low, middle, high = (float(value) for value in np.quantile(times, (0.1, 0.5, 0.9)))
        return (high - low) / middle, middle


NONE = "Calibration: too few rounds to say whether the machine was quiet."
ADVICE = {
    "quiet": "The ratios can be trusted.",
    "restless": "Ratios may be off by some percent; look at their quartiles.",
    "too noisy": "Do not trust these ratios: end what else is running, and measure again.",
}
