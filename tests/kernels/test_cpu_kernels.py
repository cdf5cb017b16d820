"""Numba's kernels one by one against NumPy: masks to the bit, products to rounding."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import rng
from lab.kernels.cpu import gemm, program
from lab.kernels.cpu.philox import BLOCK, draw_scales, mask_address


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
    expected = rng.dropout_mask(seed, [row], blocks * BLOCK, keep, step, layer)[0]
    scales = np.empty(BLOCK, np.float32)
    for block in range(blocks):
        draw_scales(scales, block, row, mask_address(seed, keep, step, layer), np.float32(2.5))
        assert np.array_equal(scales, expected[block * BLOCK :][:BLOCK] * np.float32(2.5))


@pytest.mark.parametrize("name", ["blas", "loop"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=20)
@given(m=st.integers(1, 40), k=st.integers(1, 40), n=st.integers(1, 40))
def test_products(name, dtype, m, k, n):
    random, tolerance = np.random.default_rng(m * k * n), 1e-5 if dtype == np.float32 else 1e-13
    a, b, c = (random.standard_normal(shape).astype(dtype) for shape in ((m, k), (k, n), (m, n)))
    which, out = gemm.NAMES[name], np.full((m, n), np.nan, dtype)
    gemm.matmul(which, a, b, out)
    np.testing.assert_allclose(out, a @ b, atol=tolerance * k)
    gemm.matmul_nt(which, a, np.ascontiguousarray(b.T), out)
    np.testing.assert_allclose(out, a @ b, atol=tolerance * k)
    gemm.matmul_tn(which, np.ascontiguousarray(a.T), b, out, False)
    np.testing.assert_allclose(out, a @ b, atol=tolerance * k)
    expected = a @ b + c
    gemm.matmul_tn(which, np.ascontiguousarray(a.T), b, c, True)
    np.testing.assert_allclose(c, expected, atol=tolerance * k)


@pytest.mark.parametrize("make", ["training_program", "forward_program", "testing_program"])
@given(rows=st.integers(1, 70_000), widths=st.tuples(*[st.integers(1, 1100)] * 5))
def test_programs_cover_every_row_and_block_once(make, rows, widths):
    made = getattr(program, make)(widths, rows)
    assert made.bundles[0][0] == 0
    assert made.bundles[-1][1] == len(made.phases)
    assert all(a[1] == b[0] for a, b in pairwise(made.bundles))
    assert made.gathered in [last for _, last in made.bundles]
    runs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for operation, layer, lo, hi in made.phases:
        runs.setdefault((operation, layer), []).append((lo, hi))
    for (_, layer), spans in runs.items():
        blocks = (widths[layer] + BLOCK - 1) // BLOCK
        assert spans[0][0] == 0
        assert spans[-1][1] in (rows, blocks)
        assert all(a[1] == b[0] for a, b in pairwise(spans))
