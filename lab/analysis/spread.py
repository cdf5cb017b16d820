"""What several seeds say together: median and range of curves, and how surely a mean difference is not 0."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SURE = 0.975  # a difference counts where its two-sided 95 % interval leaves out 0


@dataclass(frozen=True, eq=False)
class Spread:
    """A quantity over the seeds, one entry for each place: median, lowest and highest; NaN where there is none."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def spread(values: Sequence[Sequence[float]]) -> Spread:
    """Of what the seeds gave, place by place; a place may have fewer of them, or none."""
    found = [(np.median(v), np.min(v), np.max(v)) if len(v) else (np.nan,) * 3 for v in values]
    return Spread(*np.array(found, np.float64).reshape(-1, 3).T)


def mean_interval(differences: Sequence[float]) -> tuple[float, float] | None:
    """Mean and half-width of its 95 % interval by Student's t, of differences that were taken seed by seed.

        mean +- t(n - 1) s / sqrt(n)

    None for fewer than two.
    """
    from scipy.special import stdtrit

    n = len(differences)
    if n < 2:
        return None
    return float(np.mean(differences)), float(stdtrit(n - 1, SURE) * np.std(differences, ddof=1) / np.sqrt(n))
