"""What dropout does to the mean of a unit, of a weighted sum, and of ReLU of that sum: moments over many masks."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.blas import one_blas_thread
from lab.checks import check_count, check_finite, check_keep, check_matrix
from lab.errors import ShapeError
from lab.layers import dropout, linear, relu

BINS = 40
WIDTH = 4.0  # standard deviations to both sides of the mean that the histogram of a sum spans


@dataclass(frozen=True, eq=False)
class Moments:
    """Of D quantities over so many passes; arrays are (D,), counts (D, BINS).

    Attributes:
        passes: n. mean: seen. std: of one pass: exact where there is a closed form, else of the sample.
        without: the value without dropout, which the mean may keep or not.
        edges: (D, BINS + 1) of the histograms. counts: passes in each bin; what lies outside is in the end bins.
    """

    passes: int
    mean: np.ndarray
    std: np.ndarray
    without: np.ndarray
    edges: np.ndarray
    counts: np.ndarray

    @property
    def standard_error(self) -> np.ndarray:
        """std / sqrt(n): about 68 % of the means of n passes lie within one of it, all but 0.006 % within four."""
        return self.std / math.sqrt(max(self.passes, 1))

    @property
    def off(self) -> np.ndarray:
        """(mean - without) / standard error, of those quantities that vary at all."""
        varies = self.std > 0
        return (self.mean - self.without)[varies] / self.standard_error[varies]

    def share_within(self, errors: float = 1.0) -> float:
        """Share of the quantities whose mean is within so many standard errors of the value without dropout."""
        off = self.off
        return float(np.mean(np.abs(off) <= errors)) if len(off) else 1.0


@dataclass(frozen=True, eq=False)
class MomentsSeen:
    """After a block of passes: the units Dropout(x), the sums z = Dropout(x) W, and ReLU(z)."""

    passes: int
    unit: Moments
    z: Moments
    relu: Moments


class DropoutMoments:
    """An endless iterator of `MomentsSeen`: one input x, a block of passes for each event.

        inverted   Dropout(x) = x mask / p:   E = x,     Var = x^2 (1-p)/p
        plain      Dropout(x) = x mask:       E = p x,   Var = x^2 p(1-p)
        z = Dropout(x) W:    mean and variance are the sums of those of the units, weighted by W and W^2
        ReLU(z):             E[ReLU(z)] >= ReLU(E[z]), as ReLU is convex (Jensen)

    Args:
        x: one input, (D,). W: weights, (D, M); its columns are sorted by the mean of z over its deviation.
        keep: p. inverted: divide by p in training. seed: of the masks. block: passes for an event.

    Raises:
        KeepProbabilityError, SettingError, ShapeError, NotFiniteError: what is not allowed, and what is.

    Source: Srivastava et al. 2014, section 10.
    """

    def __init__(
        self, x: np.ndarray, W: np.ndarray, keep: float = 0.8, inverted: bool = True, seed: int = 0, block: int = 64
    ) -> None:
        x = np.asarray(x, np.float64)
        W = np.asarray(check_matrix("W", W), np.float64)
        if x.shape != W.shape[:1]:
            raise ShapeError(f"x has shape {x.shape}, but W with shape {W.shape} needs ({len(W)},): one number a row.")
        self.x = check_finite("x", x)
        spread = np.sqrt((x**2) @ W**2)
        self.W = W[:, np.argsort(x @ W / np.where(spread > 0, spread, 1), kind="stable")]
        self.seed, self.block = rng.check_seed(seed), check_count("block", block)
        self.keep, self.inverted = check_keep(keep), bool(inverted)
        self._begin()

    def __iter__(self) -> "DropoutMoments":
        return self

    def __next__(self) -> MomentsSeen:
        passes = np.arange(self._passes, self._passes + self.block)
        self._passes += self.block
        # One sample that passes again and again: its passes take the place of the rows in the masks' addresses.
        bits = rng.words(self.seed, passes, len(self.x), rng.FREE_PASSES) if self.keep < 1 else None
        unit, _ = dropout(np.broadcast_to(self.x, (self.block, len(self.x))), self.keep, bits)
        with one_blas_thread():
            z, _ = linear(unit if self.inverted else unit * self.keep, self.W)
        for tally, values in zip(
            self._tallies, (unit if self.inverted else unit * self.keep, z, relu(z)[0]), strict=True
        ):
            tally.add(values)
        return self.seen

    def change(self, **changes: Any) -> None:
        """Take another `keep` or `inverted`; passes of before do not count any more."""
        self.keep = check_keep(changes.get("keep", self.keep))
        self.inverted = bool(changes.get("inverted", self.inverted))
        self._begin()

    @property
    def seen(self) -> MomentsSeen:
        """What was seen so far at this p."""
        return MomentsSeen(self._passes, *(tally.moments(self._passes) for tally in self._tallies))

    def _begin(self) -> None:
        p, x, z = self.keep, self.x, self.x @ self.W
        kept, var = (1.0, (1 - p) / p) if self.inverted else (p, p * (1 - p))
        top = x / p if self.inverted else x
        std_z = np.sqrt(var * (x**2 @ self.W**2))
        reach = np.maximum(WIDTH * std_z, 1e-9)
        self._passes = 0
        self._tallies = (
            _Tally(x, np.minimum(0, top), np.maximum(0, top), np.abs(x) * math.sqrt(var)),
            _Tally(z, kept * z - reach, kept * z + reach, std_z),
            _Tally(np.maximum(z, 0), np.zeros_like(z), np.maximum(kept * z + reach, 1e-9), None),
        )


def normal_layer(seed: int, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """An input |N(0, 1)|, (inputs,), and weights N(0, 2/inputs), (inputs, outputs), as He et al. 2015 draw them.

    Raises:
        SettingError: a size is below 1.
    """
    inputs, outputs = check_count("inputs", inputs), check_count("outputs", outputs)
    x = np.abs(rng.normals(seed, (1, inputs), 1, rng.NOISE)[0])
    return x, rng.normals(seed, (inputs, outputs), 1) * np.sqrt(2 / inputs)


class _Tally:
    """Sums and histograms of D quantities; std is None where the sample's own is taken."""

    def __init__(self, without: np.ndarray, low: np.ndarray, high: np.ndarray, std: np.ndarray | None) -> None:
        self._without, self._std = without, std
        high = np.where(high > low, high, low + 1)
        self._edges = np.linspace(low, high, BINS + 1, axis=-1)  # (D, BINS + 1)
        self._low, self._scale = low, BINS / (high - low)
        self._total, self._squares = np.zeros(len(without)), np.zeros(len(without))
        self._counts = np.zeros((len(without), BINS), np.int64)

    def add(self, values: np.ndarray) -> None:
        self._total += values.sum(axis=0)
        self._squares += (values**2).sum(axis=0)
        # A value on the last edge, or a rare one outside, belongs to the end bins.
        bins = np.clip((values - self._low) * self._scale, 0, BINS - 1).astype(np.int64)
        place = bins + BINS * np.arange(len(self._without))
        self._counts += np.bincount(place.ravel(), minlength=self._counts.size).reshape(self._counts.shape)

    def moments(self, n: int) -> Moments:
        mean = self._total / max(n, 1)
        std = self._std
        if std is None:
            std = np.sqrt(np.maximum(self._squares - n * mean**2, 0) / max(n - 1, 1))
        return Moments(n, mean if n else self._without, std, self._without, self._edges, self._counts.copy())


def relu_mean_if_normal(mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """E[ReLU(z)] if z were normal, which a sum over many masks nearly is.

    E = mean Phi(mean/std) + std phi(mean/std)
    """
    from scipy.special import ndtr

    safe = np.where(std > 0, std, 1)
    a = mean / safe
    normal = mean * ndtr(a) + safe * np.exp(-(a**2) / 2) / math.sqrt(2 * math.pi)
    return np.where(std > 0, normal, np.maximum(mean, 0))
