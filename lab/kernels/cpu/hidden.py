"""What stands between two products of NN4, fused: ReLU, batch normalization and the next dropout.

Everything here works on one block of SPAN columns, because a feature's statistics need all rows but no
other column: a block is read in a few passes while it is in the second cache, and blocks can be interleaved with
other work. Narrower blocks would fit the first cache, but jump from page to page of the memory with every row.
Masks are drawn again in the backward pass instead of being stored.

A narrow layer (half a block or less) would leave vectors half empty and loops all overhead. So several of its
rows, which follow each other in memory, are taken as one line: `pack` rows of `width` columns.

Sums over rows are collected in the dtype of the data for a few lines and then added up in float64: a round over
the whole training set has 60,000 rows, where a plain float32 sum would lose three digits.

The rows of z and a may lie further apart than a layer is wide, see `passes.shape_table`.

`lines`, `sums` and `counters` are a worker's scratch memory, see `scratch`. What a function keeps in which line is
said where it begins.
"""

import numpy as np

from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.philox import ON, PACKED, SPAN, draw_line, rows_of_a_line

LINES = 64  # lines of a partial sum in the dtype of the data


def scratch(dtype: np.dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scratch memory of one worker: `lines` in the dtype of the data, `sums` in float64, `counters` of masks."""
    return np.empty((6, SPAN), dtype), np.empty((2, SPAN)), np.empty((2, PACKED // 4), np.uint32)


@kernel
def forward(z, a, gamma, beta, bias, mean, var, block, batchnorm, eps, rows, mask, scale, lines, sums, counters):
    """z <- ReLU(z + bias) in place, batch statistics, a <- Dropout(BatchNorm(z)), for one block.

    Args:
        z: weighted sums (N, >= D), left as ReLU's output for the backward pass.
        a: written: the dropped input of the next layer, in the shape of z.
        gamma, beta: (D,). bias: (D,), or (0,) where there is none.
        mean, var: written where batchnorm is on: batch mean and population variance, (D,).
        rows: the samples' rows in the data set, (N,). mask, scale: see `draw_scales`.
    """
    (n, apart), width = z.shape, len(gamma)
    lo = block * SPAN
    size, pack = min(SPAN, width - lo), rows_of_a_line(width)
    factor, shift, scales, part = lines[0, : size * pack], lines[1, : size * pack], lines[2], lines[3]

    _relu_and_mean(z, lo, size, pack, bias, lines[0], mean, batchnorm, part, sums[0])
    factor[:], shift[:], scales[: size * pack] = 1, 0, 1
    if batchnorm:
        _variance(z, lo, size, pack, mean, var, lines[0], part, sums[0])
        for c in range(size):
            factor[c] = gamma[lo + c] / np.sqrt(var[lo + c] + eps)
            shift[c] = beta[lo + c] - mean[lo + c] * factor[c]
        _repeat(factor, size, pack)
        _repeat(shift, size, pack)

    z_flat, a_flat = z.reshape(-1), a.reshape(-1)
    for r in range(0, n, pack):
        count, start = min(pack, n - r), r * apart + lo
        if mask[ON]:
            draw_line(scales, lo, size, pack, rows, r, count, mask, scale, counters)
        line, out = z_flat[start : start + count * size], a_flat[start : start + count * size]
        for c in range(count * size):
            out[c] = (line[c] * factor[c] + shift[c]) * scales[c]


@kernel
def backward(
    z, da, gamma, mean, var, dgamma, dbeta, dbias, block, batchnorm, eps, rows, mask, scale, lines, sums, counters
):  # fmt: skip
    """z <- dz in place: back through Dropout, BatchNorm and ReLU, for one block.

    With x_hat = (z - mean) rstd and dy = da mask / keep:
        dgamma = sum dy x_hat,  dbeta = sum dy
        dz     = [z > 0] gamma rstd (dy - dbeta / N - x_hat dgamma / N)

    Args:
        z: ReLU's output of `forward`, (N, >= D); becomes the gradient by the weighted sums.
        da: gradient by the dropped activations, in the shape of z; used up.
        dgamma, dbeta: written (zeros where batchnorm is off), (D,). dbias: (D,), or (0,).
    """
    (n, apart), width = z.shape, len(gamma)
    lo = block * SPAN
    size, pack = min(SPAN, width - lo), rows_of_a_line(width)
    zero, one = z.dtype.type(0), z.dtype.type(1)
    sum_dy, sum_dy_x_hat = sums[0, :size], sums[1, :size]
    scales, centre, rstd = lines[0], lines[3], lines[4]
    part_dy, part_dy_x_hat = lines[1, : size * pack], lines[2, : size * pack]
    scales[: size * pack] = 1
    sum_dy[:], sum_dy_x_hat[:] = 0, 0
    if batchnorm:
        for c in range(size):
            centre[c] = mean[lo + c]
            rstd[c] = one / np.sqrt(var[lo + c] + eps)
        _repeat(centre, size, pack)
        _repeat(rstd, size, pack)

    z_flat, da_flat = z.reshape(-1), da.reshape(-1)
    for first in range(0, n, LINES * pack):
        part_dy[:], part_dy_x_hat[:] = 0, 0
        for r in range(first, min(first + LINES * pack, n), pack):
            count, start = min(pack, n - r), r * apart + lo
            if mask[ON]:
                draw_line(scales, lo, size, pack, rows, r, count, mask, scale, counters)
            line, grad = z_flat[start : start + count * size], da_flat[start : start + count * size]
            if batchnorm:
                for c in range(count * size):
                    dy = grad[c] * scales[c]
                    grad[c] = dy
                    part_dy[c] += dy
                    part_dy_x_hat[c] += dy * ((line[c] - centre[c]) * rstd[c])
            else:
                for c in range(count * size):
                    dy = grad[c] * scales[c] if line[c] > zero else zero
                    line[c] = dy
                    part_dy[c] += dy
        _add_parts(part_dy, sum_dy, size, pack)
        _add_parts(part_dy_x_hat, sum_dy_x_hat, size, pack)

    for c in range(size):
        dgamma[lo + c] = sum_dy_x_hat[c] if batchnorm else 0
        dbeta[lo + c] = sum_dy[c] if batchnorm else 0
        if len(dbias) > 0:
            dbias[lo + c] = sum_dy[c]
    if not batchnorm:
        return

    # dz = factor dy + slope z + offset, with the three numbers of each feature taken out of the loop.
    factor, slope, offset = lines[0], lines[1], lines[2]
    for c in range(size):
        factor[c] = gamma[lo + c] * rstd[c]
        slope[c] = -factor[c] * rstd[c] * (sum_dy_x_hat[c] / n)
        offset[c] = -factor[c] * (sum_dy[c] / n) - slope[c] * centre[c]
    _repeat(factor, size, pack)
    _repeat(slope, size, pack)
    _repeat(offset, size, pack)
    for r in range(0, n, pack):
        count, start = min(pack, n - r), r * apart + lo
        line, grad = z_flat[start : start + count * size], da_flat[start : start + count * size]
        for c in range(count * size):
            dz = factor[c] * grad[c] + slope[c] * line[c] + offset[c]
            line[c] = dz if line[c] > zero else zero


@kernel
def forward_test(z, gamma, beta, bias, mean, var, lo, hi, batchnorm, eps, lines):
    """Rows lo to hi of z <- BatchNorm(ReLU(z + bias)) in place, with running statistics and no dropout."""
    zero = z.dtype.type(0)
    factor, shift, offset = lines[0], lines[1], lines[2]
    for first in range(0, len(gamma), SPAN):
        size = min(SPAN, len(gamma) - first)
        factor[:], shift[:], offset[:] = 1, 0, 0
        if len(bias) > 0:
            offset[:size] = bias[first : first + size]
        if batchnorm:
            for c in range(size):
                factor[c] = gamma[first + c] / np.sqrt(var[first + c] + eps)
                shift[c] = beta[first + c] - mean[first + c] * factor[c]
        for r in range(lo, hi):
            line = z[r, first : first + size]
            for c in range(size):
                value = line[c] + offset[c]
                value = zero if value < zero else value
                line[c] = value * factor[c] + shift[c]


@kernel
def _repeat(line, size, pack):
    """The first `size` entries of a line, `pack` times."""
    for i in range(1, pack):
        line[i * size : (i + 1) * size] = line[:size]


@kernel
def _add_parts(part, total, size, pack):
    """Add the partial sums of a line's rows to the sums of the columns."""
    for i in range(pack):
        for c in range(size):
            total[c] += part[i * size + c]


@kernel
def _relu_and_mean(z, lo, size, pack, bias, offset, mean, batchnorm, part, total):
    """z <- ReLU(z + bias) in a block of columns, and where batchnorm is on their mean over the rows."""
    zero, (n, apart) = z.dtype.type(0), z.shape
    offset, part, total = offset[: size * pack], part[: size * pack], total[:size]
    offset[:], total[:] = 0, 0
    if len(bias) > 0:
        offset[:size] = bias[lo : lo + size]
        _repeat(offset, size, pack)
    flat = z.reshape(-1)
    for first in range(0, n, LINES * pack):
        part[:] = 0
        for r in range(first, min(first + LINES * pack, n), pack):
            count, start = min(pack, n - r), r * apart + lo
            line = flat[start : start + count * size]
            for c in range(count * size):
                value = line[c] + offset[c]
                value = zero if value < zero else value  # NaN stays NaN
                line[c] = value
                part[c] += value
        _add_parts(part, total, size, pack)
    if batchnorm:
        for c in range(size):
            mean[lo + c] = total[c] / n


@kernel
def _variance(z, lo, size, pack, mean, var, centre, part, total):
    """var[lo:] <- population variance over the rows of a block of columns, in a second pass around the mean."""
    n, apart = z.shape
    part, total = part[: size * pack], total[:size]
    centre[:size] = mean[lo : lo + size]
    _repeat(centre, size, pack)
    total[:] = 0
    flat = z.reshape(-1)
    for first in range(0, n, LINES * pack):
        part[:] = 0
        for r in range(first, min(first + LINES * pack, n), pack):
            count, start = min(pack, n - r), r * apart + lo
            line = flat[start : start + count * size]
            for c in range(count * size):
                centred = line[c] - centre[c]
                part[c] += centred * centred
        _add_parts(part, total, size, pack)
    for c in range(size):
        var[lo + c] = total[c] / n
