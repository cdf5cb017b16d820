"""Stochastic gradient descent on a flat vector."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np


def sgd(params: np.ndarray, grad: np.ndarray, delta: float) -> None:
    """One step against the gradient, in place.

        W <- W - delta grad

    Args:
        params: flat, changed. grad: flat, same layout; used up as scratch, so that nothing is allocated.
        delta: step size, > 0.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # weights that overflow are said in words, in the next round
        np.multiply(grad, grad.dtype.type(delta), out=grad)
        np.subtract(params, grad, out=params)


def squares(grad: np.ndarray) -> float:
    """Sum of the squares of a gradient, or of a slice of it; inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.dot(grad, grad))


def blend(old: np.ndarray, new: np.ndarray, share: float) -> None:
    """old <- old + share (new - old), in place; `new` is used up as scratch."""
    with np.errstate(over="ignore", invalid="ignore"):
        np.subtract(new, old, out=new)
        np.multiply(new, new.dtype.type(share), out=new)
        np.add(old, new, out=old)


class Update(NamedTuple):
    """What the end of a round does to vectors, or to slices of them: the functions above, or compiled ones."""

    squares: Callable[[np.ndarray], float]
    sgd: Callable[[np.ndarray, np.ndarray, float], None]
    blend: Callable[[np.ndarray, np.ndarray, float], None]


@cache
def update_by(backend: str, real: Callable[[float], Any]) -> Update:
    """`Update` of a backend, by its name, and a dtype's scalar type; compiled weights have the bits of NumPy's."""
    if backend != "cpu":
        return Update(squares, sgd, blend)
    from lab.kernels.cpu import update

    return Update(
        update.squares,
        lambda params, grad, delta: update.descend(params, grad, real(delta)),
        lambda old, new, share: update.blend(old, new, real(share)),
    )
