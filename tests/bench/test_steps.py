"""Steps beside peers: rows for who is here, sentences for who is not."""

import math
from dataclasses import replace
from itertools import product

import pytest

from lab.bench import Plan, bench, peers, steps, suite
from lab.bench.goals import step_goals
from lab.bench.lab_step import LabStep
from lab.bench.workloads import FULL, QUICK, WIDTHS, Workload, make_task
from lab.errors import SettingError

TINY = Workload("tiny", 16)
KEYS = {
    *("workload", "size", "batch", "threads", "dtype", "peer", "ratio", "low", "high", "unit", "goal", "stretch"),
    *("less", "reached", "seconds", "note"),
}


def test_a_row_says_what_was_measured_and_the_ratio_is_finite(tiny_plan):
    result = bench(tiny_plan, ["numpy"])
    (row,) = result["rows"]
    assert row.keys() == KEYS
    assert (row["size"], row["batch"], row["threads"], row["dtype"], row["peer"]) == ("tiny", 16, 1, "float32", "numpy")
    assert 0 < row["low"] <= row["ratio"] <= row["high"] < math.inf and row["seconds"] > 0
    assert row["unit"] is None and row["goal"] is None


def test_a_ratio_of_the_suite_is_that_of_the_measured_times(clock, session, monkeypatch):
    class Ours(LabStep):
        def __call__(self):
            clock.advance(0.004)

    monkeypatch.setattr(steps, "LabStep", Ours)
    monkeypatch.setitem(peers.PEERS, "numpy", lambda task: lambda: clock.advance(0.010))
    session.rounds, session.seconds = 3, 0.02
    steps.step_rows(session, Workload("mnist10", 64))
    (row,) = session.rows
    assert row["ratio"] == row["low"] == row["high"] == 2.5 and row["seconds"] == pytest.approx(0.004)
    assert (row["goal"], row["stretch"], row["reached"]) == (2.0, 2.3, True)


def test_who_is_not_installed_is_named_and_left_out(tiny_plan, monkeypatch):
    monkeypatch.setattr("lab.bench.installed", lambda peer: peer == "numpy")
    result = bench(tiny_plan)
    assert result["missing"] == ["torch", "torch.compile", "jax"]
    assert [row["peer"] for row in result["rows"]] == ["numpy"]


def test_a_peer_that_fails_is_told_and_the_others_go_on(session, monkeypatch):
    def broken(task):
        raise RuntimeError("\nno C++ compiler\nmore lines")

    monkeypatch.setitem(peers.PEERS, "torch.compile", broken)
    session.peers = ["torch.compile", "numpy"]
    steps.step_rows(session, Workload("tiny", 16, compiled=True))
    assert [row["peer"] for row in session.rows] == ["numpy"]
    (note,) = session.notes
    assert note.startswith("torch.compile cannot run here") and "RuntimeError: no C++ compiler." in note
    assert "more lines" not in note and "It needs a C++ compiler" in note


def test_torch_compile_takes_part_only_where_the_workload_says_so(session, monkeypatch):
    monkeypatch.setitem(peers.PEERS, "torch.compile", lambda task: pytest.fail("it was made"))
    session.peers = ["torch.compile", "numpy"]
    steps.step_rows(session, TINY)
    assert len(session.rows) == 1


def test_without_any_peer_there_is_no_row(session):
    session.peers = []
    steps.step_rows(session, TINY)
    assert session.rows == []


def test_an_unknown_peer_is_refused_and_a_repeated_one_counts_once():
    with pytest.raises(SettingError, match=r"peer = 'abacus' is unknown.*torch, torch.compile, jax, numpy"):
        peers.check_peers(["numpy", "abacus"])
    assert peers.check_peers(["numpy", "numpy"]) == ["numpy"]


def test_two_threads_are_measured_in_a_process_of_their_own(session):
    session.rounds = 5  # it has 2 of its own
    advanced = []
    session.advance = lambda: advanced.append(1)
    workloads = [Workload("tiny", 16, threads=2), Workload("tiny", 32, "float64", threads=2)]
    steps.step_rows_elsewhere(session, workloads, rounds=2)
    assert [(row["batch"], row["threads"], row["dtype"]) for row in session.rows] == [
        (16, 2, "float32"),
        (32, 2, "float64"),
    ]
    assert len(advanced) == 4 == session.calibration.result()["count"]


def test_a_second_thread_on_one_core_is_said_in_its_row(session, monkeypatch):
    monkeypatch.setattr("lab.bench.timing.allowed_cores", lambda: [0])
    steps.step_rows(session, Workload("tiny", 16, threads=2))
    assert "share 1 core" in session.rows[0]["note"]


def test_goals_are_those_of_one_thread():
    assert step_goals("mnist10", 256, 1, "float32")["torch"].value == 3.0
    for without in (("mnist10", 256, 2), ("tiny", 1024, 1), ("mnist1", 256, 1)):
        assert step_goals(*without, "float32") == {}
    aimed = {(w.size, w.dtype) for w in FULL if w.goals}
    assert aimed == {("mnist10", "float32"), ("mnist10", "float64"), ("wide", "float32"), ("tiny", "float32")}


def test_the_list_is_every_net_at_every_batch_type_and_number_of_threads():
    asked = product(("mnist10", "mnist1", "wide", "tiny"), (64, 256, 1024), ("float32", "float64"), (1, 2))
    assert sorted((w.size, w.batch, w.dtype, w.threads) for w in FULL) == sorted(asked) and set(WIDTHS) == {
        w.size for w in FULL
    }
    assert len(set(QUICK)) == len(QUICK) < 10


def test_torch_is_compiled_where_a_goal_is_set_and_for_the_smallest_step():
    compiled = {(w.size, w.batch) for w in FULL if w.compiled}
    assert compiled == {("mnist10", 64), ("mnist10", 256), ("mnist10", 1024), ("tiny", 64)}
    assert all(w.compiled for w in FULL if "torch.compile" in w.goals)
    assert {(w.threads, w.dtype) for w in FULL if w.compiled} == {(1, "float32")}


def test_a_step_without_a_goal_has_fewer_rounds():
    plan = Plan(steps=(Workload("mnist10", 64), Workload("mnist1", 64), Workload("tiny", 64, threads=2)), few=4)
    assert [part.ticks for part in suite.parts(replace(plan, sections=("steps",)))] == [plan.rounds, 4, 4]
    assert plan.few < plan.rounds


def test_the_flops_of_a_step_are_those_of_its_products():
    assert Workload("tiny", 2).flops() == 2 * 2 * (2 * 64 * 32 + 3 * (32 * 16 + 16 * 8 + 8 * 1))


@pytest.mark.parametrize("peer", [peer for peer in peers.PEERS if peers.installed(peer) and peer != peers.COMPILED])
def test_every_installed_peer_can_take_all_workloads(peer):
    for size, dtype in sorted({(workload.size, workload.dtype) for workload in FULL}):
        step = peers.PEERS[peer](make_task(Workload(size, 8, dtype)))
        step(), step()


@pytest.mark.slow
def test_a_compiled_peer_takes_a_step_or_says_why_not(session):
    pytest.importorskip("torch")
    session.peers = ["torch.compile"]
    steps.step_rows(session, Workload("tiny", 16, compiled=True))
    assert [row["peer"] for row in session.rows] == ["torch.compile"] or "torch.compile" in session.notes[0]
