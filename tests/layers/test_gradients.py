"""Every layer's gradient against central differences in float64, along a random direction dy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import rng
from lab.layers import (
    batchnorm,
    batchnorm_grad,
    dropout,
    dropout_grad,
    linear,
    linear_grad,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    softmax,
    softmax_grad,
    tanh,
    tanh_grad,
)  # fmt: skip
from tests.gradients import central_differences, distance

shapes = st.tuples(st.integers(2, 6), st.integers(1, 5))


def normals(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize(
    ("layer", "grad"), [(relu, relu_grad), (sigmoid, sigmoid_grad), (softmax, softmax_grad), (tanh, tanh_grad)]
)
@given(shape=shapes, seed=st.integers(0, 1000))
def test_activation(layer, grad, shape, seed):
    z = normals(shape, seed)
    z[np.abs(z) < 1e-3] = 0.1  # away from ReLU's kink
    dy = normals(shape, seed + 1)
    y, cache = layer(z)
    expected = central_differences(lambda: (layer(z)[0] * dy).sum(), z)
    assert np.abs(grad(dy, cache) - expected).max() < 1e-8
    assert y.shape == z.shape


@given(shape=shapes, d_out=st.integers(1, 4), bias=st.booleans(), seed=st.integers(0, 1000))
def test_linear(shape, d_out, bias, seed):
    x, W, b = normals(shape, seed), normals((shape[1], d_out), seed + 1), normals(d_out, seed + 2)
    dz = normals((shape[0], d_out), seed + 3)

    def loss():
        return (linear(x, W, b if bias else None)[0] * dz).sum()

    dx, dW, db = linear_grad(dz, linear(x, W, b if bias else None)[1])
    assert np.abs(dx - central_differences(loss, x)).max() < 1e-8
    assert np.abs(dW - central_differences(loss, W)).max() < 1e-8
    if bias:
        assert np.abs(db - central_differences(loss, b)).max() < 1e-8


@given(shape=shapes, keep=st.floats(0.05, 1.0), seed=st.integers(0, 2**64 - 1))
def test_dropout_at_a_fixed_mask(shape, keep, seed):
    x, dy = normals(shape, 1), normals(shape, 2)
    bits = rng.words(seed, np.arange(shape[0]), shape[1], 0)
    expected = central_differences(lambda: (dropout(x, keep, bits)[0] * dy).sum(), x)
    assert np.abs(dropout_grad(dy, dropout(x, keep, bits)[1]) - expected).max() < 1e-7


@given(shape=shapes, seed=st.integers(0, 1000))
def test_batchnorm(shape, seed):
    x, gamma, beta = normals(shape, seed), normals(shape[1], seed + 1), normals(shape[1], seed + 2)
    dy = normals(shape, seed + 3)

    def loss():
        return (batchnorm(x, gamma, beta, 0.1)[0] * dy).sum()

    dx, dgamma, dbeta = batchnorm_grad(dy, batchnorm(x, gamma, beta, 0.1)[1])
    assert np.abs(dx - central_differences(loss, x)).max() < 1e-6
    assert np.abs(dgamma - central_differences(loss, gamma)).max() < 1e-6
    assert np.abs(dbeta - central_differences(loss, beta)).max() < 1e-6


def test_batchnorm_compact_gradient_equals_the_three_terms_of_the_paper():
    x, gamma, dy = normals((9, 4), 0), normals(4, 1), normals((9, 4), 2)
    eps, n = 1e-5, len(x)
    mean, var = x.mean(0), x.var(0)
    dx_hat = dy * gamma
    dvar = (dx_hat * (x - mean)).sum(0) * -0.5 * (var + eps) ** -1.5
    dmean = -dx_hat.sum(0) / np.sqrt(var + eps)
    expected = dx_hat / np.sqrt(var + eps) + 2 * dvar * (x - mean) / n + dmean / n
    dx, _, _ = batchnorm_grad(dy, batchnorm(x, gamma, np.zeros(4), eps)[1])
    assert distance(dx, expected) < 1e-12
