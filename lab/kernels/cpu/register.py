"""Matrix products whose sums stay in registers: panels of b, packed, and tiles of c (see `lab.kernels.cpu.vector`).

    for every panel of b (two vectors wide, DEEP rows):     packed once, so that its rows follow each other in memory
        for every few rows of a:                            a tile of c, whose sums stay in registers until it is done

All three forms of a product are one: only strides of `a` differ, and how a panel is packed. Every entry of c is
the sum over k = 0, 1, ... in this order with fused multiply-adds, whatever the sizes of tiles and machine.

Source: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34, 2008); Van Zee and
van de Geijn, "BLIS" (ACM TOMS 41, 2015), for the micro-kernel.
"""

import numpy as np

from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.forms import NN, NT, TN, sizes
from lab.kernels.cpu.vector import BYTES, FEW, ROWS, copy_two, make_tile, panel_columns, transpose_square

_wide, _wide_few, _wide_one = (make_tile(rows, vectors=2) for rows in (ROWS, FEW, 1))
_narrow, _narrow_few, _narrow_one = (make_tile(rows, vectors=1) for rows in (ROWS, FEW, 1))

DEEP = 1024  # rows of a panel: 128 kB, which stay in the second cache while all tiles of its columns are computed


def panel_size(itemsize: int) -> int:
    """Entries of the workspace that a product needs: a panel, and room to align it."""
    return (2 * DEEP + 1) * (BYTES // itemsize)


@kernel
def product(form, a, b, c, accumulate, panel):
    """c = or += op(a) op(b) in one of the three forms; panel: `panel_size` entries."""
    m, n, k = sizes(form, a, b, c)
    a_row, a_column = (1, a.shape[1]) if form == TN else (a.shape[1], 1)
    columns, size = panel_columns(panel), panel.itemsize
    at = (panel.ctypes.data + BYTES - 1) // BYTES * BYTES  # a vector that crosses a line of the cache costs two
    for top in range(0, k, DEEP):
        deep, add = min(DEEP, k - top), accumulate or top > 0
        start = a.ctypes.data + top * a_column * size
        for first in range(0, n, columns):
            width = min(columns, n - first)
            if form == NT:
                _pack_transposed(b, top, deep, first, width, panel, at)
            else:
                _pack(b, top, deep, first, width, panel, at)
            part = columns if width == columns else columns // 2  # the last columns vector by vector, as far as they go
            for j in range(0, width, part):
                to = c.ctypes.data + (first + j) * size
                _tiles(start, a_row, a_column, m, deep, panel, at + j * size, min(part, width - j), to, c.shape[1], add)


@kernel
def multiply(a, b, c, panel):
    """c = a b, with a (m, >= k), b (k, n), c (m, >= n). panel: `panel_size` entries."""
    product(NN, a, b, c, False, panel)


@kernel
def _tiles(start, a_row, a_column, m, k, panel, at, width, to, apart, accumulate):
    """Some columns of c, whose rows lie `apart` entries: tiles of ROWS, then of FEW, then single rows.

    width: both vectors of the panel, or a part of the one that begins at `at`.
    """
    size, add = panel.itemsize, np.int64(accumulate)
    wide = width == panel_columns(panel)
    row, a_step, c_step = 0, a_row * size, apart * size
    while row + ROWS <= m:
        if wide:
            _wide(panel, start + row * a_step, a_row, a_column, at, to + row * c_step, apart, k, add, width)
        else:
            _narrow(panel, start + row * a_step, a_row, a_column, at, to + row * c_step, apart, k, add, width)
        row += ROWS
    while row + FEW <= m:
        if wide:
            _wide_few(panel, start + row * a_step, a_row, a_column, at, to + row * c_step, apart, k, add, width)
        else:
            _narrow_few(panel, start + row * a_step, a_row, a_column, at, to + row * c_step, apart, k, add, width)
        row += FEW
    while row < m:
        if wide:
            _wide_one(panel, start + row * a_step, a_row, a_column, at, to + row * c_step, apart, k, add, width)
        else:
            _narrow_one(panel, start + row * a_step, a_row, a_column, at, to + row * c_step, apart, k, add, width)
        row += 1


@kernel
def _pack(b, top, deep, first, width, panel, at):
    """panel (deep, columns) <- b[top :, first :]; what stands in the columns beyond `width` does not matter."""
    n = b.shape[1]
    columns, size = panel_columns(panel), panel.itemsize
    source = b.ctypes.data + (top * n + first) * size
    if width == columns:
        for p in range(deep):
            copy_two(panel, source + p * n * size, at + p * columns * size)
        return
    skip = (at - panel.ctypes.data) // size
    for p in range(deep):
        for j in range(width):
            panel[skip + p * columns + j] = b[top + p, first + j]


@kernel
def _pack_transposed(b, top, deep, first, width, panel, at):
    """panel (deep, columns) <- b[first :, top :]^T, squares of vectors first, then what is left."""
    k = b.shape[1]
    columns, size = panel_columns(panel), panel.itemsize
    lanes = columns // 2
    whole, wide = deep // lanes * lanes, width // lanes * lanes
    skip = (at - panel.ctypes.data) // size
    for p in range(0, whole, lanes):
        for j in range(0, wide, lanes):
            here = b.ctypes.data + ((first + j) * k + top + p) * size
            transpose_square(panel, here, k, at + (p * columns + j) * size, columns)
        for j in range(wide, width):
            for q in range(p, p + lanes):
                panel[skip + q * columns + j] = b[first + j, top + q]
    for p in range(whole, deep):
        for j in range(width):
            panel[skip + p * columns + j] = b[first + j, top + p]
