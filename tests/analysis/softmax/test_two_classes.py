"""Softmax of two classes and sigmoid: the same function, and descents that differ by a factor of 2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.softmax import TwoClasses, both
from lab.errors import SettingError, ShapeError, StepSizeError


@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=20))
def test_softmax_of_z_and_0_is_sigmoid(z):
    two, one = both(np.array(z))
    assert np.isfinite(two).all() and np.allclose(two, one, rtol=1e-14)


@given(st.floats(-6, 6), st.floats(0.01, 2))
def test_softmax_at_delta_is_sigmoid_at_twice_delta(gap, delta):
    run = TwoClasses(gap, delta)
    for _ in range(50):
        seen = next(run)
        assert seen.gap == pytest.approx(seen.twice, abs=1e-9)
        assert seen.gap > seen.logit > gap - 1e-12 and seen.softmax_loss < seen.sigmoid_loss


def test_the_losses_are_those_of_the_probability():
    seen = next(TwoClasses(1.0, 0.5))
    assert seen.softmax_loss == pytest.approx(np.log1p(np.exp(-seen.gap)))
    assert seen.sigmoid_loss == pytest.approx(np.log1p(np.exp(-seen.logit)))


def test_bad_input_is_named():
    with pytest.raises(StepSizeError, match="delta = 0"):
        TwoClasses(delta=0)
    with pytest.raises(SettingError, match="gap = nan"):
        TwoClasses(gap=float("nan"))
    with pytest.raises(ShapeError, match=r"\(1, 1\)"):
        both(np.zeros((1, 1)))
    run = TwoClasses()
    with pytest.raises(StepSizeError):
        run.change(delta=np.inf)
    run.change(delta=2.0)
    assert run.delta == 2
