"""Batch normalization over the rows of a batch (Ioffe & Szegedy 2015)."""

from typing import NamedTuple

import numpy as np

from lab.errors import ShapeError

EPSILON = 1e-5


class Cache(NamedTuple):
    """What the backward pass and the running statistics need of a forward pass."""

    x_hat: np.ndarray  # (N, D)
    rstd: np.ndarray  # (D,)
    gamma: np.ndarray  # (D,)
    mean: np.ndarray  # (D,)
    var: np.ndarray  # (D,)


def batchnorm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = EPSILON) -> tuple[np.ndarray, Cache]:
    """Normalize every feature over the batch, then scale and shift it.

        mean  = 1/N sum over rows of x
        var   = 1/N sum over rows of (x - mean)^2
        x_hat = (x - mean) / sqrt(var + eps)
        y     = gamma x_hat + beta

    Args:
        x: activations, (N, D).
        gamma, beta: scale and shift, (D,) each.
        eps: added to the population variance, so that a silent unit does not divide by zero.

    Returns:
        y, (N, D), and the cache that `batchnorm_grad` and the running statistics take.

    Raises:
        ShapeError: gamma or beta has not one entry a feature.

    Source: Ioffe & Szegedy 2015, Algorithm 1.
    """
    _check_features(x, gamma, beta)
    mean = x.mean(axis=0)  # (D,)
    var = ((x - mean) ** 2).mean(axis=0)  # (D,)
    rstd = 1 / np.sqrt(var + x.dtype.type(eps))  # (D,)
    x_hat = (x - mean) * rstd  # (N, D)
    return gamma * x_hat + beta, Cache(x_hat, rstd, gamma, mean, var)


def batchnorm_grad(dy: np.ndarray, cache: Cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradient of `batchnorm` through the scale, the mean and the variance.

        dx = gamma rstd (dy - mean(dy) - x_hat mean(dy x_hat))

    Args:
        dy: gradient of the loss by y, (N, D).
        cache: from `batchnorm`.

    Returns:
        dx, (N, D); dgamma and dbeta, (D,) each.

    Source: Ioffe & Szegedy 2015, section 3, with the three terms collected.
    """
    n = len(dy)
    dbeta = dy.sum(axis=0)  # (D,)
    dgamma = (dy * cache.x_hat).sum(axis=0)  # (D,)
    dx = cache.gamma * cache.rstd * (dy - dbeta / n - cache.x_hat * (dgamma / n))  # (N, D)
    return dx, dgamma, dbeta


def batchnorm_test(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, mean: np.ndarray, var: np.ndarray, eps: float = EPSILON
) -> np.ndarray:
    """Batch normalization in test mode: with running statistics instead of the batch's.

        y = gamma (x - mean) / sqrt(var + eps) + beta

    Source: Ioffe & Szegedy 2015, Algorithm 2.
    """
    _check_features(x, gamma, beta)
    return gamma * ((x - mean) / np.sqrt(var + x.dtype.type(eps))) + beta


def _check_features(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> None:
    """Broadcasting would hide a wrong shape: refuse it by name."""
    if x.ndim != 2 or gamma.shape != x.shape[1:] or beta.shape != x.shape[1:]:
        raise ShapeError(
            f"x, gamma and beta have shapes {x.shape}, {gamma.shape} and {beta.shape}, "
            "but (N, D), (D,) and (D,) are needed: one gamma and one beta a feature."
        )
