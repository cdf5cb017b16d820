"""Philox4x32-10 in numba: the same bits as `lab.rng`, drawn in blocks wide enough to vectorise."""

import numpy as np

from lab.kernels.cpu.cache import inline, kernel
from lab.rng import DROPOUT, keep_threshold

SPAN = 512  # units whose scales are drawn at once, 128 counters of 4 words: a call's own cost counts little then
PACKED = 128  # of as many rows of a narrow layer as fit into so many units: enough for whole vectors

# Entries of a mask's address.
STEP, LAYER, KEY_0, KEY_1, THRESHOLD, ON = range(6)

_U32, _U64 = np.uint32, np.uint64
_LOW = _U64(0xFFFFFFFF)


def mask_address(seed: int, keep: float, step: int, layer: int) -> np.ndarray:
    """Everything but unit and row that fixes a layer's mask, uint32 (6,); ON is 0 at keep = 1."""
    key_0, key_1 = seed & 0xFFFFFFFF, seed >> 32
    threshold = keep_threshold(keep) if keep < 1.0 else 0
    return np.array([step, DROPOUT * 2**16 + layer, key_0, key_1, threshold, keep < 1.0], np.uint32)


@inline
def philox(c0, c1, c2, c3, key_0, key_1):
    """Four random words, uint32, from a counter of four words and a key of two, uint64 with 32 bits in use."""
    for _ in range(10):  # in 64 bits, of which the lower 32 count: a product's halves need not be taken apart
        product_0 = _U64(0xD2511F53) * (c0 & _LOW)
        product_2 = _U64(0xCD9E8D57) * (c2 & _LOW)
        c0 = (product_2 >> _U64(32)) ^ c1 ^ key_0
        c2 = (product_0 >> _U64(32)) ^ c3 ^ key_1
        c1 = product_2
        c3 = product_0
        key_0 = _U64(key_0 + _U64(0x9E3779B9))
        key_1 = _U64(key_1 + _U64(0xBB67AE85))
    return _U32(c0), _U32(c1), _U32(c2), _U32(c3)


@kernel
def draw_scales(scales, first, size, row, mask, scale):
    """Write `scale` for every kept and 0 for every dropped one of some units of one row.

    Args:
        scales: the first `size` are written, and up to three more.
        first: the first of the units, a multiple of 4. size: how many.
        row: the sample's row in the data set.
        mask: the layer's `mask_address`, uint32 (6,).
        scale: 1 / keep in the dtype of `scales`.
    """
    start, row = _U64(first // 4), _U64(row)
    for q in range((size + 3) // 4):
        _draw_quad(scales, q, start + _U64(q), row, mask, scale)


@kernel
def draw_rows(scales, counters, width, rows, first, count, mask, scale):
    """The same for `count` whole rows of a narrow layer, one after the other: long enough for whole vectors.

    Args:
        scales: the first `count` * `width` are written; `width` is a multiple of 4.
        counters: uint32 (2, PACKED // 4), scratch.
        rows: rows[first], rows[first + 1], ... in the data set.
    """
    quads = width // 4
    for i in range(count):
        for q in range(quads):
            counters[0, i * quads + q], counters[1, i * quads + q] = _U32(q), _U32(rows[first + i])
    for q in range(count * quads):
        _draw_quad(scales, q, _U64(counters[0, q]), _U64(counters[1, q]), mask, scale)


@kernel
def rows_of_a_line(width):
    """How many rows of a narrow layer are a line; a row must be whole counters of four units, then."""
    return PACKED // width if width <= PACKED // 2 and width % 4 == 0 else 1


@kernel
def draw_line(scales, lo, size, pack, rows, r, count, mask, scale, counters):
    """The scales of a line: `size` columns from `lo` on of row r, or `count` rows of a narrow layer if `pack` > 1."""
    if pack > 1:
        draw_rows(scales, counters, size, rows, r, count, mask, scale)
    else:
        draw_scales(scales, lo, size, rows[r], mask, scale)


@inline
def _draw_quad(scales, q, unit, row, mask, scale):
    """The scales of four units."""
    zero, threshold = scales.dtype.type(0), mask[THRESHOLD]
    step, layer, key_0, key_1 = _U64(mask[STEP]), _U64(mask[LAYER]), _U64(mask[KEY_0]), _U64(mask[KEY_1])
    w0, w1, w2, w3 = philox(unit, row, step, layer, key_0, key_1)
    scales[4 * q] = scale if w0 < threshold else zero
    scales[4 * q + 1] = scale if w1 < threshold else zero
    scales[4 * q + 2] = scale if w2 < threshold else zero
    scales[4 * q + 3] = scale if w3 < threshold else zero
