"""Stochastic gradient descent on a flat vector."""

import numpy as np


def sgd(params: np.ndarray, grad: np.ndarray, delta: float) -> None:
    """One step against the gradient, in place.

        W <- W - delta grad

    Args:
        params: flat, changed. grad: flat, same layout; used up as scratch, so that nothing is allocated.
        delta: step size, > 0.
    """
    np.multiply(grad, grad.dtype.type(delta), out=grad)
    np.subtract(params, grad, out=params)
