"""Adam: against its algorithm written out for one number, and what bias correction is for."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.optim.adam import adam


def written_out(grads, delta, beta1=0.9, beta2=0.999, eps=1e-8):
    """Algorithm 1 for one number, line by line; the places after each step."""
    w = m = v = 0.0
    places = []
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        w -= delta * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
        places.append(w)
    return places


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20), st.floats(1e-4, 1.0))
def test_every_step_is_that_of_the_algorithm(grads, delta):
    w, m, v = (np.zeros(1) for _ in range(3))
    for t, (g, place) in enumerate(zip(grads, written_out(grads, delta), strict=True), start=1):
        adam(w, np.array([g]), m, v, t, delta)
        assert w[0] == pytest.approx(place, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_first_step_is_delta_long_whatever_the_gradient_is(dtype):
    w, m, v = (np.zeros(3, dtype) for _ in range(3))
    adam(w, np.array([-1e-3, 5, 1e3], dtype), m, v, 1, 0.01)
    assert w == pytest.approx([0.01, -0.01, -0.01], rel=1e-4) and w.dtype == dtype


def test_it_works_in_place_and_leaves_the_gradient():
    w, m, v = np.ones((2, 2)), np.zeros((2, 2)), np.zeros((2, 2))
    whole, grad = w, np.full((2, 2), 3.0)
    adam(w, grad, m, v, 1, np.array([[0.1], [0.2]]))
    assert whole is w and (grad == 3).all()
    assert w == pytest.approx(np.array([[0.9, 0.9], [0.8, 0.8]])) and m == pytest.approx(0.3 * np.ones((2, 2)))
