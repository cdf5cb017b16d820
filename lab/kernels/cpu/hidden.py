"""What stands between two products of NN4, fused: ReLU, batch normalization and the next dropout.

Everything here works on one block of BLOCK columns, because a feature's statistics need all rows but no
other column: a block is read in a few passes while it is in the cache, and blocks can be interleaved with
other work. Masks are drawn again in the backward pass instead of being stored.

Sums over rows are collected in float32 for a few rows and then added up in float64: a round over the
whole training set has 60,000 rows, where a plain float32 sum would lose three digits.
"""

import numpy as np

from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.philox import BLOCK, ON, draw_scales

ROWS = 64  # rows of a partial sum in the dtype of the data


@kernel
def forward(z, a, gamma, beta, bias, mean, var, block, batchnorm, eps, rows, mask, scale):
    """z <- ReLU(z + bias) in place, batch statistics, a <- Dropout(BatchNorm(z)), for one block.

    Args:
        z: weighted sums (N, D), left as ReLU's output for the backward pass.
        a: written: the dropped input of the next layer, (N, D).
        gamma, beta: (D,). bias: (D,), or (0,) where there is none.
        mean, var: written where batchnorm is on: batch mean and population variance, (D,).
        rows: the samples' rows in the data set, (N,). mask, scale: see `draw_scales`.
    """
    n, width = z.shape
    lo = block * BLOCK
    hi = min(lo + BLOCK, width)
    size = hi - lo
    zero = z.dtype.type(0)
    offset, factor = np.zeros(BLOCK, z.dtype), np.ones(BLOCK, z.dtype)
    shift, scales = np.zeros(BLOCK, z.dtype), np.ones(BLOCK, z.dtype)
    if len(bias) > 0:
        offset[:size] = bias[lo:hi]

    for r in range(n):
        line = z[r, lo:hi]
        for c in range(size):
            value = line[c] + offset[c]
            line[c] = zero if value < zero else value  # NaN stays NaN

    if batchnorm:
        _mean(z, lo, hi, mean)
        _variance(z, lo, hi, mean, var)
        for c in range(size):
            factor[c] = gamma[lo + c] / np.sqrt(var[lo + c] + eps)
            shift[c] = beta[lo + c] - mean[lo + c] * factor[c]

    for r in range(n):
        if mask[ON]:
            draw_scales(scales, block, rows[r], mask, scale)
        line, out = z[r, lo:hi], a[r, lo:hi]
        for c in range(size):
            out[c] = (line[c] * factor[c] + shift[c]) * scales[c]


@kernel
def backward(z, da, gamma, mean, var, dgamma, dbeta, dbias, block, batchnorm, eps, rows, mask, scale):
    """z <- dz in place: back through Dropout, BatchNorm and ReLU, for one block.

    With x_hat = (z - mean) rstd and dy = da mask / keep:
        dgamma = sum dy x_hat,  dbeta = sum dy
        dz     = [z > 0] gamma rstd (dy - dbeta / N - x_hat dgamma / N)

    Args:
        z: ReLU's output of `forward`, (N, D); becomes the gradient by the weighted sums.
        da: gradient by the dropped activations, (N, D); used up.
        dgamma, dbeta: written (zeros where batchnorm is off), (D,). dbias: (D,), or (0,).
    """
    n, width = z.shape
    lo = block * BLOCK
    hi = min(lo + BLOCK, width)
    size = hi - lo
    zero, one = z.dtype.type(0), z.dtype.type(1)
    scales = np.ones(BLOCK, z.dtype)
    sum_dy, sum_dy_x_hat = np.zeros(BLOCK), np.zeros(BLOCK)
    part_dy, part_dy_x_hat = np.zeros(BLOCK, z.dtype), np.zeros(BLOCK, z.dtype)
    centre, rstd = np.zeros(BLOCK, z.dtype), np.ones(BLOCK, z.dtype)
    if batchnorm:
        for c in range(size):
            centre[c] = mean[lo + c]
            rstd[c] = one / np.sqrt(var[lo + c] + eps)

    for first in range(0, n, ROWS):
        part_dy[:] = 0
        part_dy_x_hat[:] = 0
        for r in range(first, min(first + ROWS, n)):
            if mask[ON]:
                draw_scales(scales, block, rows[r], mask, scale)
            line, grad = z[r, lo:hi], da[r, lo:hi]
            if batchnorm:
                for c in range(size):
                    dy = grad[c] * scales[c]
                    grad[c] = dy
                    part_dy[c] += dy
                    part_dy_x_hat[c] += dy * ((line[c] - centre[c]) * rstd[c])
            else:
                for c in range(size):
                    dy = grad[c] * scales[c] if line[c] > zero else zero
                    line[c] = dy
                    part_dy[c] += dy
        for c in range(size):
            sum_dy[c] += part_dy[c]
            sum_dy_x_hat[c] += part_dy_x_hat[c]

    for c in range(size):
        dgamma[lo + c] = sum_dy_x_hat[c] if batchnorm else 0
        dbeta[lo + c] = sum_dy[c] if batchnorm else 0
        if len(dbias) > 0:
            dbias[lo + c] = sum_dy[c]
    if not batchnorm:
        return

    # dz = factor dy + slope z + offset, with the three numbers of each feature taken out of the loop.
    factor, slope, offset = np.empty(BLOCK, z.dtype), np.empty(BLOCK, z.dtype), np.empty(BLOCK, z.dtype)
    for c in range(size):
        factor[c] = gamma[lo + c] * rstd[c]
        slope[c] = -factor[c] * rstd[c] * (sum_dy_x_hat[c] / n)
        offset[c] = -factor[c] * (sum_dy[c] / n) - slope[c] * centre[c]
    for r in range(n):
        line, grad = z[r, lo:hi], da[r, lo:hi]
        for c in range(size):
            dz = factor[c] * grad[c] + slope[c] * line[c] + offset[c]
            line[c] = dz if line[c] > zero else zero


@kernel
def forward_test(z, gamma, beta, bias, mean, var, lo, hi, batchnorm, eps):
    """Rows lo to hi of z <- BatchNorm(ReLU(z + bias)) in place, with running statistics and no dropout."""
    width = z.shape[1]
    zero = z.dtype.type(0)
    factor, shift = np.ones(width, z.dtype), np.zeros(width, z.dtype)
    offset = np.zeros(width, z.dtype)
    if len(bias) > 0:
        offset[:] = bias
    if batchnorm:
        for c in range(width):
            factor[c] = gamma[c] / np.sqrt(var[c] + eps)
            shift[c] = beta[c] - mean[c] * factor[c]
    for r in range(lo, hi):
        line = z[r]
        for c in range(width):
            value = line[c] + offset[c]
            value = zero if value < zero else value
            line[c] = value * factor[c] + shift[c]


@kernel
def _mean(z, lo, hi, mean):
    """mean[lo:hi] <- mean over the rows of z[:, lo:hi]."""
    total, part = np.zeros(hi - lo), np.zeros(hi - lo, z.dtype)
    n = len(z)
    for first in range(0, n, ROWS):
        part[:] = 0
        for r in range(first, min(first + ROWS, n)):
            line = z[r, lo:hi]
            for c in range(hi - lo):
                part[c] += line[c]
        for c in range(hi - lo):
            total[c] += part[c]
    for c in range(hi - lo):
        mean[lo + c] = total[c] / n


@kernel
def _variance(z, lo, hi, mean, var):
    """var[lo:hi] <- population variance over the rows of z[:, lo:hi], in a second pass around the mean."""
    total, part = np.zeros(hi - lo), np.zeros(hi - lo, z.dtype)
    centre = mean[lo:hi]
    n = len(z)
    for first in range(0, n, ROWS):
        part[:] = 0
        for r in range(first, min(first + ROWS, n)):
            line = z[r, lo:hi]
            for c in range(hi - lo):
                centred = line[c] - centre[c]
                part[c] += centred * centred
        for c in range(hi - lo):
            total[c] += part[c]
    for c in range(hi - lo):
        var[lo + c] = total[c] / n
