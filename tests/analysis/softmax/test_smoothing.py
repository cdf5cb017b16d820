"""Label smoothing: the optimum in closed form, by descent, and by its own definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.softmax import (
    CONVENTIONS,
    SmoothedDescent,
    cross_entropy,
    cross_entropy_grad,
    entropy,
    optimal_gap,
    smoothed,
)
from lab.errors import LabelError, NotFiniteError, SettingError, ShapeError, StepSizeError

classes = st.integers(2, 60)
shares = st.floats(1e-6, 0.99)
conventions = st.sampled_from(CONVENTIONS)


@given(classes, shares, conventions)
def test_the_closed_gap_is_where_softmax_meets_the_target(d, eps, convention):
    target, gap = smoothed(d - 1, d, eps, convention), optimal_gap(d, eps, convention)
    assert np.isclose(target.sum(), 1) and (target >= 0).all()
    x = np.zeros(d)
    x[-1] = gap
    for constant in (0.0, -7.0):  # the optimum is unique up to a constant
        assert np.abs(cross_entropy_grad(x + constant, target)).max() < 1e-12
        assert np.isclose(cross_entropy(x + constant, target), entropy(target), atol=1e-12)


def test_the_figures_of_the_course():
    """eps/d on every class: log(1 + d(1-eps)/eps); eps/(d-1) on the others: log((1-eps)(d-1)/eps)."""
    assert optimal_gap(10, 0.1, "every") == pytest.approx(math.log(91)) == pytest.approx(4.511, abs=1e-3)
    assert optimal_gap(10, 0.1, "others") == pytest.approx(math.log(81)) == pytest.approx(4.394, abs=1e-3)
    assert smoothed(0, 10, 0.1, "every")[:2] == pytest.approx([0.91, 0.01])
    assert smoothed(0, 10, 0.1, "others")[:2] == pytest.approx([0.9, 0.1 / 9])
    assert entropy(smoothed(0, 10, 0.1)) == pytest.approx(0.5003, abs=1e-4)


@given(st.lists(st.floats(-8, 8), min_size=2, max_size=12), shares, conventions)
def test_the_gradient_is_z_minus_the_smoothed_target_and_equal_to_finite_differences(x, eps, convention):
    x, h = np.array(x), 1e-5
    target = smoothed(0, len(x), eps, convention)
    steps = h * np.eye(len(x))
    found = [(cross_entropy(x + e, target) - cross_entropy(x - e, target)) / (2 * h) for e in steps]
    assert np.allclose(cross_entropy_grad(x, target), found, atol=1e-8)
    z = np.exp(x) / np.exp(x).sum()
    assert np.isclose(cross_entropy(x, target), -(target * np.log(z)).sum(), atol=1e-11)
    assert cross_entropy(x, target) >= entropy(target) - 1e-12  # Gibbs


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(("d", "eps"), [(2, 0.1), (5, 0.3), (10, 0.1), (30, 0.05), (10, 0.8)])
def test_descent_arrives_at_the_closed_form_from_any_start(d, eps, convention):
    for seed in (0, 1):
        run = SmoothedDescent(d, eps, convention, delta=2.0, spread=2.0, seed=seed)
        sum_of_logits = run.x.sum()
        for seen in run:
            if seen.step == 8000:
                break
        assert seen.low == pytest.approx(optimal_gap(d, eps, convention), abs=1e-5)
        assert seen.high == pytest.approx(seen.low, abs=1e-5) and seen.loss == pytest.approx(run.entropy, abs=1e-9)
        assert run.x.sum() == pytest.approx(sum_of_logits, abs=1e-9)


def test_without_smoothing_the_gap_grows_as_the_log_of_the_steps():
    run = SmoothedDescent(10, 0.0, delta=1.0, spread=0.0)
    assert math.isinf(run.closed) and run.entropy == 0
    seen = {each.step: each for each in (next(run) for _ in range(20000))}
    for t in (2000, 20000):
        assert seen[t].gap == pytest.approx(math.log(10 * t), abs=0.01)
    assert 0 < seen[20000].loss < seen[2000].loss


def test_what_is_changed_moves_the_optimum_and_descent_follows():
    run = SmoothedDescent(4, 0.1, delta=2.0)
    for _ in range(500):
        next(run)
    run.change(eps=0.4, convention="others")
    assert next(run).closed == optimal_gap(4, 0.4, "others") < optimal_gap(4, 0.1)
    for _ in range(500):
        seen = next(run)
    assert seen.gap == pytest.approx(seen.closed, abs=1e-6)
    with pytest.raises(SettingError):
        run.change(delta=1.0, eps=1.0)
    assert (run.eps, run.delta) == (0.4, 2.0)


def test_the_history_is_dense_at_first_and_bounded():
    run = SmoothedDescent(3)
    for _ in range(10000):
        next(run)
    steps = [each.step for each in run.history]
    assert steps[:10] == list(range(1, 11)) and len(steps) < 4 * 40 and steps[-1] > 9000


def test_entropy_knows_0_log_0_and_refuses_what_is_no_distribution():
    assert entropy(np.array([1.0, 0.0])) == 0 and entropy(np.full(8, 1 / 8)) == pytest.approx(math.log(8))
    for bad in ([0.5, 0.6], [1.5, -0.5], [[1.0]], [math.nan, 1.0]):
        with pytest.raises(ShapeError, match="no distribution"):
            entropy(np.array(bad))


@pytest.mark.parametrize(
    ("error", "given", "words"),
    [
        (SettingError, {"classes": 1}, "classes = 1"),
        (SettingError, {"eps": 1.0}, r"\[0, 1\)"),
        (SettingError, {"eps": -0.1}, "eps = -0.1"),
        (SettingError, {"eps": math.nan}, "eps = nan"),
        (SettingError, {"convention": "all"}, "every, others"),
        (StepSizeError, {"delta": 0}, "delta = 0"),
        (SettingError, {"spread": math.inf}, "spread = inf"),
    ],
)
def test_bad_input_is_named(error, given, words):
    with pytest.raises(error, match=words):
        SmoothedDescent(**given)


def test_targets_that_do_not_fit_are_refused():
    with pytest.raises(LabelError, match="from 0 to 4"):
        smoothed(5, 5, 0.1)
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        cross_entropy(np.zeros(2), np.full(3, 1 / 3))
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        cross_entropy_grad(np.zeros(3), np.full(2, 1 / 2))
    with pytest.raises(NotFiniteError, match="target holds nan"):
        cross_entropy(np.zeros(2), np.array([math.nan, 1.0]))
    with pytest.raises(ShapeError, match="numbers are needed"):
        entropy("words")
    with pytest.raises(SettingError, match="convention"):
        optimal_gap(5, 0.1, "none")
