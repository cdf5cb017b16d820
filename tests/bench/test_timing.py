"""Who is measured when, what a ratio is, and that cores and threads are as they were afterwards."""

import os

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from lab.bench import timing
from lab.bench.calibration import Calibration
from lab.bench.goals import Goal
from lab.bench.rows import quartiles, ratio_row
from lab.blas import set_blas_threads


def takes(clock, seconds):
    """A step that takes some seconds of the clock, one figure after the other, and then the last one."""
    left = list(np.atleast_1d(seconds))
    return lambda: clock.advance(left.pop(0) if len(left) > 1 else left[0])


def test_everybody_is_measured_in_every_round_and_every_other_round_runs_backwards():
    calls, ticks = [], []
    steps = {name: lambda name=name: calls.append(name) for name in ("a", "b")}
    times = timing.interleaved(steps, rounds=4, seconds=1e-9, tick=lambda: ticks.append(1))
    assert len(ticks) == 4 and {name: len(t) for name, t in times.items()} == {"a": 4, "b": 4}
    assert calls[6:] == ["a", "a", "b", "b", "b", "b", "a", "a"] * 2


def test_zero_seconds_mean_one_call_and_none_before_it():
    calls = []
    timing.interleaved({"a": lambda: calls.append("a")}, rounds=3, seconds=0.0, warm_ups=1)
    assert len(calls) == 1 + 3


def test_a_measurement_is_the_mean_over_the_calls_that_fit(clock):
    times = timing.interleaved({"a": takes(clock, 0.25)}, rounds=2, seconds=1.0)
    assert times["a"] == pytest.approx([0.25, 0.25]) and clock.now == pytest.approx(0.25 * (3 + 2 * 5))


def test_the_ratio_is_that_of_the_durations(clock):
    times = timing.interleaved({"lab": takes(clock, 0.002), "peer": takes(clock, 0.007)}, rounds=5, seconds=0.02)
    row = ratio_row("NN4 step", "tiny", "peer", times["peer"], times["lab"], Goal(3.0, 4.0))
    assert row["ratio"] == row["low"] == row["high"] == 3.5 and row["seconds"] == pytest.approx(0.002)
    assert row["reached"] and (row["goal"], row["stretch"]) == (3.0, 4.0)


def test_the_ratio_is_taken_within_the_rounds(clock):
    """A machine that is ten times slower in one round is so for both: the ratio stays."""
    drift = np.repeat([1.0, 10.0, 100.0], 1)
    steps = {"lab": takes(clock, [1, *drift]), "peer": takes(clock, [2, *(2 * drift)])}
    times = timing.interleaved(steps, rounds=3, seconds=0.0, warm_ups=1)
    assert quartiles(times["peer"] / times["lab"]) == (2.0, 2.0, 2.0)
    assert times["lab"].tolist() == [1.0, 10.0, 100.0]


def test_one_who_takes_its_time_itself_is_asked_for_it():
    class Elsewhere:
        def __call__(self):
            pass

        def measure(self, seconds):
            return 2 * seconds

    assert timing.interleaved({"a": Elsewhere()}, rounds=2, seconds=0.5)["a"].tolist() == [1.0, 1.0]


def test_before_each_measurement_its_name_is_told():
    told = []
    timing.interleaved(dict.fromkeys("ab", lambda: None), rounds=1, seconds=0.0, before=told.append)
    assert told == ["a", "b", "a", "b"]


def test_a_goal_of_seconds_is_reached_from_below():
    assert Goal(0.5, less=True).reached(0.4) and not Goal(0.5, less=True).reached(0.6)
    assert Goal(2.0).reached(2.0) and not Goal(2.0).reached(1.99)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no affinity")
@pytest.mark.parametrize("count", [1, 2, 1000])
def test_the_affinity_is_that_of_the_last_cores_and_is_restored(count):
    before = os.sched_getaffinity(0)
    with timing.cores(count) as chosen:
        assert os.sched_getaffinity(0) == set(chosen) == set(sorted(before)[-count:])
    assert os.sched_getaffinity(0) == before


def test_a_system_without_affinity_pins_nothing(monkeypatch):
    for name in ("sched_getaffinity", "sched_setaffinity"):
        monkeypatch.delattr(os, name, raising=False)
    with timing.cores(1) as chosen:
        assert chosen == []
    assert timing.allowed_cores() == list(range(os.cpu_count()))


def test_blas_threads_are_set_and_restored():
    def threads():
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    before = threads()
    with timing.cores(1):
        assert threads() == {1}
        set_blas_threads(2)
        assert threads() == {2}
    assert threads() == before


def test_more_threads_than_cores_are_said(monkeypatch):
    monkeypatch.setattr(timing, "allowed_cores", lambda: [7])
    assert timing.short_of(1) is None and "2 threads share 1 core:" in timing.short_of(2)


@pytest.mark.parametrize(("slow", "verdict"), [(1.01, "quiet"), (1.1, "restless"), (1.6, "too noisy")])
def test_the_calibration_names_the_noise(slow, verdict):
    calibration = Calibration()
    for number in range(20):
        calibration.keep(1e-3 * (slow if number % 2 else 1.0), threads=1)
    result = calibration.result()
    assert result["verdict"] == verdict and f"is {verdict}" in result["sentence"] and result["count"] == 20
    assert result["spread"] == pytest.approx((slow - 1) / ((slow + 1) / 2))


def test_threads_are_not_compared_with_one_thread():
    calibration = Calibration()
    for threads in (1, 2) * 5:
        calibration.keep(1e-3 * threads, threads)
    assert calibration.result()["spread"] == 0.0


def test_the_calibration_times_real_work():
    calibration = Calibration()
    assert calibration.result()["verdict"] == "unknown"
    assert all(calibration.measure(threads) > 0 for threads in (1, 2, 1))
    assert calibration.result()["count"] == 3 and calibration.result()["seconds"] > 0
