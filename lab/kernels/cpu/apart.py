"""What follows a product in a layer, pass by pass: the way that a library of layers goes, beside the lab's fused one.

    z = a W,   out = Dropout(BatchNorm(ReLU(z)))            for every entry some ten operations, and a few moves

Each of the six passes below is as fast as a loop can be, and waits for the memory: together they move ten numbers
for each entry of z, and compute little. `fused` does the same in one pass over blocks of columns that stay in the cache
(`lab.kernels.cpu.hidden`); it moves three, and no mask is ever stored.

    pass          relu   mean   variance   normalize   draw   drop   all   fused
    moves          2      1        1           2        1      3     10      3
"""

import numpy as np

from lab.kernels.cpu import hidden
from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.philox import SPAN, draw_scales

MOVES = {"ReLU": 2, "mean": 1, "variance": 1, "normalize": 2, "draw mask": 1, "drop": 3}  # reads and writes an entry
FUSED_MOVES = 3  # z is read and written, out is written


@kernel
def relu(z):
    """z <- max(z, 0), in place."""
    zero = z.dtype.type(0)
    for r in range(z.shape[0]):
        for c in range(z.shape[1]):
            z[r, c] = zero if z[r, c] < zero else z[r, c]  # NaN stays NaN


@kernel
def column_mean(z, mean):
    """mean <- mean of each column of z."""
    mean[:] = 0
    for r in range(z.shape[0]):
        for c in range(z.shape[1]):
            mean[c] += z[r, c]
    for c in range(z.shape[1]):
        mean[c] /= z.shape[0]


@kernel
def column_variance(z, mean, var):
    """var <- population variance of each column of z, around its mean."""
    var[:] = 0
    for r in range(z.shape[0]):
        for c in range(z.shape[1]):
            centred = z[r, c] - mean[c]
            var[c] += centred * centred
    for c in range(z.shape[1]):
        var[c] /= z.shape[0]


@kernel
def normalize(z, gamma, beta, mean, var, eps, lines, y):
    """y <- gamma (z - mean) / sqrt(var + eps) + beta. lines: (2, D), scratch."""
    factor, shift = lines[0], lines[1]
    for c in range(z.shape[1]):
        factor[c] = gamma[c] / np.sqrt(var[c] + eps)
        shift[c] = beta[c] - mean[c] * factor[c]
    for r in range(z.shape[0]):
        for c in range(z.shape[1]):
            y[r, c] = z[r, c] * factor[c] + shift[c]


@kernel
def draw(scales, rows, mask, scale, line):
    """scales <- 1 / keep where a unit is kept, else 0: the mask as a matrix of its own. line: (SPAN,), scratch."""
    n, width = scales.shape
    for r in range(n):
        for first in range(0, width, SPAN):
            size = min(SPAN, width - first)
            draw_scales(line, first, size, rows[r], mask, scale)
            scales[r, first : first + size] = line[:size]


@kernel
def drop(y, scales, out):
    """out <- y scales, entry by entry."""
    for r in range(y.shape[0]):
        for c in range(y.shape[1]):
            out[r, c] = y[r, c] * scales[r, c]


@kernel
def fused(z, out, gamma, beta, mean, var, eps, rows, mask, scale, lines, sums, counters):
    """All of the above in one pass: `hidden.forward` over the blocks of columns. Scratch: `hidden.scratch`.

    z and out may be wider than gamma; see `passes.row_length`.
    """
    for block in range((len(gamma) + SPAN - 1) // SPAN):
        hidden.forward(
            z, out, gamma, beta, gamma[:0], mean, var, block, True, eps, rows, mask, scale, lines, sums, counters
        )
