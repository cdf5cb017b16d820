"""One output y = x^T w behind ReLU, drawn again and again: its variance over fresh x and w, or over fresh x alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.analysis.initialization.laws import check_scale, fixed_weights_variance, one_layer_variance
from lab.blas import one_blas_thread
from lab.checks import check_count
from lab.errors import SettingError
from lab.layers import relu

FIXED = 256  # weight vectors that stay, to be compared
BINS, WIDTH = 60, 4.0  # of the histogram, which spans so many standard deviations to both sides


class Tally:
    """Power sums of M quantities: mean and variance, each with its standard error.

        SE(mean) = s / sqrt(n),   SE(s^2) = sqrt((m4 - s^4) / n),   m4 = mean of (y - mean)^4

    Source: Stuart & Ord 1994, Kendall's Advanced Theory of Statistics I, section 10.7 (the variance of s^2).
    """

    def __init__(self, quantities: int) -> None:
        self.n, self._sums = 0, np.zeros((4, quantities))

    def add(self, y: np.ndarray) -> None:
        """Count n more values of each quantity, (n, M)."""
        self.n += len(y)
        square = y**2
        for total, values in zip(self._sums, (y, square, square * y, square**2), strict=True):
            total += values.sum(axis=0)

    @property
    def mean(self) -> np.ndarray:
        """(M,), NaN before the first value."""
        return self._sums[0] / self.n if self.n else np.full(self._sums.shape[1], np.nan)

    @property
    def variance(self) -> np.ndarray:
        """With n - 1 below, (M,); NaN before the second value."""
        if self.n < 2:
            return np.full(self._sums.shape[1], np.nan)
        return np.maximum(self._sums[1] - self.n * self.mean**2, 0) / (self.n - 1)

    @property
    def variance_error(self) -> np.ndarray:
        """Standard error of the variance, (M,)."""
        m, (s1, s2, s3, s4) = self.mean, self._sums / max(self.n, 1)
        fourth = s4 - 4 * m * s3 + 6 * m**2 * s2 - 3 * m**3 * s1
        return np.sqrt(np.maximum(fourth - self.variance**2, 0) / max(self.n, 1))


@dataclass(frozen=True, eq=False)
class Drawings:
    """After a block of draws.

    Attributes:
        draws: n. variance, error: of y over fresh x and fresh w, with its standard error.
        fixed_mean, fixed_variance, fixed_error: of FIXED weight vectors that stay, over the same x, (FIXED,) each.
        edges, fresh, fixed: histograms, (BINS + 1,), (BINS,), (FIXED, BINS); what lies outside is in the end bins.
    """

    draws: int
    variance: float
    error: float
    fixed_mean: np.ndarray
    fixed_variance: np.ndarray
    fixed_error: np.ndarray
    edges: np.ndarray
    fresh: np.ndarray
    fixed: np.ndarray

    @property
    def within(self) -> float:
        """Mean over w of Var[y | w]: how much y varies from x to x."""
        return float(self.fixed_variance.mean())

    @property
    def between(self) -> float:
        """Variance over w of E[y | w], less what the means' own standard errors add: from w to w."""
        noise = float(np.mean(self.fixed_variance)) / max(self.draws, 1)
        return float(self.fixed_mean.var(ddof=1)) - noise


class OneLayer:
    """An endless iterator of `Drawings`, a block of draws for each.

        y = x^T w,  x = ReLU(z),  z ~ N(0, I_d),  w ~ N(0, sigma^2 I_d)
        Var[y] = E[Var[y | w]] + Var[E[y | w]] = d sigma^2 (1/2 - 1/(2 pi)) + d sigma^2 / (2 pi) = d sigma^2 / 2

    Args:
        d: inputs. sigma: standard deviation of a weight. seed: of all draws. block: draws for an event.

    Attributes:
        w: the fixed weights, (d, FIXED). law: d sigma^2 / 2. fixed_law: of each fixed w, ||w||^2 (1/2 - 1/(2 pi)).
        trail: (draws, variance, error) now and then, ever less often.

    Raises:
        SettingError: d or block is no whole number of at least 1, sigma not finite and above 0.
    """

    _blocks: int
    _tallies: tuple[Tally, Tally]
    _counts: tuple[np.ndarray, np.ndarray]

    def __init__(self, d: int = 128, sigma: float = 0.125, seed: int = 0, block: int = 256) -> None:
        self.d, self.block = check_count("d", d, high=4096), check_count("block", block)
        self.seed = rng.check_seed(seed)
        self.sigma = check_scale(sigma, "sigma")
        self._unit = rng.normals(self.seed, (self.d, FIXED), 1)
        self.change()

    def __iter__(self) -> Iterator[Drawings]:
        return self

    def __next__(self) -> Drawings:
        place = self._blocks = self._blocks + 1
        # A block's number takes the place of the layer in the addresses of its bits; after 65,536 comes the next key.
        key, place, shape = (self._key + (place >> 16)) % 2**64, place % 2**16, (self.block, self.d)
        with one_blas_thread():
            x = relu(rng.normals(key, shape, place, rng.NOISE))[0]
            w = self.sigma * rng.normals(key, shape, place)
            fresh, fixed = np.einsum("nd,nd->n", x, w)[:, None], x @ self.w
        for tally, counts, y in zip(self._tallies, self._counts, (fresh, fixed), strict=True):
            tally.add(y)
            bins = np.clip((y - self.edges[0]) / (self.edges[1] - self.edges[0]), 0, BINS - 1).astype(np.int64)
            counted = np.bincount((bins + BINS * np.arange(y.shape[1])).ravel(), minlength=counts.size)
            counts += counted.reshape(counts.shape)
        self._keep_trail()
        return self.seen

    def change(self, **changes: Any) -> None:
        """Take another `sigma`, and count from 0: the same draws, at another scale.

        Raises:
            SettingError: another name, or a sigma that is not finite and above 0; nothing was changed.
        """
        if unknown := sorted(set(changes) - {"sigma"}):
            raise SettingError(f"{', '.join(unknown)} cannot be changed. Change sigma, or make another OneLayer.")
        self.sigma = check_scale(changes.get("sigma", self.sigma), "sigma")
        self.w = self.sigma * self._unit
        self.law, self.fixed_law = one_layer_variance(self.d, self.sigma), fixed_weights_variance(self.w)
        reach = WIDTH * math.sqrt(self.law)
        self.edges = np.linspace(-reach, reach, BINS + 1)
        self._key = (self.seed + 2**63) % 2**64  # other bits than those of the fixed weights
        self._blocks, self._tallies = 0, (Tally(1), Tally(FIXED))
        self._counts = (np.zeros((1, BINS), np.int64), np.zeros((FIXED, BINS), np.int64))
        self.trail: list[tuple[int, float, float]] = []

    @property
    def seen(self) -> Drawings:
        """What was drawn so far."""
        fresh, fixed = self._tallies
        return Drawings(
            fresh.n, float(fresh.variance[0]), float(fresh.variance_error[0]), fixed.mean, fixed.variance,
            fixed.variance_error, self.edges, self._counts[0][0].copy(), self._counts[1].copy(),
        )  # fmt: skip

    def _keep_trail(self) -> None:
        tally = self._tallies[0]
        if not self.trail or tally.n >= 1.05 * self.trail[-1][0]:
            self.trail.append((tally.n, float(tally.variance[0]), float(tally.variance_error[0])))
