"""Losses: values against their definition, gradients against central differences, extreme logits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import losses
from lab.errors import ShapeError
from tests.gradients import central_differences


@given(rows=st.integers(1, 6), classes=st.integers(1, 5), seed=st.integers(0, 1000))
def test_gradients(rows, classes, seed):
    random = np.random.default_rng(seed)
    z, target = random.standard_normal((rows, classes)), random.standard_normal((rows, classes))
    labels = random.integers(0, max(classes, 2), rows)
    pairs = [(losses.l2, losses.l2_grad, target)]
    if classes == 1:
        pairs.append((losses.binary_cross_entropy, losses.binary_cross_entropy_grad, labels))
    else:
        pairs.append((losses.softmax_cross_entropy, losses.softmax_cross_entropy_grad, labels))
    for loss, grad, t in pairs:
        expected = central_differences(lambda loss=loss, t=t: loss(z, t), z)
        assert np.abs(grad(z, t) - expected).max() < 1e-8


def test_values_by_hand():
    assert losses.l2(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]])) == 5.0
    assert losses.binary_cross_entropy(np.zeros((3, 1)), np.array([0, 1, 1])) == pytest.approx(np.log(2))
    assert losses.softmax_cross_entropy(np.zeros((3, 10)), np.array([0, 1, 9])) == pytest.approx(np.log(10))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_a_thousand_stay_finite(dtype):
    z = np.array([[1000], [-1000], [1000], [-1000]], dtype)
    t = np.array([1, 0, 0, 1])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert losses.binary_cross_entropy(z, t) == pytest.approx(500.0)
        np.testing.assert_allclose(losses.binary_cross_entropy_grad(z, t)[:, 0], [0, 0, 0.25, -0.25])
        many = np.array([[1000, -1000, 0], [-1000, 1000, 0]], dtype)
        assert losses.softmax_cross_entropy(many, np.array([0, 0])) == pytest.approx(1000.0)
        np.testing.assert_allclose(
            losses.softmax_cross_entropy_grad(many, np.array([0, 0])), [[0, 0, 0], [-0.5, 0.5, 0]]
        )


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ShapeError, match=r"\(4, 1\).*\(4,\)"):
        losses.l2(np.ones((4, 1)), np.ones(4))
    with pytest.raises(ShapeError, match=r"\(4, 1\)"):
        losses.binary_cross_entropy(np.ones((4, 1)), np.ones((4, 1)))
    with pytest.raises(ShapeError, match="one logit a row"):
        losses.binary_cross_entropy(np.ones((4, 2)), np.ones(4))
