"""Steps beside peers: rows for who is here, sentences for who is not, and the same mathematics for all."""

import math

import numpy as np
import pytest

from lab.bench import bench, peers, steps
from lab.bench.goals import step_goal
from lab.bench.lab_step import LabStep
from lab.bench.numpy_step import numpy_step
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
    session.rounds = 2
    advanced = []
    session.advance = lambda: advanced.append(1)
    workloads = [Workload("tiny", 16, threads=2), Workload("tiny", 32, "float64", threads=2)]
    steps.step_rows_elsewhere(session, workloads)
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
    assert step_goal("mnist10", 256, 1, "float32", "torch").value == 3.0
    assert step_goal("mnist10", 256, 2, "float32", "torch") is None
    assert step_goal("tiny", 1024, 1, "float32", "torch") is None
    assert step_goal("mnist1", 256, 1, "float32", "torch") is None
    aimed = {(w.size, w.dtype) for w in FULL if any(w.goal(peer) for peer in peers.PEERS)}
    assert aimed == {("mnist10", "float32"), ("mnist10", "float64"), ("wide", "float32"), ("tiny", "float32")}


def test_the_lists_hold_every_net_and_compile_where_a_goal_is_set():
    assert {w.size for w in FULL} == set(WIDTHS) and {w.threads for w in FULL} == {1, 2}
    assert {w.batch for w in FULL} == {64, 256, 1024} and {w.dtype for w in FULL} == {"float32", "float64"}
    assert len(set(FULL)) == len(FULL) and len(set(QUICK)) == len(QUICK)
    assert all(w.compiled for w in FULL if w.goal("torch.compile"))


def test_the_flops_of_a_step_are_those_of_its_products():
    assert Workload("tiny", 2).flops() == 2 * 2 * (2 * 64 * 32 + 3 * (32 * 16 + 16 * 8 + 8 * 1))


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_numpy_peer_takes_the_same_step_as_the_lab(size, dtype):
    """Without dropout both are deterministic: what is compared must be the same mathematics."""
    task = make_task(Workload(size, 32, dtype=dtype, keep=1.0, delta=0.1))
    ours, theirs = LabStep(task, backend="reference"), numpy_step(task)
    for _ in range(3):
        ours(), theirs()
    assert_same_weights(ours.net, theirs, 1e-4 if dtype == "float32" else 1e-12)


def assert_same_weights(net, theirs, tolerance):
    views = net.views(net.params)
    for i, w in enumerate(closure(theirs, "weights"), start=1):
        assert np.linalg.norm(views[f"W{i}"] - w) <= tolerance * np.linalg.norm(w)
    running = net.running_views(net.running)
    for i, gamma in enumerate(closure(theirs, "gammas"), start=1):
        assert np.linalg.norm(views[f"gamma{i}"] - gamma) <= tolerance * np.linalg.norm(gamma)
        assert np.isfinite(running[f"var{i}"]).all()


def closure(function, name):
    """A variable that a nested function keeps."""
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents


def test_torch_takes_the_same_step_as_the_lab():
    torch = pytest.importorskip("torch")
    from lab.bench import torch_step

    nets = []
    task = make_task(Workload("tiny", 32, "float64", keep=1.0, delta=0.1))
    step, x, target = torch_step.torch_training(task, wrap=lambda net: nets.append(net) or net)
    with LabStep(task, backend="reference") as ours:
        for _ in range(3):
            ours(), step(x, target)
    linear = [layer.weight for layer in nets[0] if isinstance(layer, torch.nn.Linear)]
    for i, weight in enumerate(linear, start=1):
        w = ours.net.views(ours.net.params)[f"W{i}"]
        assert np.linalg.norm(weight.detach().numpy().T - w) <= 1e-12 * np.linalg.norm(w)


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
