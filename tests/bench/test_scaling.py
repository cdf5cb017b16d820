"""Speed-ups: what is told, Amdahl's law by hand, and the weights that do not know P."""

import numpy as np
import pytest

from lab.bench.scaling import Scaling, StepDone, advice, amdahl
from lab.errors import SettingError
from lab.events import Waiting


def test_amdahls_law_by_hand():
    assert amdahl(0.95, np.array([1, 2, 20])) == pytest.approx([1, 1 / 0.525, 1 / 0.0975])
    assert amdahl(1.0, 7) == 7 and amdahl(0.0, 7) == 1
    assert amdahl(0.9, 10**9) == pytest.approx(10)


def test_mini_batches_are_dealt_out_whole():
    assert amdahl(1.0, np.array([1, 2, 3, 4, 5]), 4) == pytest.approx([1, 2, 2, 4, 4])
    assert amdahl(0.5, 3, 4) == pytest.approx(1 / (0.5 + 0.25))


def test_workers_take_turns_on_one_net_and_the_share_is_measured_at_one():
    run = Scaling("tiny", batch=64, K=4, most=3, seconds=1e-6)
    assert run.share is None and run.speed_up(2) is None
    events = [event for event in run if not isinstance(event, Waiting)]
    assert [event.workers for event in events] == [1, 2, 3] and all(type(event) is StepDone for event in events)
    assert all(0 < event.busiest < event.seconds for event in events)
    assert run.share == pytest.approx(events[0].busiest / events[0].seconds)
    assert run.speed_up(1) == (1, 1, 1)
    assert run.speed_up(3)[0] == pytest.approx(events[0].seconds / events[2].seconds)
    run.close()


@pytest.mark.parametrize(
    ("P", "K", "cores", "says"),
    [
        (3, 4, 2, "more workers than the 2 cores here"),
        (2, 1, 1, "more workers than the 1 core here"),
        (4, 3, 8, "more workers than the K = 3 mini-batches"),
        (2, 1, 8, "more workers than the K = 1 mini-batch,"),
        (3, 4, 8, "some have a mini-batch of the K = 4 more"),
    ],
)
def test_what_keeps_workers_from_being_busy_is_said(P, K, cores, says):
    assert says in advice(P, K, cores)


def test_nothing_is_said_where_all_are_busy():
    assert advice(2, 4, 2) == ""


@pytest.mark.parametrize(
    "wrong", [{"size": "huge"}, {"K": 0}, {"K": 9, "batch": 16}, {"most": 0}, {"batch": 1}, {"seconds": 0}]
)
def test_what_is_not_allowed_is_refused_at_once(wrong):
    with pytest.raises(SettingError):
        Scaling(**wrong)
