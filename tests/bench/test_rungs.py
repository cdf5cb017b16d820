"""Rungs measured live: what is told, in which order, and that compiling counts nothing. No test asserts a rate."""

import threading
import time

import numpy as np
import pytest

from lab.bench import live, rungs
from lab.bench.live import Measuring, Spread, Timed, made_ready, timed
from lab.bench.rungs import BLAS, PEAK, RungTimed, climb, ideas, names
from lab.bench.timing import allowed_cores
from lab.errors import SettingError
from lab.events import Waiting

SMALL = (24, 40, 33)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(live, "PIECE", 1e-4)
    monkeypatch.setattr(rungs, "LONGEST", 1e-4)


def test_every_rung_is_measured_in_turn_then_the_blas_and_the_peak():
    run = climb(shape=SMALL, seconds=1e-6)
    events = [event for event in run if not isinstance(event, Waiting)]
    assert [event.rung for event in events] == [*names(), BLAS, PEAK]
    assert all(type(event) is RungTimed and 0 < event.low <= event.rate <= event.high for event in events)
    assert all(event.count == 1 and 1 <= event.rows <= 192 for event in events)
    assert run.peak == max(event.rate for event in events) and run.calibration.result()["count"] == 1


def test_a_second_round_goes_on_with_the_same_and_the_rate_is_the_medians():
    run = climb(("naive", "registers"), SMALL, seconds=60, dtype="float64")
    events = (event for event in run if isinstance(event, RungTimed))
    first, second = ([next(events) for _ in range(4)] for _ in range(2))
    assert [event.rung for event in first] == [event.rung for event in second] == ["naive", "registers", BLAS, PEAK]
    assert [event.count for event in second] == [2] * 4
    for event in second[:2]:
        flops = 2 * event.rows * SMALL[1] * SMALL[2]
        assert event.rate == pytest.approx(flops / np.median(run.seconds[event.rung]))
    run.close()
    assert list(run) == []


def test_each_rung_has_an_idea_and_a_limit():
    assert tuple(ideas()) == names() and len(names()) == 6
    assert all(idea.endswith(".") and limit for idea, limit in ideas().values())


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"rungs": ("naive", "quick")}, "rung = 'quick'"),
        ({"rungs": ()}, "Name at least one"),
        ({"shape": (4, 4)}, "Give \\(m, k, n\\)"),
        ({"shape": (4, 0, 4)}, "shape\\[1\\] = 0"),
        ({"shape": (4, 4, 5000)}, "from 1 to 4096"),
        ({"seconds": 0.0}, "seconds = 0.0"),
        ({"seconds": float("nan")}, "seconds = nan"),
        ({"dtype": "float16"}, "dtype = 'float16'"),
    ],
)
def test_what_is_not_allowed_is_refused_at_once(changed, says):
    with pytest.raises(SettingError, match=says):
        climb(**{"shape": SMALL, "seconds": 1.0} | changed)


# ---- what all live measurements share


def test_compiling_is_told_all_the_time_and_leaves_the_caller_free():
    free, here = threading.Event(), []

    def slow():
        here.append(threading.current_thread())
        assert free.wait(60)

    work = made_ready([("slow", slow), ("quick", lambda: None)], 2)
    said = next(work)
    assert said == Waiting("compiling slow, which does not count", 0, 0.0)
    free.set()
    assert all(type(event) is Waiting for event in work) and here[0] is not threading.current_thread()


def test_what_goes_wrong_while_compiling_is_raised_to_the_caller():
    def wrong():
        raise SettingError("no")

    with pytest.raises(SettingError, match="no"):
        list(made_ready([("wrong", wrong)], 1))


def test_a_board_that_begins_anew_does_not_wait_for_the_compiler():
    free = threading.Event()
    work = made_ready([("slow", lambda: free.wait(60))], 1)
    next(work)
    work.close()  # would hang for a minute
    assert not free.is_set()
    free.set()


def test_a_call_is_timed_after_one_that_warms_and_the_thread_keeps_its_cores():
    calls, before = [], allowed_cores()

    def call():
        calls.append(allowed_cores())
        time.sleep(0.002)

    assert timed(call, seconds=0.005) >= 0.002
    assert len(calls) >= 3 and all(len(cores) <= 1 or cores == before for cores in calls)
    assert allowed_cores() == before


class Counting(Measuring):
    def _measure(self):
        for number in self._rounds():
            yield number, self._timed("a", lambda: None)


def test_it_ends_when_the_time_is_spent_and_says_how_quiet_the_machine_was():
    run = Counting(seconds=0.05)
    assert run.spread("a") is None and run.verdict == "measuring"
    events = list(run)
    assert [number for number, _ in events] == list(range(len(events))) and len(events) > 1
    assert type(events[-1][1]) is Timed and events[-1][1].seconds.count == len(events)
    assert run.verdict.split(",")[0] in ("quiet", "restless", "too noisy") and "core" in run.machine


def test_a_spread_is_the_median_between_the_quartiles():
    assert Spread.of([5.0, 1.0, 2.0, 3.0, 4.0]) == Spread(3.0, 2.0, 4.0, 5)
