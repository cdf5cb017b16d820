"""The compiled update against NumPy's: weights and statistics to the bit, the norm to rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.optim.sgd import update_by

DTYPES = [np.float32, np.float64]


def both(dtype):
    return update_by("reference", dtype), update_by("cpu", dtype)


def vectors(size, dtype, seed=0):
    random = np.random.default_rng(seed)
    return [(random.standard_normal(size) * 10.0 ** random.integers(-4, 4, size)).astype(dtype) for _ in range(2)]


@pytest.mark.parametrize("dtype", DTYPES)
@given(size=st.integers(0, 300), delta=st.floats(1e-6, 1e3), seed=st.integers(0, 9))
def test_a_step_of_sgd_has_the_bits_of_numpy(dtype, size, delta, seed):
    plain, compiled = both(dtype)
    params, grad = vectors(size, dtype, seed)
    ours, theirs = params.copy(), params.copy()
    compiled.sgd(ours, grad, delta)
    plain.sgd(theirs, grad.copy(), delta)
    assert ours.tobytes() == theirs.tobytes()
    if size > 30 and delta > 0.01:
        assert not np.array_equal(ours, params)


@pytest.mark.parametrize("dtype", DTYPES)
@given(size=st.integers(0, 300), share=st.floats(0.0, 1.0), seed=st.integers(0, 9))
def test_statistics_have_the_bits_of_numpy(dtype, size, share, seed):
    plain, compiled = both(dtype)
    old, new = vectors(size, dtype, seed)
    ours, theirs = old.copy(), old.copy()
    compiled.blend(ours, new, share)
    plain.blend(theirs, new.copy(), share)
    assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 65536])
def test_squares_are_summed_to_rounding(dtype, size):
    _, grad = vectors(size, dtype)
    exact = float(np.sum(grad.astype(np.float64) ** 2))
    for update in both(dtype):
        assert update.squares(grad) == pytest.approx(exact, rel=float(20 * np.finfo(dtype).eps * max(1, np.sqrt(size))))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.filterwarnings("error")
def test_what_is_not_finite_is_seen_and_warns_of_nothing(dtype, wrong):
    _, grad = vectors(100, dtype)
    grad[57] = wrong
    for update in both(dtype):
        assert not np.isfinite(update.squares(grad))
        update.sgd(np.full(100, np.finfo(dtype).max), -grad, 1e10)
