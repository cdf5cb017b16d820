"""Descent under dropout: the course's runs, what changes on the way, and what is refused."""

from itertools import islice

import numpy as np
import pytest

from lab.analysis.least_squares import STABLE, Descent
from lab.errors import KeepProbabilityError, SettingError, StepSizeError

COURSE = ([10, 1], 11)


def after(steps, keep=0.5, **settings):
    """The descent, and the losses of its batches."""
    run = Descent(*COURSE, keep, **settings)
    return run, np.array([event.batch_loss for event in islice(run, steps)])


def test_without_dropout_it_reaches_the_shortest_solution():
    run, _ = after(1000, keep=1.0)
    assert run.w[0] == pytest.approx([1.08910891, 0.10891089], abs=5e-9) and run.expected_loss[0] < 1e-20


def test_one_mask_is_noisy_and_1024_are_smooth_with_a_floor():
    noisy, smooth = (after(1000, batch=batch)[1][-200:, 0] for batch in (1, 1024))
    assert noisy.std() > 30 > 3 > smooth.std()
    assert smooth.mean() == pytest.approx(40.333, abs=4 * smooth.std() / np.sqrt(200) + 0.1)


def test_the_large_batch_has_not_arrived_after_1000_steps_and_has_after_10000():
    run, _ = after(1000, batch=1024)
    assert abs(run.w[0, 1] - 3.66667) > 0.1
    for _ in islice(run, 9000):
        pass
    assert run.w[0] == pytest.approx([0.36667, 3.66667], abs=0.02)
    assert run.expected_loss[0] == pytest.approx(40.333, abs=2e-3)


def test_small_drop_rates_take_about_250_steps_over_the_drop_rate_for_an_e_fold():
    run, _ = after(10_000, keep=0.99, batch=None)
    assert run.w[0] == pytest.approx([0.904, 1.87], abs=2e-3)
    assert run.rows.solution()[0] == pytest.approx([0.547, 5.47], abs=3e-3)
    drops = np.array([0.01, 0.02, 0.05])
    folds = -1 / np.log(1 - 1e-3 * Descent(*COURSE, 1 - drops).rows.curvature()[:, 0])
    assert folds == pytest.approx(250 / drops, rel=0.03)


def test_adam_ends_at_ones_without_dropout_and_at_least_squares_with_it():
    """Both gradients of the first sample have one sign, so both weights go the same way: 10 + 1 = 11."""
    whole, _ = after(10_000, keep=1.0, optimizer="adam")
    assert whole.w[0] == pytest.approx([1, 1], abs=1e-6)
    dropped, _ = after(20_000, optimizer="adam", batch=None)
    assert dropped.w[0] == pytest.approx([0.36666667, 3.66666667], abs=1e-6)
    drawn, _ = after(10_000, optimizer="adam", batch=1024)
    assert drawn.w[0] == pytest.approx([0.36666667, 3.66666667], abs=0.02)


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("batch", [1, 16])
def test_it_stays_bounded_at_every_p_though_the_step_size_asks_for_more(batch, inverted):
    keeps = np.array([0.05, 0.1, 0.3, 0.5, 0.9, 1.0])
    run, losses = after(3000, keep=keeps, batch=batch, inverted=inverted, delta=1.0)
    assert np.allclose(run.taken, STABLE * run.rows.stable())
    assert np.isfinite(losses).all() and np.abs(run.w * COURSE[0]).max() < 1000
    assert "step size cut at 6 of 6 p, where" in run.note


def test_at_a_drop_rate_of_07_the_courses_step_size_diverges_unless_it_is_cut():
    run = Descent(*COURSE, 0.3, delta=1e-3)
    w = run.w.copy()
    for _ in range(2000):
        next(run)
        w -= 1e-3 * run.rows.gradient(w, run._batch())
    assert run.taken[0] < 1e-3 and np.abs(run.w).max() < 100 and np.abs(w).max() > 1e6


def test_a_step_size_that_is_stable_is_taken_as_it_is():
    run = Descent(*COURSE, 0.5, delta=1e-3)
    assert run.taken.tolist() == [1e-3] and run.note == "step size 0.001, stable below 0.0025"
    run.change(delta=1.0)
    assert run.note == "step size cut to 0.0022, as from 0.0025 on a batch can overshoot"
    run.change(optimizer="adam")
    assert run.taken.tolist() == [1.0] and run.note == ""


def test_the_mean_of_many_batches_of_one_is_the_expected_gradient():
    run = Descent(*COURSE, 0.5, batch=1, delta=1e-9)  # it does not move, so that every batch is taken at one place
    w, n = np.array([[0.2, 1.0]]), 20_000
    run.w = w.copy()
    found = np.array([run.rows.gradient(w, run._batch())[0] for _ in range(n)])
    error = found.std(axis=0, ddof=1) / np.sqrt(n)
    assert (np.abs(found.mean(axis=0) - run.rows.gradient(w)[0]) < 4 * error).all()


def test_changes_go_on_from_where_it_is():
    run, _ = after(100, batch=None)
    here = run.w.copy()
    run.change(keep=1.0, inverted=False, batch=16, delta=1e-4)
    assert (run.w == here).all() and (run.rows.keep[0], run.rows.inverted, run.batch) == (1.0, False, 16)
    assert next(run).step == 101
    assert abs(run.w - here).max() > 0


def test_a_seed_gives_the_same_run_and_another_seed_another():
    runs = [after(50, batch=16, seed=seed)[0].w for seed in (4, 4, 5)]
    assert (runs[0] == runs[1]).all() and (runs[0] != runs[2]).any()


def test_every_p_of_a_sweep_goes_as_it_would_alone():
    keeps = [0.3, 0.5, 1.0]
    several, _ = after(200, keep=keeps, batch=16)
    for p, w in zip(keeps, several.w, strict=True):
        assert w == pytest.approx(after(200, keep=p, batch=16)[0].w[0], rel=1e-12)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"batch": 0}, SettingError, "batch = 0 is not allowed. Give a whole number from 1"),
        ({"delta": 0.0}, StepSizeError, "delta = 0.0"),
        ({"optimizer": "newton"}, SettingError, "Choose one of: sgd, adam"),
        ({"keep": 0}, KeepProbabilityError, "keep = "),
        ({"seed": -1}, SettingError, "seed = -1"),
    ],
)
def test_what_is_not_allowed_is_named_and_leaves_a_run_as_it_was(settings, error, said):
    with pytest.raises(error, match=said):
        Descent(*COURSE, settings.get("keep", 0.5), **{k: v for k, v in settings.items() if k != "keep"})
    run = Descent(*COURSE, 0.5)
    if "seed" not in settings:
        with pytest.raises(error, match=said):
            run.change(**settings)
        assert (run.batch, run.delta, run.optimizer, run.rows.keep[0]) == (1, 1e-3, "sgd", 0.5)


def test_other_numbers_of_p_and_unknown_names_are_refused():
    run = Descent(*COURSE, 0.5)
    with pytest.raises(SettingError, match="2 values of p do not fit"):
        run.change(keep=[0.5, 0.6])
    with pytest.raises(TypeError, match="speed"):
        run.change(speed=1)
