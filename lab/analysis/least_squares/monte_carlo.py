"""The expected loss under dropout by Monte-Carlo, with its standard errors, beside the closed form."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.analysis.least_squares.ridge import (
    check_samples,
    column_norms,
    dropout_objective,
    dropout_solution,
    effective_data,
    least_squares,
)
from lab.blas import one_blas_thread
from lab.checks import check_count, check_keep
from lab.errors import NotFiniteError

PLACES = np.linspace(0.0, 2.0, 21)  # along the ray from 0 through the solution; the middle one is the solution
KEPT_EVERY = 1.15  # of the course of the mean, so many times as many masks after the last point


@dataclass(frozen=True, eq=False)
class ObjectiveSeen:
    """After so many masks: mean of ||y - (R*X) w||^2 at every place, and its standard error, (T,) each."""

    masks: int
    mean: np.ndarray
    standard_error: np.ndarray


class ObjectiveMonteCarlo:
    """An endless iterator of `ObjectiveSeen`s: a block of masks for each event, the same ones at all places t w.

        mean = 1/n sum over masks R of ||y - (R*X) t w||^2,       standard error = deviation / sqrt(n)

    Args:
        X: samples, (N, D). y: targets, (N,). keep: p. inverted: divide by p. seed: of the masks. block: masks an event.

    Attributes:
        w: the solution under dropout, (D,). without: least squares without it. exact: the closed form at all places.
        course: of the mean at the solution, as (masks, mean, standard error), closer together at first.

    Raises:
        KeepProbabilityError, SettingError, ShapeError, NotFiniteError: what is not allowed, and what is.
    """

    def __init__(self, X: Any, y: Any, keep: float, inverted: bool = True, seed: int = 0, block: int = 64) -> None:
        self.X, self.y = check_samples(X, y)
        self.without = least_squares(self.X, self.y)
        self.seed, self.block = rng.check_seed(seed), check_count("block", block)
        self._blocks, self._next = 0, 0.0
        self._sum, self._squares = np.zeros(len(PLACES)), np.zeros(len(PLACES))
        self._begin(keep, inverted)

    def __iter__(self) -> "ObjectiveMonteCarlo":
        return self

    def __next__(self) -> ObjectiveSeen:
        (N, D), p = self.X.shape, self.keep
        words = rng.words(self.seed, np.arange(self.block * N), D, rng.FREE_PASSES + self._blocks)
        self._blocks += 1
        masked = np.where(words.reshape(self.block, N, D) < rng.keep_threshold(p), self.X, 0)
        with one_blas_thread():
            predicted = masked @ (self.w / p if self.inverted else self.w)  # (block, N): at t w it is t times that
        # ||y - t q||^2 for all t at once; less the closed form, so that sums of squares lose no digits
        cross, square = predicted @ self.y, (predicted**2).sum(axis=1)
        loss = self.y @ self.y - 2 * PLACES * cross[:, None] + PLACES**2 * square[:, None]
        off = loss - self.exact.total
        self.masks += self.block
        self._sum += off.sum(axis=0)
        self._squares += (off**2).sum(axis=0)
        seen = self.seen
        if self.masks >= self._next:
            middle = len(PLACES) // 2
            self.course.append((self.masks, seen.mean[middle], seen.standard_error[middle]))
            self._next = KEPT_EVERY * self.masks
        return seen

    def change(self, **changes: Any) -> None:
        """Take another `keep` or `inverted`; masks of before do not count any more."""
        self._begin(changes.get("keep", self.keep), changes.get("inverted", self.inverted))

    @property
    def seen(self) -> ObjectiveSeen:
        """What was seen so far at this p; NaN before the first block."""
        n = self.masks
        if not n:
            unknown = np.full(len(PLACES), np.nan)
            return ObjectiveSeen(0, unknown, unknown)
        off = self._sum / n
        variance = np.maximum(self._squares - n * off**2, 0) / max(n - 1, 1)
        return ObjectiveSeen(n, self.exact.total + off, np.sqrt(variance / n))

    @property
    def norms(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the columns of X, and of X Gamma^-1, (D,) each. Raises as `effective_data`, where keep is 1."""
        return column_norms(self.X), column_norms(effective_data(self.X, self.keep))

    @property
    def off(self) -> np.ndarray:
        """(mean - closed form) / standard error at the places where the loss varies; empty before the first block."""
        seen = self.seen
        varies = seen.standard_error > 1e-12 * max(self.y @ self.y, 1e-300)
        return (seen.mean - self.exact.total)[varies] / seen.standard_error[varies]

    def _begin(self, keep: float, inverted: bool) -> None:
        self.keep, self.inverted = check_keep(keep), bool(inverted)
        self.w = dropout_solution(self.X, self.y, self.keep, self.inverted)
        if not np.isfinite(self.w).all():
            raise NotFiniteError("the solution overflows. Give smaller numbers in X and y.")
        self.exact = dropout_objective(self.X, self.y, PLACES[:, None] * self.w, self.keep, self.inverted)
        self.masks, self._next = 0, 0.0
        self.course: list[tuple[int, float, float]] = []
        self._sum, self._squares = np.zeros(len(PLACES)), np.zeros(len(PLACES))
