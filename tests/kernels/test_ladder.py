"""The rungs of the ladder against NumPy and against each other; the passes of a layer against the reference."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import layers, rng
from lab.errors import SettingError, ShapeError
from lab.kernels.cpu import apart, hidden, ladder
from lab.kernels.cpu.ladder import BLOCK_COLUMNS, BLOCK_ROWS, RUNGS
from lab.kernels.cpu.philox import SPAN, mask_address

NAMES = [rung.name for rung in RUNGS]
DTYPES = [np.float32, np.float64]


def factors(m, k, n, dtype):
    random = np.random.default_rng(m + 1000 * k + n)
    return random.standard_normal((m, k)).astype(dtype), random.standard_normal((k, n)).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25, deadline=None)
@given(
    m=st.integers(1, 30),
    k=st.integers(1, 40) | st.integers(BLOCK_ROWS - 2, 2 * BLOCK_ROWS + 5),
    n=st.integers(1, 40) | st.integers(BLOCK_COLUMNS - 2, 2 * BLOCK_COLUMNS + 5),
)
def test_every_rung_is_numpys_product_and_all_are_equal_to_the_bit(dtype, m, k, n):
    a, b = factors(m, k, n, dtype)
    made = {name: ladder.multiply(name, a, b) for name in NAMES}
    tolerance = 4 * k * np.finfo(dtype).eps * (np.abs(a) @ np.abs(b)).max()
    np.testing.assert_allclose(made["naive"], a @ b, rtol=0, atol=tolerance)
    assert {name for name in NAMES if not np.array_equal(made[name], made["naive"])} == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_spreads_along_its_row_only(name, bad):
    a, b = factors(5, 7, 9, np.float32)
    a[2, 3] = bad
    finite = np.isfinite(ladder.multiply(name, a, b))
    assert not finite[2].any() and np.delete(finite, 2, axis=0).all()


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        (np.zeros(3, np.float32), np.zeros((3, 2), np.float32), r"a has shape \(3,\)"),
        (np.zeros((2, 3), np.float32), np.zeros((0, 2), np.float32), r"b has shape \(0, 2\)"),
        ([[1.0]], np.zeros((1, 1)), "Give a matrix"),
        (np.zeros((2, 3), np.int64), np.zeros((3, 2)), "a is int64"),
        (np.zeros((3, 2), np.float32).T, np.zeros((3, 2), np.float32), "rows that lie apart"),
        (np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32), "as many rows as a has columns"),
        (np.zeros((2, 3), np.float32), np.zeros((3, 2), np.float64), "one dtype"),
    ],
)
@pytest.mark.parametrize("name", ["naive", "registers"])
def test_factors_that_do_not_fit_are_refused_before_a_kernel_sees_them(name, a, b, says):
    with pytest.raises(ShapeError, match=says):
        ladder.multiply(name, a, b)


def test_an_unknown_rung_is_refused_with_the_names_of_all():
    with pytest.raises(SettingError, match=r"Choose one of: naive, .*registers"):
        ladder.multiply("quick", np.ones((1, 1)), np.ones((1, 1)))


def test_who_trains_does_not_load_the_ladder():
    code = "import sys, lab.kernels.cpu.passes, lab.models.nn4_cpu; print([m for m in sys.modules if 'ladder' in m])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert said.stdout.strip() == "[]"


# ---- a layer, pass by pass and fused


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=15, deadline=None)
@given(rows=st.integers(2, 70), width=st.integers(1, SPAN + 9), keep=st.sampled_from((0.3, 0.9)))
def test_passes_apart_and_fused_are_the_reference(dtype, rows, width, keep):
    random = np.random.default_rng(rows * width)
    z, beta = random.standard_normal((rows, width)).astype(dtype), random.standard_normal(width).astype(dtype)
    gamma, eps, scale = random.uniform(0.5, 2, width).astype(dtype), dtype(1e-5), dtype(1 / keep)
    numbers, mask = np.arange(10, 10 + rows), mask_address(3, keep, 5, 2)
    y, cache = layers.batchnorm(layers.relu(z)[0], gamma, beta, eps)
    bits = rng.words(3, numbers, width, step=5, purpose=rng.DROPOUT, layer=2)
    expected, _ = layers.dropout(y, keep, bits)
    tolerance = {"rtol": 2e-3, "atol": 2e-4} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-11}

    z_apart, out, scales, mean, var = z.copy(), np.empty_like(z), np.empty_like(z), np.empty_like(beta), beta.copy()
    apart.relu(z_apart)
    apart.column_mean(z_apart, mean)
    apart.column_variance(z_apart, mean, var)
    apart.normalize(z_apart, gamma, beta, mean, var, eps, np.empty((2, width), dtype), out)
    apart.draw(scales, numbers, mask, scale, np.empty(SPAN, dtype))
    apart.drop(out, scales, out)
    np.testing.assert_allclose(mean, cache.mean, **tolerance)
    np.testing.assert_allclose(out, expected, **tolerance)

    z_fused, out_fused = z.copy(), np.full_like(z, np.nan)
    apart.fused(z_fused, out_fused, gamma, beta, mean, var, eps, numbers, mask, scale, *hidden.scratch(np.dtype(dtype)))
    np.testing.assert_allclose(out_fused, expected, **tolerance)
    assert np.array_equal(z_fused, z_apart) and np.array_equal(out_fused == 0, out == 0)


def test_the_moves_of_the_passes_are_ten_numbers_an_entry_and_fused_three():
    assert sum(apart.MOVES.values()) == 10 and apart.FUSED_MOVES == 3
