"""What the layers promise in the forward direction: laws, and refusals of wrong input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import rng
from lab.errors import KeepProbabilityError, ShapeError
from lab.layers import batchnorm, batchnorm_test, dropout, linear, relu, sigmoid, softmax


@given(rows=st.integers(1, 9), units=st.integers(1, 40), keep=st.floats(1e-3, 1.0), seed=st.integers(0, 2**64 - 1))
def test_dropout_keeps_scaled_or_zero(rows, units, keep, seed):
    x = np.random.default_rng(0).standard_normal((rows, units))
    y, mask = dropout(x, keep, rng.words(seed, np.arange(rows), units, 0))
    kept = rng.dropout_mask(seed, np.arange(rows), units, keep, 0, 0)
    np.testing.assert_allclose(y[kept], x[kept] / keep, rtol=1e-12)
    assert (y[~kept] == 0).all()
    assert np.array_equal(mask > 0, kept)


def test_dropout_keeps_the_mean():
    passes, keep = 20_000, 0.8
    x = np.array([[3.0, -2.0, 0.5]])
    bits = rng.words(7, np.arange(passes), 3, step=0)
    outputs = np.repeat(x, passes, axis=0)
    y, _ = dropout(outputs, keep, bits)
    standard_error = np.abs(x[0]) * np.sqrt((1 - keep) / keep / passes)
    assert (np.abs(y.mean(0) - x[0]) < 4 * standard_error).all()


@pytest.mark.parametrize("keep", [0, 1.5, -0.1, float("nan"), float("inf"), "0.5", None, True])
def test_dropout_refuses_what_is_no_probability(keep):
    with pytest.raises(KeepProbabilityError, match=r"keep = .*\(0, 1\]"):
        dropout(np.ones((2, 2)), keep, np.zeros((2, 2), np.uint32))


def test_dropout_refuses_bits_of_another_shape():
    with pytest.raises(ShapeError, match=r"\(2, 3\).*\(2, 2\)"):
        dropout(np.ones((2, 2)), 0.5, np.zeros((2, 3), np.uint32))


@given(rows=st.integers(2, 40), units=st.integers(1, 6), scale=st.floats(0.5, 100), shift=st.floats(-50, 50))
def test_batchnorm_gives_mean_beta_and_deviation_gamma(rows, units, scale, shift):
    x = np.random.default_rng(rows).standard_normal((rows, units)) * scale + shift
    gamma, beta = np.full(units, 2.0), np.full(units, -1.0)
    y, cache = batchnorm(x, gamma, beta, eps=0.0)
    np.testing.assert_allclose(y.mean(0), beta, atol=1e-9)
    np.testing.assert_allclose(y.std(0), gamma, rtol=1e-9)
    np.testing.assert_allclose(cache.var, x.var(0), rtol=1e-12)


def test_batchnorm_of_two_rows_is_plus_and_minus_one_and_of_one_row_zero():
    x = np.array([[3.0, 10.0], [1.0, 40.0]])
    np.testing.assert_allclose(batchnorm(x, np.ones(2), np.zeros(2))[1].x_hat, [[1, -1], [-1, 1]], atol=1e-4)
    assert (batchnorm(x[:1], np.ones(2), np.zeros(2))[1].x_hat == 0).all()


def test_batchnorm_in_test_mode_uses_the_statistics_it_is_given():
    x = np.random.default_rng(0).standard_normal((50, 3))
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -1.0])
    y, cache = batchnorm(x, gamma, beta)
    np.testing.assert_allclose(batchnorm_test(x, gamma, beta, cache.mean, cache.var), y, rtol=1e-12)


def test_batchnorm_refuses_a_gamma_that_would_broadcast():
    with pytest.raises(ShapeError, match=r"\(1,\)"):
        batchnorm(np.ones((4, 3)), np.ones(1), np.zeros(3))


def test_linear_refuses_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"\(2, 3\).*\(N, 4\)"):
        linear(np.ones((2, 3)), np.ones((4, 5)))
    with pytest.raises(ShapeError, match=r"\(1,\)"):
        linear(np.ones((2, 3)), np.ones((3, 5)), np.ones(1))


def test_relu_lets_nan_through():
    assert np.isnan(relu(np.array([np.nan]))[0]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_and_softmax_at_extreme_logits(dtype):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1000, 0, 1000], dtype))[0], [0, 0.5, 1])
        y, _ = softmax(np.array([[1000, -1000, 0], [-1000, -1000, -1000]], dtype))
    np.testing.assert_allclose(y, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-6)
