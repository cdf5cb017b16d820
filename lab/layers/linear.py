"""Linear layer: rows are samples, W is (d_in, d_out), the bias is optional."""

import numpy as np

from lab.errors import ShapeError


def linear(
    x: np.ndarray, W: np.ndarray, b: np.ndarray | None = None
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Weighted sums of the inputs.

        z = x W + b

    Args:
        x: inputs, (N, d_in).
        W: weights, (d_in, d_out).
        b: bias, (d_out,), or None.

    Returns:
        z, (N, d_out), and the cache that `linear_grad` takes.

    Raises:
        ShapeError: x, W and b do not fit each other.
    """
    if x.ndim != 2 or x.shape[1] != len(W):
        raise ShapeError(f"x has shape {x.shape}, but W with shape {W.shape} needs (N, {len(W)}): one row a sample.")
    if b is not None and b.shape != (W.shape[1],):
        raise ShapeError(f"b has shape {b.shape}, but W with shape {W.shape} needs ({W.shape[1]},).")
    z = x @ W
    return (z if b is None else z + b), (x, W)


def linear_grad(dz: np.ndarray, cache: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradient of `linear`.

        dx = dz W^T,  dW = x^T dz,  db = sum over rows of dz

    Returns:
        dx, (N, d_in); dW, (d_in, d_out); db, (d_out,).
    """
    x, W = cache
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
