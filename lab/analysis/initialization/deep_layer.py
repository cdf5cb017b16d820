"""One layer of a deep network: z = x W, perhaps batchnorm, then the activation; its gradient right below."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lab.layers import (
    batchnorm,
    batchnorm_grad,
    linear,
    linear_grad,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    tanh,
    tanh_grad,
)


def identity(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """No activation, y = z: what is left is a product of matrices."""
    return z, z


def identity_grad(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """dz = dy."""
    return dy


ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., np.ndarray]]] = {
    "relu": (relu, relu_grad),
    "tanh": (tanh, tanh_grad),
    "sigmoid": (sigmoid, sigmoid_grad),
    "linear": (identity, identity_grad),
}


class LayerCache(NamedTuple):
    """What the backward pass of a layer needs of its forward pass; norm is None without batchnorm."""

    linear: tuple[np.ndarray, np.ndarray]
    norm: Any
    activation: np.ndarray
    name: str


class LayerGradient(NamedTuple):
    """Gradients of a layer: by its input, by what its activation gets (delta), and by its parameters."""

    dx: np.ndarray  # (N, d_in)
    delta: np.ndarray  # (N, d_out)
    dW: np.ndarray  # (d_in, d_out)
    db: np.ndarray  # (d_out,)
    dgamma: np.ndarray | None  # (d_out,), as dbeta
    dbeta: np.ndarray | None


def layer(
    x: np.ndarray,
    W: np.ndarray,
    activation: str,
    b: np.ndarray | None = None,
    norm: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, LayerCache]:
    """Linear map, batchnorm before the activation where it is on, activation.

        z = x W + b,   u = BatchNorm(z) or z,   y = activation(u)

    Args:
        x: inputs, (N, d_in). W: weights, (d_in, d_out). activation: a name of ACTIVATIONS. b: bias, (d_out,), or None.
        norm: (gamma, beta), (d_out,) each, or None. NN4 has batchnorm after its ReLU; here it stands where most deep
            networks have it.

    Returns:
        y, (N, d_out), and the cache that `layer_grad` takes.

    Raises:
        ShapeError: x, W, b and norm do not fit each other.

    Source: Ioffe & Szegedy 2015, section 3.2 (the place of batchnorm).
    """
    z, c_linear = linear(x, W, b)
    u, c_norm = batchnorm(z, *norm) if norm is not None else (z, None)
    y, c_activation = ACTIVATIONS[activation][0](u)
    return y, LayerCache(c_linear, c_norm, c_activation, activation)


def layer_grad(dy: np.ndarray, cache: LayerCache) -> LayerGradient:
    """Gradient of `layer`: the same three steps, from the last to the first."""
    delta = ACTIVATIONS[cache.name][1](dy, cache.activation)
    dz, dgamma, dbeta = batchnorm_grad(delta, cache.norm) if cache.norm is not None else (delta, None, None)
    dx, dW, db = linear_grad(dz, cache.linear)
    return LayerGradient(dx, delta, dW, db, dgamma, dbeta)


def rms(x: np.ndarray) -> float:
    """Root mean square, sqrt(mean of x^2); inf where an entry has overflowed. Squares are taken of x / max |x|."""
    top = float(np.max(np.abs(x)))
    if not math.isfinite(top):
        return math.inf
    return top * math.sqrt(float(np.mean((x / top) ** 2))) if top else 0.0


def unit_norm(width: int) -> tuple[np.ndarray, np.ndarray]:
    """gamma = 1 and beta = 0, (width,) each: batchnorm as it begins."""
    return np.ones(width), np.zeros(width)
