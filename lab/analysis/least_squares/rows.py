"""One sample under all of its dropout masks: the rows that least squares sees, and what is expected over them."""

from typing import Any

import numpy as np

from lab.checks import as_array, check_count, check_finite, check_keep
from lab.errors import SettingError, ShapeError

MOST = 8  # features: 2^8 masks are looked at one by one
STABLE = 0.9  # of the bound: on the bound itself a step would go from one side to the other for ever


class MaskRows:
    """All 2^D rows that dropout makes of one sample, for P values of p at once.

        inverted   row_m = x m / p          plain   row_m = x m          probability_m = p^kept (1-p)^dropped
        loss(w) = sum over m of probability_m (row_m . w - y)^2

    Bit j of a row's number says that feature j is dropped: [10, 1] at p = 1/2 gives [20, 2], [0, 2], [20, 0], [0, 0].

    Args:
        x: the sample, (D,). y: its target. keep: p, a number or (P,). inverted: divide by p.

    Attributes:
        x, y, keep: as given, keep (P,). rows: (P, R, D) with R = 2^D. probability: (P, R).

    Raises:
        KeepProbabilityError, SettingError, ShapeError, NotFiniteError: what is not allowed, and what is.

    Source: EECS182 homework 4, problem 1; Srivastava et al. 2014, section 9.1.
    """

    def __init__(self, x: Any, y: float, keep: Any, inverted: bool = True) -> None:
        self.x, target = as_array("x", x).astype(np.float64), as_array("y", y).astype(np.float64)
        if self.x.ndim != 1 or not 1 <= len(self.x) <= MOST:
            raise ShapeError(f"x has shape {self.x.shape}. Give the 1 to {MOST} features of one sample.")
        check_finite("x", self.x)
        if target.ndim:
            raise ShapeError(f"y has shape {target.shape}. Give one number, the target of the sample.")
        self.y = float(check_finite("y", target[None])[0])
        if not self.x.any():
            raise SettingError("x holds only zeros, and no weight could be learned. Give one number that is not 0.")
        self.keep = np.array([check_keep(p) for p in np.atleast_1d(keep).tolist()])
        self.inverted = bool(inverted)
        self.kept = (np.arange(2 ** len(self.x))[:, None] >> np.arange(len(self.x))) & 1 == 0  # (R, D)
        p = self.keep[:, None, None]
        self.probability = np.where(self.kept, p, 1 - p).prod(axis=2)
        self.rows = np.where(
            self.kept, self.x / p if inverted else np.broadcast_to(self.x, (len(p), 1, len(self.x))), 0
        )

    def loss(self, w: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Mean squared error at w (P, D), expected or with the weights of a batch (P, R): (P,)."""
        return (self._weights(weights) * self._errors(w) ** 2).sum(axis=1)

    def gradient(self, w: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Of `loss` by w: 2 sum of weight (row . w - y) row, (P, D)."""
        return 2 * ((self._weights(weights) * self._errors(w))[:, :, None] * self.rows).sum(axis=1)

    def solution(self) -> np.ndarray:
        """Where the expected loss is least, (P, D): weighted least squares over the rows, with the shortest w."""
        scale = np.sqrt(self.probability)
        pairs = zip(self.rows * scale[:, :, None], self.y * scale, strict=True)
        return np.array([np.linalg.lstsq(rows, y, rcond=None)[0] for rows, y in pairs])

    def hessian(self) -> np.ndarray:
        """Of the expected loss, the same everywhere: 2 sum of probability row row', (P, D, D)."""
        return 2 * np.einsum("pr,pri,prj->pij", self.probability, self.rows, self.rows)

    def curvature(self) -> np.ndarray:
        """Eigenvalues of the Hessian, rising, (P, D): along them a step multiplies what is left by 1 - delta h."""
        return np.linalg.eigvalsh(self.hessian())

    def above_least(self, w: np.ndarray, which: int = 0) -> np.ndarray:
        """Expected loss less its least value, at many w (..., D) for one of the p: (w - w*)' H (w - w*) / 2, (...)."""
        off = w - self.solution()[which]
        return np.einsum("...i,ij,...j->...", off, self.hessian()[which], off) / 2

    def stable(self) -> np.ndarray:
        """Bound of the step size, (P,): below it no batch, whatever masks it draws, throws w away from its own optimum.

        delta < 1 / max over m of ||row_m||^2
        """
        return 1 / (self.rows**2).sum(axis=2).max(axis=1)

    def drawn(self, uniform: np.ndarray) -> np.ndarray:
        """Weights of the rows in a batch, (P, R): the share of its samples that drew each mask.

        Args:
            uniform: 32-bit words, (B, D): feature j is kept iff its word is below floor(p 2^32). All p take the same.
        """
        bars = (self.keep * 2.0**32).astype(np.uint64)
        dropped = uniform[None, :, :] >= bars[:, None, None]  # (P, B, D)
        number = (dropped << np.arange(len(self.x))).sum(axis=2)  # (P, B)
        R = len(self.kept)
        counts = np.bincount((number + R * np.arange(len(bars))[:, None]).ravel(), minlength=R * len(bars))
        return counts.reshape(len(bars), R) / len(uniform)

    def _weights(self, weights: np.ndarray | None) -> np.ndarray:
        return self.probability if weights is None else weights

    def _errors(self, w: np.ndarray) -> np.ndarray:
        return (self.rows @ w[:, :, None])[:, :, 0] - self.y  # (P, R)


def equal_shares(x: Any, y: float, keep: Any, inverted: bool = True) -> np.ndarray:
    """The solution of `MaskRows` in closed form, for p < 1, (P, D): every term x_j w_j gives the same share of y.

        x_j w_j = y p / (1 + (D - 1) p)         (inverted; plain: divided by p)

    For p -> 1 a term tends to y / D, which is not the shortest solution at p = 1: that one has w along x.

    Raises:
        as `MaskRows`; SettingError: a feature is 0, or p is 1.
    """
    made = MaskRows(x, y, keep, inverted)
    p, D = made.keep[:, None], check_count("features", len(made.x), high=MOST)
    if (made.x == 0).any() or (made.keep == 1).any():
        raise SettingError("x has a feature of 0, or keep is 1: the solution is not unique. Give keep < 1 and no 0.")
    share = made.y * p / (1 + (D - 1) * p)
    return share / made.x if inverted else share / p / made.x
