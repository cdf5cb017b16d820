"""Numba's kernels one by one against NumPy: masks to the bit, products to rounding."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import rng
from lab.kernels.cpu import gemm, program, register
from lab.kernels.cpu.forms import NT, TN
from lab.kernels.cpu.philox import PACKED, SPAN, draw_rows, draw_scales, mask_address
from lab.kernels.cpu.register import DEEP


@settings(max_examples=50)
@given(
    seed=st.integers(0, 2**64 - 1),
    keep=st.floats(1e-6, 1.0, exclude_max=True),
    row=st.integers(0, 2**32 - 1),
    step=st.integers(0, 2**32 - 1),
    layer=st.integers(0, 65535),
    blocks=st.integers(1, 3),
)
def test_masks_are_the_same_bits_as_numpy_draws(seed, keep, row, step, layer, blocks):
    expected = rng.dropout_mask(seed, [row], blocks * SPAN, keep, step, layer)[0]
    scales = np.empty(SPAN, np.float32)
    for first in range(0, blocks * SPAN, SPAN):
        draw_scales(scales, first, SPAN, row, mask_address(seed, keep, step, layer), np.float32(2.5))
        assert np.array_equal(scales, expected[first:][:SPAN] * np.float32(2.5))


@settings(max_examples=30)
@given(seed=st.integers(0, 2**64 - 1), width=st.integers(1, 16).map(lambda quads: 4 * quads), first=st.integers(0, 99))
def test_several_rows_of_a_narrow_layer_in_a_line_get_the_same_masks(seed, width, first):
    pack = PACKED // width
    rows = np.arange(first, first + 2 * pack, 2)
    expected = rng.dropout_mask(seed, rows, width, 0.5, 3, 1)
    scales, counters = np.empty(PACKED, np.float64), np.empty((2, PACKED // 4), np.uint32)
    draw_rows(scales, counters, width, rows, 0, pack, mask_address(seed, 0.5, 3, 1), 2.0)
    assert np.array_equal(scales[: pack * width].reshape(pack, width), 2.0 * expected)


@pytest.mark.parametrize("name", ["register", "blas", "loop"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=20)
@given(m=st.integers(1, 40), k=st.integers(1, 40), n=st.integers(1, 40))
def test_products(name, dtype, m, k, n):
    random, tolerance = np.random.default_rng(m * k * n), 1e-5 if dtype == np.float32 else 1e-13
    a, b, c = (random.standard_normal(shape).astype(dtype) for shape in ((m, k), (k, n), (m, n)))
    which, panel = gemm.NAMES[name], np.empty(gemm.workspace_size(a.itemsize), dtype)

    out = wider(np.full((m, n), np.nan, dtype))
    gemm.matmul(which, wider(a), b, out, panel)
    np.testing.assert_allclose(out[:, :n], a @ b, atol=tolerance * k)
    gemm.matmul_nt(which, wider(a), np.ascontiguousarray(b.T), out, panel)
    np.testing.assert_allclose(out[:, :n], a @ b, atol=tolerance * k)
    assert np.isnan(out[:, n:]).all()  # nothing was written beyond the columns

    out = np.full((m, n), np.nan, dtype)
    gemm.matmul_tn(which, wider(a.T), wider(b), out, False, panel)
    np.testing.assert_allclose(out, a @ b, atol=tolerance * k)
    expected = a @ b + c
    gemm.matmul_tn(which, wider(a.T), wider(b), c, True, panel)
    np.testing.assert_allclose(c, expected, atol=tolerance * k)


def wider(matrix):
    """The matrix in the first columns of one whose rows lie further apart; the others are NaN."""
    made = np.full((len(matrix), matrix.shape[1] + 3), np.nan, matrix.dtype)
    made[:, : matrix.shape[1]] = matrix
    return made


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_product_deeper_than_a_panel_goes_on_where_the_last_one_ended(dtype):
    random = np.random.default_rng(0)
    a, b = (random.standard_normal(shape).astype(dtype) for shape in ((7, 2 * DEEP + 5), (2 * DEEP + 5, 37)))
    panel, out = np.empty(gemm.workspace_size(a.itemsize), dtype), np.empty((7, 37), dtype)
    register.multiply(a, b, out, panel)
    np.testing.assert_allclose(out, a @ b, atol=2e-3 if dtype == np.float32 else 1e-12)
    register.product(NT, a, np.ascontiguousarray(b.T), out2 := np.empty_like(out), False, panel)
    assert np.array_equal(out, out2)
    register.product(TN, np.ascontiguousarray(a.T), b, out2, False, panel)
    assert np.array_equal(out, out2)  # one order of summation in all three forms


@pytest.mark.parametrize("make", ["training_program", "forward_program", "testing_program"])
@given(rows=st.integers(1, 70_000), widths=st.tuples(*[st.integers(1, 1100)] * 5))
def test_programs_cover_every_row_and_block_once(make, rows, widths):
    made = getattr(program, make)(widths, rows)
    assert made.bundles[0][0] == 0
    assert made.bundles[-1][1] == len(made.phases)
    assert all(a[1] == b[0] for a, b in pairwise(made.bundles))
    assert made.gathered in [last for _, last in made.bundles] or len(made.bundles) == 1
    runs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for operation, layer, lo, hi in made.phases:
        runs.setdefault((operation, layer), []).append((lo, hi))
    for (_, layer), spans in runs.items():
        blocks = (widths[layer] + SPAN - 1) // SPAN
        assert spans[0][0] == 0
        assert spans[-1][1] in (rows, blocks)
        assert all(a[1] == b[0] for a, b in pairwise(spans))
