"""One row of logits: z - y against finite differences, what a constant and a temperature do, descent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.softmax import LogitDescent
from lab.errors import LabelError, NotFiniteError, SettingError, ShapeError, StepSizeError

LOGITS = (2.0, 1.0, 0.0, -1.0, -2.0)
OFF = {"float16": 0.05, "float32": 2e-4, "float64": 1e-9}  # some eps^(2/3), which is what h = eps^(1/3) leaves

rows = st.lists(st.floats(-8, 8), min_size=2, max_size=12)


@given(rows, st.data(), st.floats(0.3, 5))
def test_the_gradient_is_z_minus_y_over_T_and_equal_to_finite_differences(logits, data, temperature):
    label = data.draw(st.integers(0, len(logits) - 1))
    run = LogitDescent(logits, label, temperature=temperature)
    seen, e = run.look(), np.exp((np.array(logits) - max(logits)) / temperature)
    z = e / e.sum()
    assert np.allclose(seen.probabilities, z, atol=1e-14)
    assert np.allclose(seen.gradient, (z - seen.target) / temperature, atol=1e-14)
    assert seen.target.sum() == seen.target[label] == 1
    assert np.isclose(seen.loss, -np.log(z[label]), atol=1e-12)
    assert run.off() < 1e-8 and abs(seen.gradient.sum()) < 1e-13


@pytest.mark.parametrize("dtype", OFF)
@pytest.mark.parametrize("constant", [0.0, 100.0])
def test_in_every_precision_the_differences_are_as_near_as_it_allows(dtype, constant):
    run = LogitDescent(LOGITS, 2, dtype=dtype, constant=constant)
    assert run.look().gradient.dtype == run.differences().dtype == dtype
    assert 0 < run.off() < OFF[dtype]


@given(rows, st.floats(-1000, 1000))
def test_a_constant_changes_nothing(logits, constant):
    run = LogitDescent(logits)
    before = run.look()
    run.change(constant=constant)
    after = run.look()
    assert np.allclose(after.probabilities, before.probabilities, atol=1e-12)
    assert np.allclose(after.logits, before.logits + constant) and np.isclose(after.loss, before.loss, atol=1e-11)


def test_in_float16_a_large_constant_rounds_the_logits_themselves():
    """1000 has the neighbours 999.5 and 1000.5: a half of a logit is lost before softmax begins."""
    run = LogitDescent((0.2, 0.0), dtype="float16")
    before = run.look().probabilities
    run.change(constant=1000)
    assert before[0] > 0.54 and (run.look().probabilities == 0.5).all()


def test_a_temperature_keeps_the_order_and_goes_from_one_hot_to_equal_shares():
    shares = [LogitDescent(LOGITS, temperature=T).look().probabilities for T in (0.05, 1, 1000)]
    assert all((np.diff(each) <= 0).all() for each in shares)
    assert shares[0][0] > 1 - 1e-8 and np.abs(shares[2] - 0.2).max() < 1e-3
    assert shares[0][0] > shares[1][0] > shares[2][0]


def test_equal_logits_have_the_loss_log_d_and_the_gradient_1_over_d_minus_y():
    seen = LogitDescent([0.7] * 5, 3).look()
    assert np.isclose(seen.loss, np.log(5)) and np.allclose(seen.gradient, [0.2, 0.2, 0.2, -0.8, 0.2])


def test_a_step_goes_down_the_gradient_and_the_sum_of_the_logits_stays():
    run = LogitDescent(LOGITS, 4, delta=0.5)
    before = run.look()
    after = next(run)
    assert np.allclose(after.logits, before.logits - 0.5 * before.gradient) and after.step == 1
    losses = [next(run).loss for _ in range(200)]
    assert (np.diff(losses) < 0).all() and losses[-1] < 0.05 and abs(run.logits.sum()) < 1e-12


def test_what_is_changed_acts_at_once_and_a_logit_is_set_alone():
    run = LogitDescent(LOGITS, constant=3.0)
    run.change(logit=(1, -4.0), label=1, dtype="float32")
    seen = run.look()
    assert seen.logits.tolist() == [5, -1, 3, 2, 1] and seen.logits.dtype == "float32" and seen.target[1] == 1


@pytest.mark.parametrize(
    ("error", "given", "words"),
    [
        (ShapeError, {"logits": [1.0]}, "d >= 2"),
        (ShapeError, {"logits": [[1.0, 2.0]]}, r"\(1, 2\)"),
        (ShapeError, {"logits": ["a", "b"]}, "numbers"),
        (NotFiniteError, {"logits": [1.0, np.inf]}, r"inf at \[1\]"),
        (LabelError, {"label": 5}, "from 0 to 4"),
        (LabelError, {"label": True}, "True"),
        (SettingError, {"temperature": 0.0}, "above 0"),
        (SettingError, {"temperature": np.nan}, "finite"),
        (SettingError, {"constant": "much"}, "constant = 'much'"),
        (StepSizeError, {"delta": -1}, "delta = -1"),
        (SettingError, {"dtype": "float128"}, "float16, float32, float64"),
    ],
)
def test_bad_input_is_named(error, given, words):
    with pytest.raises(error, match=words):
        LogitDescent(**{"logits": LOGITS} | given)


def test_a_refused_change_leaves_all_as_it_was():
    run = LogitDescent(LOGITS)
    with pytest.raises(LabelError):
        run.change(logit=(0, 9.0), label=7)
    with pytest.raises(NotFiniteError):
        run.change(logit=(0, np.nan))
    assert run.look().logits.tolist() == list(LOGITS) and run.label == 0
