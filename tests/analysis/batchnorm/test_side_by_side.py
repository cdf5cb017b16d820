"""Runs at the same pace."""

import pytest

import lab
from lab.analysis.batchnorm import SideBySide
from lab.errors import SettingError, StepSizeError
from lab.events import Evaluated, Waiting

WIDTHS = (64, 32, 16, 8, 10)


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def runs(data, delta=0.1, widths=WIDTHS, **settings):
    nets = {
        "with": lab.NN4(widths, keep=1.0, backend="reference"),
        "without": lab.NN4(widths, keep=1.0, batchnorm=False, bias=True, backend="reference"),
    }
    usual = {"delta": delta, "K": 1, "batch": 100, "epochs": 1, "evaluate_every": 5}
    return {name: lab.train(net, data, **usual | settings) for name, net in nets.items()}


def test_every_event_has_a_round_of_each(data):
    both = SideBySide(runs(data))
    seen = [event for event in both if not isinstance(event, Waiting)]
    assert [event.step for event in seen] == list(range(1, 16)) and both.left == {}
    assert all(event.rounds["with"].step == event.rounds["without"].step for event in seen)
    assert [event.step for event in seen if event.looks] == [6, 11]
    assert all(isinstance(look, Evaluated) for event in seen for look in event.looks.values())


def test_each_run_is_as_it_would_be_alone(data):
    both = SideBySide(runs(data))
    list(both)
    for name, alone in runs(data).items():
        list(alone)
        assert alone.net.sha256() == both.runs[name].net.sha256()


def test_a_run_that_leaves_the_finite_numbers_stays_behind_and_the_other_goes_on(data):
    both = SideBySide(runs(data, delta=4.0, widths=(64, 256, 128, 64, 10)))
    seen = [event for event in both if not isinstance(event, Waiting)]
    assert set(both.left) == {"without"} and both.left["without"] < 15
    assert set(seen[-1].rounds) == {"with"} and seen[-1].step == 15


def test_a_change_is_for_all_and_is_refused_as_a_whole(data):
    both = SideBySide(runs(data))
    next(both)
    both.change(delta=0.5)
    next(both), next(both), next(both)
    assert all(run.settings.delta == 0.5 for run in both.runs.values())
    with pytest.raises(StepSizeError, match="delta = -1"):
        both.change(delta=-1)
    both.close()
    with pytest.raises(StopIteration):
        next(both)


def test_no_runs_are_refused():
    with pytest.raises(SettingError, match="no runs"):
        SideBySide({})
