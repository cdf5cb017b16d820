"""Statistics with and without masks, network after network: bands, pairs, and when nothing can be told."""

import numpy as np
import pytest

import lab
from lab.analysis.batchnorm import ShiftSeen, ShiftStudy, VarianceShift
from lab.analysis.dropout import subset
from lab.errors import KeepProbabilityError, SettingError, StepSizeError
from lab.events import RoundDone


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def study(data, **settings):
    small = {"seeds": 2, "hidden": (16, 16, 16), "samples": 100, "epochs": 4, "batch": 50, "every": 2}
    return ShiftStudy(data, **small | {"backend": "reference", "dtype": "float64"} | settings)


def test_every_network_is_the_one_that_learns_alone(data):
    both = study(data, seed=3)
    events = list(both)
    looks = [event for event in events if isinstance(event, ShiftSeen)]
    assert both.ended == 2 and sum(isinstance(event, RoundDone) for event in events) == 2 * 8
    assert [look.step for look in looks] == 2 * [2, 4, 6, 8] and looks == [*both.looks[0], *both.looks[1]]
    for seed, found in zip((3, 4), both.looks, strict=True):
        net = lab.NN4((64, 16, 16, 16, 10), 0.3, seed=seed, dtype="float64", backend="reference")
        alone = VarianceShift(net, subset(data, 100, seed), delta=0.2, batch=50, epochs=4, every=2)
        list(alone)
        assert [look.running for look in alone.looks] == [look.running for look in found]
        assert [look.recomputed for look in alone.looks] == [look.recomputed for look in found]


def test_a_network_has_ended_with_its_last_look(data):
    run = study(data, every=3)
    seen = [(event.step, run.ended) for event in run if isinstance(event, ShiftSeen)]
    assert seen == [(3, 0), (6, 0), (8, 1), (3, 1), (6, 1), (8, 2)]


def test_bands_are_of_the_networks_that_have_come_so_far(data):
    run = study(data)
    assert run.last is None and len(run.spread("running", "accuracy")[0]) == 0 and run.gain is None
    taken = []
    while sum(map(len, run.looks)) < 6:
        event = next(run)
        taken += [event] if isinstance(event, ShiftSeen) else []
    assert run.ended == 1 and run.last is taken[-1] and run.gain is None
    steps, band = run.spread("recomputed", "loss")
    assert steps.tolist() == [2, 4, 6, 8]
    losses = [[look.recomputed.loss for look in looks] for looks in run.looks]
    assert (band.low[:2] == np.min([each[:2] for each in losses], axis=0)).all()
    assert (band.middle[:2] == np.median([each[:2] for each in losses], axis=0)).all()
    assert band.low[2:].tolist() == band.high[2:].tolist() == losses[0][2:], "the second one is not there yet"
    run.close()
    assert list(run) == []


def test_the_gain_is_paired_by_network(data):
    run = study(data, seeds=3)
    list(run)
    differences = run.ends("recomputed") - run.ends("running")
    mean, half = run.gain
    assert mean == pytest.approx(differences.mean())
    # Student's t for 2 degrees of freedom is 4.303 (tables), for a two-sided interval of 95 %.
    assert half == pytest.approx(4.3027 * differences.std(ddof=1) / np.sqrt(3), rel=1e-4)


def test_the_accuracy_rises_in_all_of_eight_networks_at_a_small_p_and_stays_without_dropout(data):
    run = ShiftStudy(data, keep=0.3, samples=200, epochs=30, batch=50)
    list(run)
    assert (run.ends("recomputed") > run.ends("running") + 0.05).all() and run.gain[0] > 0.2 > 0.02 + run.gain[1]
    run = ShiftStudy(data, keep=1.0, seeds=4, epochs=5)
    list(run)
    assert abs(run.gain[0]) + run.gain[1] < 0.02


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"keep": 0}, KeepProbabilityError, "keep = 0"),
        ({"seeds": 0}, SettingError, "seeds = 0"),
        ({"samples": 2000}, SettingError, "samples = 2000"),
        ({"epochs": 0}, SettingError, "epochs = 0"),
        ({"every": 0}, SettingError, "every = 0"),
        ({"delta": -1}, StepSizeError, "delta = -1"),
        ({"batch": 1}, SettingError, "batch = 1"),
    ],
)
def test_what_is_not_allowed_is_refused(data, change, error, says):
    with pytest.raises(error, match=says):
        study(data, **change)
