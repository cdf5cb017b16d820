"""A row of the result: what was measured beside whom, its spread, and the goal."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.bench.goals import Goal


def ratio_row(
    workload: str, size: str, peer: str | None, theirs: np.ndarray, ours: np.ndarray, goal: Goal | None, **about: Any
) -> dict[str, Any]:
    """A row that says how many times slower the peer is: `theirs` and `ours` are seconds of the same rounds."""
    return row(workload, size, peer, quartiles(theirs / ours), goal, seconds=float(np.median(ours)), **about)


def row(
    workload: str,
    size: str,
    peer: str | None,
    measured: tuple[float, float, float],
    goal: Goal | None = None,
    *,
    batch: int | None = None,
    threads: int | None = 1,
    dtype: str | None = "float32",
    seconds: float | None = None,
    unit: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """A row of the result.

    Args:
        measured: median and quartiles, in `unit`; without a unit: how many times slower the peer is.
        batch, threads, dtype: None where the measurement has none.
        seconds: what the lab's own part took, where there is one.
        note: what the reader has to know about this row.
    """
    middle, low, high = (float(f"{value:.4g}") for value in measured)
    return {
        "workload": workload,
        "size": size,
        "batch": batch,
        "threads": threads,
        "dtype": dtype,
        "peer": peer,
        "ratio": middle,
        "low": low,
        "high": high,
        "unit": unit,
        "goal": goal.value if goal else None,
        "stretch": goal.stretch if goal else None,
        "less": bool(goal and goal.less),
        "reached": goal.reached(middle) if goal else None,
        "seconds": seconds,
        "note": note,
    }


def quartiles(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    """Median, lower and upper quartile."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(middle), float(low), float(high)
