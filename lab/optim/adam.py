"""Adam: each entry of a vector takes steps of its own length."""

from typing import Any

import numpy as np

BETA1, BETA2, EPS = 0.9, 0.999, 1e-8  # as the paper has them


def adam(
    params: np.ndarray, grad: np.ndarray, m: np.ndarray, v: np.ndarray, step: int, delta: Any,
    beta1: float = BETA1, beta2: float = BETA2, eps: float = EPS,
) -> None:  # fmt: skip
    """One step against the gradient, in place; m and v are the optimizer's whole state, and begin as zeros.

        m <- beta1 m + (1 - beta1) grad             m_hat = m / (1 - beta1^t)
        v <- beta2 v + (1 - beta2) grad^2           v_hat = v / (1 - beta2^t)
        W <- W - delta m_hat / (sqrt(v_hat) + eps)

    Args:
        params, m, v: of one shape, changed. grad: of the same shape. step: t, from 1.
        delta: step size, > 0: about the way that an entry goes in one step; an array that broadcasts is allowed.

    Source: Kingma & Ba 2015, Algorithm 1.
    """
    m += (1 - beta1) * (grad - m)
    v += (1 - beta2) * (grad * grad - v)
    m_hat = m / (1 - beta1**step)
    v_hat = v / (1 - beta2**step)
    params -= delta * m_hat / (np.sqrt(v_hat) + eps)
