"""Losses: the mean over the rows of a batch, each with its gradient right below.

The cross-entropies start from the logits z, not from probabilities: log(sigmoid(z)) and
log(softmax(z)) are then taken without ever forming a probability of 0, so logits of +-1000 give
a finite loss and the well-known gradient y - t.
"""

import numpy as np

from lab.errors import ShapeError
from lab.layers.activations import sigmoid, softmax


def l2(y: np.ndarray, t: np.ndarray) -> float:
    """Squared error.

        L = 1/N sum over rows of ||y - t||^2

    Args:
        y, t: outputs and targets, (N, C) each.

    Raises:
        ShapeError: the shapes differ (broadcasting (N, 1) against (N,) would hide it).
    """
    _check_same_shape(y, t)
    return float(((y - t) ** 2).sum() / len(y))


def l2_grad(y: np.ndarray, t: np.ndarray) -> np.ndarray:
    """dL/dy = 2/N (y - t), (N, C)."""
    _check_same_shape(y, t)
    return (y - t) * y.dtype.type(2 / len(y))


def binary_cross_entropy(z: np.ndarray, t: np.ndarray) -> float:
    """Cross-entropy of sigmoid(z) against labels 0 or 1.

        L = 1/N sum of max(z, 0) - z t + log(1 + exp(-|z|))

    Args:
        z: logits, (N, 1).
        t: labels, (N,).

    Source: -t log y - (1-t) log(1-y) with y = sigmoid(z), written so that exp never overflows.
    """
    z = _one_column(z, t)
    return float((np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean(dtype=np.float64))


def binary_cross_entropy_grad(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """dL/dz = (sigmoid(z) - t) / N, (N, 1): the sigmoid's own gradient is already inside."""
    y, _ = sigmoid(_one_column(z, t))
    return ((y - t.astype(z.dtype)) / z.dtype.type(len(z)))[:, None]


def softmax_cross_entropy(z: np.ndarray, t: np.ndarray) -> float:
    """Cross-entropy of softmax(z) against labels.

        L = 1/N sum of log(sum_k exp(z_k)) - z_t,     shifted by max z to stay finite

    Args:
        z: logits, (N, C).
        t: labels 0 .. C - 1, (N,).
    """
    _check_rows(z, t)
    shifted = z - z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float((log_sum - shifted[np.arange(len(t)), t]).mean(dtype=np.float64))


def softmax_cross_entropy_grad(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """dL/dz = (softmax(z) - onehot(t)) / N, (N, C): the softmax's own gradient is already inside."""
    _check_rows(z, t)
    dz, _ = softmax(z)
    dz[np.arange(len(t)), t] -= 1
    return dz / z.dtype.type(len(t))


def _check_same_shape(y: np.ndarray, t: np.ndarray) -> None:
    if y.shape != t.shape:
        raise ShapeError(f"outputs have shape {y.shape}, but targets {t.shape}. Give both as (N, C).")


def _check_rows(z: np.ndarray, t: np.ndarray) -> None:
    if z.ndim != 2 or t.shape != (len(z),):
        raise ShapeError(f"logits have shape {z.shape} and labels {t.shape}, but (N, C) and (N,) are needed.")


def _one_column(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    _check_rows(z, t)
    if z.shape[1] != 1:
        raise ShapeError(f"binary cross-entropy takes one logit a row, but z has shape {z.shape}.")
    return z[:, 0]
