"""Fresh processes: where they run, what they cost, and what is said where one fails."""

import os

import numpy as np
import pytest

from lab.bench import fresh
from lab.bench.child import ChildError
from lab.bench.probe import peak_memory


def test_a_fresh_process_answers_and_a_failing_one_is_quoted():
    assert fresh.python("import json, os; print('noise'); print(json.dumps(os.environ['NAME']))", {"NAME": "x"}) == "x"
    with pytest.raises(ChildError, match=r"exit code 1\): ZeroDivisionError"):
        fresh.python("1 / 0")


def test_a_fresh_process_can_be_without_a_variable(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "somewhere")
    assert (
        fresh.python("import os; print(str('NUMBA_CACHE_DIR' in os.environ).lower())", {"NUMBA_CACHE_DIR": None})
        is False
    )


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no affinity")
def test_a_fresh_process_has_one_core_and_one_thread_and_the_bench_keeps_its_own():
    before = os.sched_getaffinity(0)
    code = """import json, os, numpy
from threadpoolctl import threadpool_info
print(json.dumps([len(os.sched_getaffinity(0)), [library["num_threads"] for library in threadpool_info()]]))"""
    cores, threads = fresh.python(code)
    assert cores == 1 and threads and set(threads) == {1}
    assert os.sched_getaffinity(0) == before and "every process on one core, with one BLAS thread" in fresh.WHERE


def test_variables_ask_for_one_thread_even_where_the_user_asks_for_more(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "8")
    assert fresh.python("import os; print(os.environ['OPENBLAS_NUM_THREADS'])") == 1


def test_start_is_measured_in_seconds_with_goals(session, monkeypatch):
    seconds = {fresh.IMPORT_LAB: 0.1, fresh.NAMES: 0.2, fresh.KERNELS: 0.7}
    monkeypatch.setattr(fresh, "python", lambda code, environment=None: seconds[code])
    fresh.start_rows(session, runs=2, cold=True)
    rows = {row["size"]: row for row in session.rows}
    assert rows["import lab"]["reached"] is True and rows["kernels ready"]["reached"] is False
    assert rows["kernels ready"]["less"] and rows["kernels compiled"]["ratio"] == 0.7
    assert {row["unit"] for row in session.rows} == {"s"} and {row["peer"] for row in session.rows} == {None}
    assert "one process" in rows["kernels compiled"]["note"] and rows["import lab"]["note"] == fresh.WHERE


@pytest.mark.parametrize("there", [True, False])
def test_a_test_tool_that_numba_imports_is_told(session, monkeypatch, there):
    monkeypatch.setattr(fresh, "python", lambda code, environment=None: 0.1)
    monkeypatch.setattr(fresh, "find_spec", lambda name: there and name == "coverage")
    fresh.start_rows(session, runs=1, cold=False)
    assert any("coverage" in note for note in session.notes) is there


def test_importing_lab_is_timed_in_a_real_process():
    assert 0 < fresh.python(fresh.IMPORT_LAB) < 60


def test_a_first_step_and_memory_beside_a_peer(session):
    fresh.training_rows(session, runs=1)
    first, ours, theirs = session.rows
    assert (first["workload"], first["peer"], first["unit"]) == ("first step", "numpy", None)
    assert [row["peer"] for row in (ours, theirs)] == ["lab", "numpy"] and ours["unit"] == "MiB"
    assert 20 < theirs["ratio"] < ours["ratio"] < 4000
    assert fresh.WHERE in first["note"]


def test_who_is_left_out_because_it_takes_long_is_told(session, monkeypatch):
    monkeypatch.setattr(fresh, "python", lambda code: {"first": 1.0, "peak": 2**20})
    session.peers = ["torch.compile", "numpy"]
    fresh.training_rows(session, runs=1, left_out=("torch.compile",))
    assert {row["peer"] for row in session.rows} == {"numpy", "lab"}
    assert "torch.compile was left out of the first step" in session.notes[0]


def test_a_peer_whose_process_fails_is_told(session, monkeypatch):
    def python(code):
        if "'numpy'" in code:
            raise ChildError("no memory")
        return {"first": 1.0, "peak": None}

    monkeypatch.setattr(fresh, "python", python)
    fresh.training_rows(session, runs=1)
    assert session.rows == [] and "numpy did not take a first step: no memory" in session.notes[0]
    assert "Memory was left out" in session.notes[1]


def test_the_peak_is_at_least_what_is_held():
    held = np.ones(2_000_000)
    assert peak_memory() is None or peak_memory() > held.nbytes
