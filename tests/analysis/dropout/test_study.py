"""A study over p and seeds: paired runs, spreads, and a verdict that says when nothing can be told."""

import numpy as np
import pytest

import lab
from lab.analysis.dropout import DropoutStudy, StudyRun
from lab.analysis.dropout.study import subset
from lab.errors import KeepProbabilityError, SettingError, StepSizeError
from lab.events import Waiting


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def study(data, **settings):
    small = {"keeps": (0.4, 1.0), "seeds": 2, "samples": 100, "epochs": 5, "hidden": (16, 16, 16)}
    return DropoutStudy(data, **small | settings)


def test_every_p_runs_from_every_seed(data):
    run = study(data)
    events = list(run)
    ends = [event for event in events if isinstance(event, StudyRun)]
    assert [(end.seed, end.keep) for end in ends] == [(0, 0.4), (0, 1.0), (1, 0.4), (1, 1.0)]
    assert run.runs == ends and run.total == 4
    assert all(isinstance(event, Waiting) and 0 <= event.done <= 1 for event in events if event not in ends)


def test_a_run_is_the_training_it_says(data):
    """The numbers of one run are those of a training by hand."""
    run = study(data, keeps=(0.7, 1.0), seeds=1, seed=4, backend="reference", dtype="float64")
    end = next(event for event in run if isinstance(event, StudyRun))
    part = subset(data, 100, 4)
    net = lab.NN4((64, 16, 16, 16, 10), 0.7, batchnorm=False, bias=True, seed=4, dtype="float64", backend="reference")
    for _ in lab.train(net, part, delta=0.2, K=1, batch=50, epochs=5):
        pass
    assert end.test_loss == pytest.approx(net.loss(data.test_x, data.test_y), rel=1e-6)
    assert end.train_loss == pytest.approx(net.loss(part.train_x, part.train_y), rel=1e-6)
    assert end.gap == end.test_loss - end.train_loss


def test_the_samples_are_others_for_every_seed_and_no_test_digit_is_among_them(data):
    parts = [subset(data, 200, seed) for seed in (0, 0, 1)]
    assert (parts[0].train_x == parts[1].train_x).all() and (parts[0].train_x != parts[2].train_x).any()
    assert parts[0].fingerprint != parts[2].fingerprint != data.fingerprint
    assert (parts[0].test_x == data.test_x).all() and len(parts[0].train_x) == len(parts[0].train_y) == 200


def filled(data, losses):
    """A study with given test losses, {p: one a seed}."""
    run = study(data, keeps=tuple(losses), seeds=8)
    for seed in range(8):
        run.runs += [StudyRun(p, seed, 0.1, values[seed], 0.0, 0.0) for p, values in losses.items()]
    return run


def test_spread_is_median_and_range_and_leaves_out_what_diverged(data):
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 100.0, float("nan")]
    run = filled(data, {0.5: values, 1.0: [2.0] * 8})
    spread = run.spread("test_loss")
    assert (spread.middle[0], spread.low[0], spread.high[0]) == (4, 1, 100)
    assert study(data).spread("gap").middle.tolist() == pytest.approx([np.nan] * 2, nan_ok=True)


def test_the_verdict_is_paired_by_seed_and_says_when_nothing_can_be_told(data):
    base = np.linspace(1, 3, 8)  # seeds differ far more than dropout does
    noise = np.array([1, -1, 2, -2, 1, -1, 2, -2]) * 0.01
    run = filled(data, {0.2: base + 0.1 + noise, 0.5: base + noise, 0.8: base - 0.1 + noise, 1.0: base})
    assert [run.verdict(p).word for p in (0.2, 0.5, 0.8)] == ["hurts", "not told apart", "helps"]
    verdict = run.verdict(0.8)
    # Student's t for 7 degrees of freedom is 2.365 (tables), for a two-sided interval of 95 %.
    assert verdict.half_width == pytest.approx(2.3646 * noise.std(ddof=1) / np.sqrt(8), rel=1e-4)
    assert verdict.difference == pytest.approx(-0.1) and verdict.seeds == 8
    assert study(data).verdict(0.4) is None


def test_a_run_that_leaves_the_finite_numbers_is_an_answer_too(data):
    run = study(data, delta=1e6, keeps=(1.0,), seeds=1)
    end = [event for event in run if isinstance(event, StudyRun)]
    assert len(end) == 1 and np.isnan(end[0].test_loss) and run.of(1.0) == []


def test_too_small_a_p_hurts_and_no_dropout_has_the_larger_gap(data):
    """200 digits, hidden 128: the middle of the gap falls with p, and p = 0.4 learns little (seen with 8 seeds)."""
    run = DropoutStudy(data, keeps=(0.4, 0.8, 1.0), seeds=3, samples=200, epochs=30)
    list(run)
    assert run.verdict(0.4).word == "hurts"
    middle = run.spread("train_loss").middle
    assert middle[0] > middle[1] > middle[2]


def test_closing_ends_the_run(data):
    run = study(data)
    next(run)
    run.close()
    assert list(run) == [] and run.runs == []


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"keeps": (0.5,)}, SettingError, "Name each p once, and 1"),
        ({"keeps": (1.0, 0.5, 0.5)}, SettingError, "Name each p once"),
        ({"keeps": (0.0, 1.0)}, KeepProbabilityError, "keep = 0.0"),
        ({"samples": 2000}, SettingError, "samples = 2000 is not allowed. Give a whole number from 2 to 1437"),
        ({"seeds": 0}, SettingError, "seeds = 0"),
        ({"epochs": 0}, SettingError, "epochs = 0"),
        ({"delta": 0}, StepSizeError, "delta = 0"),
    ],
)
def test_what_is_not_allowed_is_refused(data, change, error, says):
    with pytest.raises(error, match=says):
        study(data, **change)
