"""The kernel that runs a pass of NN4, phase by phase, on flat vectors.

Parameters, gradient, statistics and buffers come as one vector each; `shape` says where the views of
a layer start. That keeps the number of arguments small (a call costs microseconds for each) and lets
one compiled kernel serve every width, with or without batchnorm, dropout and bias.
"""

import numpy as np

from lab.kernels.cpu import ends, hidden
from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.forms import NN, NT, TN
from lab.kernels.cpu.gemm import product
from lab.kernels.cpu.program import GATHER, HIDDEN, HIDDEN_BACK, HIDDEN_TEST, INPUTS, LOSS, OUTPUT, PRODUCT, WEIGHTS
from lab.params import Layout

# Columns of `shape`: sizes of a layer, where its views start (bias: -1 where there is none), and how far
# apart the rows of its input and output lie.
D_IN, D_OUT, W, GAMMA, BETA, BIAS, MEAN, VAR, A, Z, A_APART, Z_APART = range(12)


@kernel
def _matrix(flat, start, rows, columns):
    return flat[start : start + rows * columns].reshape(rows, columns)


@kernel
def _vector(flat, start, size):
    return flat[start : start + size] if start >= 0 else flat[0:0]


@kernel
def run(
    phases, first, last, shape, gemm, batchnorm, eps, x, y, index, rows, masks, scale, factor,
    params, stats, grad, buffer, loss, panel, lines, sums, counters,
):  # fmt: skip
    """Run phases `first` to `last`.

    Args:
        phases: see `program.Program`, (P, 4).
        shape: (layers, 12), see the columns above; A and Z are the buffers of a layer's input and output.
        gemm: which product, see `gemm.NAMES`.
        x, y: the data; index: which of their rows form this batch, (n,); rows: their addresses, (n,).
        masks: a `mask_address` for each layer, (layers, 6); scale: 1 / keep.
        factor: what the gradient of each row's loss is multiplied by (1 / n for the mean).
        params: flat. grad: flat, written, in the same layout.
        stats: flat means and variances: written in training mode, read in test mode.
        buffer: workspace of at least n rows.
        loss: (1,), the sum of the rows' losses is added to it.
        panel: `gemm.workspace_size` entries. lines, sums, counters: see `hidden.scratch`.
    """
    n = len(index)
    for p in range(first, last):
        operation, layer, lo, hi = phases[p]
        s = shape[layer - 1]
        d_in, d_out = s[D_IN], s[D_OUT]
        a = _matrix(buffer, s[A], n, s[A_APART])
        z = _matrix(buffer, s[Z], n, s[Z_APART])
        weights = _matrix(params, s[W], d_in, d_out)

        if operation == GATHER:
            ends.gather(x, index, a, lo, hi, rows, masks[0], scale, lines)
        elif operation in (PRODUCT, WEIGHTS, INPUTS):  # one call for all: its machine code is large
            if operation == PRODUCT:
                form, left, right, out = NN, a[lo:hi], weights, z[lo:hi]
            elif operation == INPUTS:
                form, left, right, out = NT, z[lo:hi], weights, a[lo:hi]
            else:
                form, left, right, out = TN, a[lo:hi], z[lo:hi], _matrix(grad, s[W], d_in, d_out)
            product(gemm, form, left, right, out, operation == WEIGHTS and lo > 0, panel)
        elif operation == LOSS:
            ends.add_bias(z, _vector(params, s[BIAS], d_out), lo, hi)
            loss[0] += ends.cross_entropy(z, y, index, lo, hi, factor)
            if s[BIAS] >= 0:
                ends.sum_rows(z, _vector(grad, s[BIAS], d_out), lo, hi)
        elif operation == OUTPUT:
            ends.add_bias(z, _vector(params, s[BIAS], d_out), lo, hi)
        else:
            gamma, beta = _vector(params, s[GAMMA], d_out), _vector(params, s[BETA], d_out)
            mean, var = _vector(stats, s[MEAN], d_out), _vector(stats, s[VAR], d_out)
            if operation == HIDDEN_TEST:
                bias = _vector(params, s[BIAS], d_out)
                hidden.forward_test(z, gamma, beta, bias, mean, var, lo, hi, batchnorm, eps, lines)
            else:
                after = _matrix(buffer, shape[layer, A], n, s[Z_APART])  # the next layer's input
                for block in range(lo, hi):
                    if operation == HIDDEN:
                        hidden.forward(
                            z, after, gamma, beta, _vector(params, s[BIAS], d_out), mean, var,
                            block, batchnorm, eps, rows, masks[layer], scale, lines, sums, counters,
                        )  # fmt: skip
                    elif operation == HIDDEN_BACK:
                        hidden.backward(
                            z, after, gamma, mean, var, _vector(grad, s[GAMMA], d_out), _vector(grad, s[BETA], d_out),
                            _vector(grad, s[BIAS], d_out), block, batchnorm, eps, rows, masks[layer], scale, lines,
                            sums, counters,
                        )  # fmt: skip


def shape_table(
    widths: tuple[int, ...], params: Layout, running: Layout, rows: int, training: bool
) -> tuple[np.ndarray, int]:
    """The `shape` argument of `run` for a buffer of `rows` rows, and the entries such a buffer needs.

    In training every layer keeps its input for the backward pass; in test mode a layer's output is the
    next one's input, in the same place.
    """
    table = np.full((len(widths) - 1, 12), -1, np.int64)
    end = 0
    for layer in range(1, len(widths)):
        row = table[layer - 1]
        row[D_IN], row[D_OUT] = widths[layer - 1], widths[layer]
        row[W] = params.offset(f"W{layer}")
        for column, layout, name in (
            (GAMMA, params, "gamma"), (BETA, params, "beta"), (BIAS, params, "b"), (MEAN, running, "mean"),
            (VAR, running, "var"),
        ):  # fmt: skip
            if f"{name}{layer}" in layout.names:
                row[column] = layout.offset(f"{name}{layer}")
        row[A_APART] = row_length(widths[layer - 1])
        row[Z_APART] = row_length(widths[layer]) if layer < len(widths) - 1 else widths[layer]
        if training or layer == 1:
            row[A] = end
            end += rows * row[A_APART]
        else:
            row[A] = table[layer - 2, Z]
        row[Z] = end
        end += rows * row[Z_APART]
    return table, int(end)


def row_length(width: int) -> int:
    """Entries from one row of a buffer to the next: a few more than its width where that is a multiple of 512.

    A cache keeps what lies 4 kB apart in the same few places. The dozen rows that a product reads side by side
    would then throw each other out all the time, which costs a tenth to a fifth of its speed.
    """
    return width + 16 if width % 512 == 0 else width
