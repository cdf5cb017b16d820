"""The bench: rows for who is installed, names for who is not. No test asserts a time."""

import json
import math
import os

import numpy as np
import pytest

from lab import bench
from lab.bench import peers, timing
from lab.bench.lab_step import lab_step
from lab.bench.numpy_step import numpy_step
from lab.bench.workloads import FULL, WIDTHS, Workload, make_task
from lab.cli import main
from lab.errors import SettingError

TINY = (Workload("tiny", 16),)


@pytest.fixture(scope="module")
def result():
    return bench.bench(TINY, ["numpy"], rounds=3, seconds=0.001)


def test_a_row_says_what_was_measured_and_the_ratio_is_finite(result):
    (row,) = result["rows"]
    assert {"workload", "size", "batch", "threads", "dtype", "peer", "ratio", "low", "high", "goal"} <= row.keys()
    assert (row["size"], row["batch"], row["threads"], row["dtype"], row["peer"]) == ("tiny", 16, 1, "float32", "numpy")
    assert 0 < row["low"] <= row["ratio"] <= row["high"] < math.inf and row["seconds"] > 0


def test_the_result_is_json_with_machine_and_versions(result):
    again = json.loads(json.dumps(result))
    assert again == result
    assert again["machine"]["cpu"] and again["machine"]["cores"] >= 1 and again["machine"]["blas"]
    assert "OPENBLAS_CORETYPE" in again["machine"] and again["versions"]["numpy"] == np.__version__


def test_who_is_not_installed_is_named_and_left_out(monkeypatch):
    monkeypatch.setattr(bench, "installed", lambda peer: peer == "numpy")
    result = bench.bench(TINY, rounds=1, seconds=0.0)
    assert result["missing"] == ["torch", "jax"] and [row["peer"] for row in result["rows"]] == ["numpy"]
    assert "torch is not installed" in bench.render(result) and "pip install jax" in bench.render(result)


def test_an_unknown_peer_is_refused():
    with pytest.raises(SettingError, match=r"peer = 'abacus' is unknown.*numpy, torch, jax"):
        peers.check_peers(["numpy", "abacus"])


def test_the_table_shows_every_row(result):
    table = bench.render(result)
    assert "tiny" in table and "numpy" in table and "x" in table and result["machine"]["cpu"] in table


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_numpy_peer_takes_the_same_step_as_the_lab(size, dtype):
    """Without dropout both are deterministic: what is compared must be the same mathematics."""
    workload = Workload(size, 32, dtype=dtype, keep=1.0, delta=0.1)
    task = make_task(workload)
    ours, theirs = lab_step(task, backend="reference"), numpy_step(task)
    for _ in range(3):
        ours(), theirs()
    assert_same_weights(ours, theirs, 1e-4 if dtype == "float32" else 1e-12)


def assert_same_weights(ours, theirs, tolerance):
    net = closure(ours, "net")
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


@pytest.mark.parametrize("peer", [peer for peer in peers.PEERS if peers.installed(peer)])
def test_every_installed_peer_can_take_all_workloads(peer):
    for workload in FULL:
        step = peers.PEERS[peer](make_task(Workload(workload.size, 8)))
        step(), step()


def test_everybody_is_measured_in_every_round():
    calls = []
    steps = {name: lambda name=name: calls.append(name) for name in ("a", "b")}
    ticks = []
    times = timing.interleaved(steps, rounds=4, seconds=0.0, tick=lambda: ticks.append(1))
    assert len(ticks) == 4 and {name: len(t) for name, t in times.items()} == {"a": 4, "b": 4}
    assert calls[6:] == ["a", "a", "b", "b", "b", "b", "a", "a"] * 2  # every other round backwards


def test_the_ratio_is_taken_within_the_rounds():
    ours = np.array([1.0, 10.0, 100.0])
    assert timing.paired_ratio(2 * ours, ours) == (2.0, 2.0, 2.0)


def test_the_affinity_is_restored():
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system has no affinity")
    before = os.sched_getaffinity(0)
    with timing.one_core() as core:
        assert os.sched_getaffinity(0) == {core}
    assert os.sched_getaffinity(0) == before


def test_the_command_prints_the_table_and_writes_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(bench, "QUICK", TINY)
    file = tmp_path / "new" / "bench.json"
    assert main(["bench", "--quick", "--peers", "numpy", "--json", str(file)]) == 0
    assert "tiny" in capsys.readouterr().out
    assert json.loads(file.read_text("utf-8"))["rows"][0]["peer"] == "numpy"
    assert main(["bench", "--peers", "abacus"]) == 2
    (tmp_path / "file").write_text("in the way")
    assert main(["bench", "--json", str(tmp_path / "file" / "x.json")]) == 2
    assert "error: SettingError: --json" in capsys.readouterr().err
