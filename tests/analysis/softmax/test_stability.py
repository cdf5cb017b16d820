"""Softmax with and without the shift, up to overflow and underflow, in every precision."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.softmax import PRECISIONS, ScaleSweep, exact, failing_scale, limits, naive_softmax
from lab.errors import LabelError, NotFiniteError, SettingError, ShapeError
from lab.layers import softmax

BOTH, HIGH, LOW = (1.0, 0.5, 0.0, -0.5, -1.0), (1.0, 0.9, 0.8, 0.7, 0.6), (-0.6, -0.7, -0.8, -0.9, -1.0)
EPS = {dtype: float(np.finfo(dtype).eps) for dtype in PRECISIONS}


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=8))
def test_small_logits_are_the_same_either_way(logits):
    z = np.array([logits])
    assert np.allclose(naive_softmax(z), softmax(z)[0], rtol=1e-12)


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=8), st.data())
def test_the_exact_values_agree_with_float64_where_that_is_safe(logits, data):
    label = data.draw(st.integers(0, len(logits) - 1))
    z = np.array(logits)
    shares, loss = exact(z, label)
    assert np.allclose(shares, softmax(z[None])[0][0], rtol=1e-13) and np.isclose(loss, -np.log(shares[label]), 1e-12)


def test_the_exact_values_hold_far_beyond_float64():
    shares, loss = exact(np.array([7000.0, 0.0]), 1)
    assert shares.tolist() == [1, 0] and loss == 7000
    assert exact(np.array([0.0, -60.0]), 0)[1] == pytest.approx(math.exp(-60), rel=1e-9)  # below 1 + eps


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("shape", [BOTH, HIGH, LOW])
def test_naive_softmax_fails_above_the_failing_scale_and_not_below(shape, dtype):
    scale = failing_scale(shape, dtype)
    below, above = ((factor * scale * np.array([shape])).astype(dtype) for factor in (1 - 1e-3, 1 + 1e-3))
    off = 0.05 if shape is LOW else 10 * EPS[dtype]  # what was nearly 0 has lost its digits
    assert naive_softmax(below).sum() == pytest.approx(1, abs=off)
    assert not naive_softmax(above).sum() > 0  # NaN, or only zeros where the sum alone was too large
    assert softmax(above)[0].sum() == pytest.approx(1, abs=10 * EPS[dtype])


def test_logits_whose_largest_is_0_never_fail():
    assert failing_scale((0.0, -1.0), "float32") == math.inf
    sweep = ScaleSweep((0.0, -1.0), dtype="float16")
    assert np.isfinite([each.naive for each in sweep]).all()


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_log_sum_exp_is_right_to_rounding_at_every_scale(dtype):
    for shape in (BOTH, HIGH, LOW):
        for label in (0, 4):
            sweep = ScaleSweep(shape, label, dtype=dtype, growth=0.1)
            assert max(each.errors[2] for each in sweep) < 3 * EPS[dtype]
            assert sweep.failed(2) is None and sweep.seen[-1].scale > 5 * limits(dtype).overflow


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_the_naive_way_ends_in_nan_and_a_shift_alone_in_inf(dtype):
    sweep = ScaleSweep(BOTH, 4, dtype=dtype)  # of the smallest logit: its probability is rounded to 0 first
    last = list(sweep)[-1]
    assert math.isnan(last.naive[0]) and last.naive[4] == 0  # inf / inf, and 0 / inf
    assert last.losses[:2] == (math.inf, math.inf)
    assert last.losses[2] == pytest.approx(2 * last.scale, rel=1e-3)
    half = -limits(dtype).underflow / 2  # exp(-2 s) = 0
    scale, loss = sweep.failed(1)
    assert loss == math.inf and half < scale < half * 1.03
    whole = ScaleSweep(BOTH, 0, dtype=dtype)  # the right class is the most likely one: only the overflow matters
    list(whole)
    scale, loss = whole.failed(0)
    assert math.isnan(loss) and whole.bound < scale <= whole.bound * 1.02 and whole.failed(1) is None


def test_all_logits_far_below_0_are_0_over_0_and_wrong_before_that():
    ends, sweep = limits("float32"), ScaleSweep(LOW, 1, dtype="float32")
    last = list(sweep)[-1]
    assert np.isnan(last.naive).all() and np.isfinite(last.shifted).all()
    scale, _ = sweep.failed(0)
    assert scale / 1.02 <= -ends.underflow / 0.7 < scale  # exp of this logit is 0
    error = [each.errors[0] for each in sweep.seen if ends.underflow < -0.7 * each.scale < ends.normal]
    assert max(error) > 1000 * EPS["float32"]  # numbers that have lost their digits, and no warning


def test_a_step_is_larger_by_its_growth_and_the_sweep_ends():
    scales = [each.scale for each in ScaleSweep(BOTH, growth=0.1, dtype="float16")]
    assert np.allclose(np.diff(np.log(scales)), math.log(1.1)) and scales[0] == 1
    assert scales[-1] <= 10 * limits("float16").overflow < 1.1 * scales[-1]


@pytest.mark.parametrize(
    ("error", "given", "words"),
    [
        (ShapeError, {"shape": [1.0]}, "d >= 2"),
        (NotFiniteError, {"shape": [1.0, np.nan]}, "nan"),
        (SettingError, {"shape": [0.0, 0.0]}, "never grow"),
        (SettingError, {"growth": 0.0}, "growth above 0"),
        (SettingError, {"growth": "fast"}, "growth = 'fast'"),
        (SettingError, {"dtype": "int"}, "float16"),
        (LabelError, {"label": -1}, "from 0 to 4"),
    ],
)
def test_bad_input_is_named(error, given, words):
    with pytest.raises(error, match=words):
        ScaleSweep(**{"shape": BOTH} | given)


def test_rows_that_are_none_are_refused():
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        naive_softmax(np.zeros(3))
    with pytest.raises(LabelError, match="label = 3"):
        exact(np.zeros(3), 3)
    with pytest.raises(NotFiniteError):
        exact(np.array([0.0, np.inf]), 0)
