"""Dropout on the inputs of least squares is ridge regression, for any data: the closed forms.

    inverted   E ||y - (R*X) w / p||^2 = ||y - X w||^2   + (1-p)/p ||G w||^2
    plain      E ||y - (R*X) w||^2     = ||y - p X w||^2 + p(1-p)  ||G w||^2

R is a mask of N x D entries, each kept (1) with probability p; G is diagonal, with the norms of X's columns. A plain w
times p is an inverted w: both are the ridge solution with Gamma = sqrt((1-p)/p) G.

Source: EECS182 homework 4, problem 2; Srivastava et al. 2014, section 9.1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.blas import one_blas_thread
from lab.checks import as_array, check_finite, check_keep, check_matrix
from lab.errors import KeepProbabilityError, SettingError, ShapeError


@dataclass(frozen=True)
class Objective:
    """The expected loss at T places: fit to the data, and what dropout adds; (T,) each, in the unit of y^2."""

    fit: np.ndarray
    penalty: np.ndarray

    @property
    def total(self) -> np.ndarray:
        return self.fit + self.penalty


def check_samples(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, D) and y (N,) as float64, or raise `ShapeError` or `NotFiniteError`."""
    X = np.asarray(check_matrix("X", X), np.float64)
    y = as_array("y", y).astype(np.float64)
    if y.shape != X.shape[:1]:
        raise ShapeError(f"y has shape {y.shape}, but X has {len(X)} rows. Give one number a row: ({len(X)},).")
    return X, check_finite("y", y)


def least_squares(X: Any, y: Any) -> np.ndarray:
    """The shortest of all w that make ||y - X w||^2 least, (D,).

    Raises:
        ShapeError, NotFiniteError: X is no matrix of finite numbers, or y does not fit it.
    """
    X, y = check_samples(X, y)
    with one_blas_thread():
        return np.linalg.lstsq(X, y, rcond=None)[0]


def column_norms(X: Any) -> np.ndarray:
    """The diagonal of G: ||X_j|| for every column, (D,)."""
    return np.linalg.norm(np.asarray(check_matrix("X", X), np.float64), axis=0)


def gamma(X: Any, keep: float) -> np.ndarray:
    """The diagonal of Gamma, (D,): what dropout penalizes, ||Gamma w||^2.

        Gamma_jj = sqrt((1-p)/p) ||X_j||

    Raises:
        KeepProbabilityError: keep is not in (0, 1].
    """
    p = check_keep(keep)
    return np.sqrt((1 - p) / p) * column_norms(X)


def dropout_objective(X: Any, y: Any, w: Any, keep: float, inverted: bool = True) -> Objective:
    """Fit and penalty at w, (D,) or (T, D): the expected squared error over all masks, summed over the samples.

    Raises:
        KeepProbabilityError, ShapeError, NotFiniteError: what is not allowed, and what is.
    """
    (X, y), p = check_samples(X, y), check_keep(keep)
    w = np.atleast_2d(as_array("w", w).astype(np.float64))
    if w.shape[1:] != X.shape[1:]:
        raise ShapeError(f"w has shape {w.shape}, but X has {X.shape[1]} columns. Give (T, {X.shape[1]}).")
    w = w if inverted else p * w  # (p w) takes the place of w in both terms
    with one_blas_thread():
        fit = ((y - w @ X.T) ** 2).sum(axis=1)
    return Objective(fit, ((gamma(X, p) * w) ** 2).sum(axis=1))


def dropout_solution(X: Any, y: Any, keep: float, inverted: bool = True) -> np.ndarray:
    """Where the expected loss is least, (D,); the shortest such w where there are several.

        (X'X + Gamma^2) w = X'y          (plain: that w divided by p)

    It is solved as least squares of X over Gamma against y over 0, which loses fewer digits than X'X.

    Raises:
        KeepProbabilityError, ShapeError, NotFiniteError: what is not allowed, and what is.
    """
    X, y = check_samples(X, y)
    w = least_squares(np.vstack((X, np.diag(gamma(X, keep)))), np.concatenate((y, np.zeros(X.shape[1]))))
    return w if inverted else w / check_keep(keep)


def effective_data(X: Any, keep: float) -> np.ndarray:
    """X~ = X Gamma^-1, (N, D), for which the penalty is plain ||v||^2 with v = Gamma w.

    Every column of it has the norm sqrt(p / (1-p)): dropout sees features as if they had been normalized, which is
    what batch normalization does.

    Raises:
        KeepProbabilityError: keep is 1 (nothing is penalized) or not in (0, 1].
        SettingError: a column holds only zeros. ShapeError, NotFiniteError: X is no matrix of finite numbers.
    """
    if check_keep(keep) == 1:
        raise KeepProbabilityError("keep = 1 drops nothing, so Gamma = 0 has no inverse. Give a value below 1.")
    diagonal = gamma(X, keep)
    if not diagonal.all():
        column = int(np.argmin(diagonal != 0)) + 1
        raise SettingError(f"column {column} of X holds only zeros, so Gamma has no inverse. Leave that column out.")
    return np.asarray(X, np.float64) / diagonal
