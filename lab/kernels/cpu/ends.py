"""The two ends of a pass: the rows that come in, and the loss that goes back."""

import numpy as np

from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.philox import ON, SPAN, draw_scales


@kernel
def gather(x, index, a, lo, hi, rows, mask, scale, lines):
    """a[lo:hi] <- Dropout(x[index[lo:hi]]): the shuffled rows and their first mask in one pass; a may be wider."""
    width = x.shape[1]
    scales = lines[0]
    scales[:] = 1
    for r in range(lo, hi):
        for first in range(0, width, SPAN):
            size = min(SPAN, width - first)
            if mask[ON]:
                draw_scales(scales, first, size, rows[r], mask, scale)
            source, out = x[index[r], first : first + size], a[r, first : first + size]
            for c in range(size):
                out[c] = source[c] * scales[c]


@kernel
def add_bias(z, bias, lo, hi):
    """z[lo:hi] += bias; nothing where bias is (0,)."""
    if len(bias) > 0:
        for r in range(lo, hi):
            for c in range(z.shape[1]):
                z[r, c] += bias[c]


@kernel
def cross_entropy(z, y, index, lo, hi, factor):
    """Sum of the losses of rows lo to hi; z <- factor dL/dz, with the sigmoid or softmax inside.

    One column: sigmoid and labels 0 or 1. More: softmax. See `lab.losses` for the equations.
    """
    classes = z.shape[1]
    loss = 0.0
    for r in range(lo, hi):
        label = y[index[r]]
        line = z[r]
        if classes == 1:
            e = np.exp(-abs(line[0]))
            loss += max(line[0], 0) - line[0] * label + np.log1p(e)
            probability = (1 if line[0] >= 0 else e) / (1 + e)
            line[0] = factor * (probability - label)
        else:
            largest = line[0]
            for c in range(1, classes):
                largest = max(largest, line[c])
            total = factor * 0
            loss -= line[label] - largest
            for c in range(classes):
                line[c] = np.exp(line[c] - largest)
                total += line[c]
            loss += np.log(total)
            for c in range(classes):
                line[c] *= factor / total
            line[label] -= factor
    return loss


@kernel
def sum_rows(z, out, lo, hi):
    """out (+)= sum of rows lo to hi of z, starting anew at lo = 0; nothing where out is (0,)."""
    if len(out) > 0:
        if lo == 0:
            out[:] = 0
        for r in range(lo, hi):
            for c in range(z.shape[1]):
                out[c] += z[r, c]
