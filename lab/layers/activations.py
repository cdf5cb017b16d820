"""Activations: ReLU, sigmoid, softmax and tanh, each with its gradient right below.

The gradients take dy, the gradient of the loss by the output, and give it by the input: they are
applied once, so a loss that already starts from the logits (see `lab.losses`) needs none of them.
"""

import numpy as np


def relu(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rectified linear unit, y = max(z, 0), any shape. The cache is y."""
    y = np.maximum(z, 0)
    return y, y


def relu_grad(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """dz = dy where z > 0, else 0 (at z = 0 the subgradient 0)."""
    return np.where(cache > 0, dy, 0)


def sigmoid(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logistic function, y = 1 / (1 + exp(-z)), any shape. The cache is y.

    The exponential is taken of -|z| only, so logits of +-1000 do not overflow.
    """
    e = np.exp(-np.abs(z))
    y = np.where(z >= 0, 1, e) / (1 + e)
    return y, y


def sigmoid_grad(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """dz = dy y (1 - y)."""
    return dy * cache * (1 - cache)


def softmax(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the classes of each row.

        y_j = exp(z_j - max z) / sum_k exp(z_k - max z)

    Args:
        z: logits, (N, C). Subtracting the largest changes nothing but keeps exp finite.

    Returns:
        y, (N, C), rows sum to 1; the cache is y.
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, y


def softmax_grad(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """Gradient of `softmax`: the Jacobian diag(y) - y y^T applied to each row.

    dz = y (dy - <dy, y>)
    """
    return cache * (dy - (dy * cache).sum(axis=1, keepdims=True))


def tanh(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hyperbolic tangent, any shape. The cache is y."""
    y = np.tanh(z)
    return y, y


def tanh_grad(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """dz = dy (1 - y^2)."""
    return dy * (1 - cache**2)
