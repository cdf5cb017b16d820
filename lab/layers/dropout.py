"""Inverted dropout (Srivastava et al. 2014, section 10). `keep` is the probability of keeping a unit."""

import numpy as np

from lab.checks import check_keep
from lab.errors import ShapeError
from lab.rng import keep_threshold


def dropout(x: np.ndarray, keep: float, bits: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Keep every input with probability `keep`, and divide what stays by `keep`.

        mask = 1 where bits < floor(keep 2^32), else 0
        y    = x mask / keep,      so that E[y] = x

    In test mode there is nothing to do: the layer is the identity, because the division already
    happened in training.

    Args:
        x: inputs, (N, D).
        keep: probability of keeping an input, in (0, 1]; 1 switches dropout off.
        bits: random words of `lab.rng.words`, uint32 (N, D); None is allowed at keep = 1.

    Returns:
        y, (N, D), and the scaled mask mask / keep, (N, D), which `dropout_grad` takes.

    Raises:
        KeepProbabilityError: keep is not in (0, 1].
        ShapeError: bits has not the shape of x.

    Source: Srivastava et al. 2014, section 10, eq. for multiplicative noise with mean 1.
    """
    keep = check_keep(keep)
    if keep == 1.0:
        return x, np.ones_like(x)
    if bits is None or bits.shape != x.shape:
        given = None if bits is None else bits.shape
        raise ShapeError(
            f"bits has shape {given}, but x has {x.shape}: one random word a unit. Draw them with lab.rng.words."
        )
    scale = x.dtype.type(1.0 / keep)
    scaled_mask = (bits < keep_threshold(keep)) * scale
    return x * scaled_mask, scaled_mask


def dropout_grad(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """Gradient of `dropout` at the mask of its forward pass: dx = dy mask / keep."""
    return dy * cache
