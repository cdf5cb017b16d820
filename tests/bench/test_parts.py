"""The other parts of the bench, each on something tiny: rows as they should be, and promises that are checked."""

import os
import time

import numpy as np
import pytest

import lab
from lab.bench import ddp, epoch, floor, fresh, masks, threads
from lab.bench.child import Child, ChildError
from lab.bench.lab_step import LabStep
from lab.bench.probe import peak_memory
from lab.bench.session import Session
from lab.bench.workloads import Workload, make_task


def gone(process):
    """Whether a process has ended and was waited for."""
    if process.poll() is None:
        return False
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    return True


# ---- threads


def test_two_workers_are_compared_with_one_and_end_with_the_same_weights(session):
    session.rounds = 2
    threads.thread_rows(session, Workload("tiny", 256))
    (row,) = session.rows
    assert row["ratio"] > 0 and row["threads"] == 2 and (row["goal"], row["stretch"]) == (1.6, 1.9)
    assert row["note"].startswith("weights equal to the bit after 5 steps")
    assert session.calibration.result()["count"] == 2


def test_weights_that_differ_are_an_error():
    task = make_task(Workload("tiny", 16))
    with LabStep(task, shards=2, workers=1) as one, LabStep(task, shards=2, workers=2) as two:
        one(), one(), two()
        assert threads.check_equal(one, two) == 2
        two.net.params[0] += 1
        with pytest.raises(threads.UnequalWeightsError, match=r"after 2 steps .* differ"):
            threads.check_equal(one, two)


# ---- epoch


def test_an_epoch_takes_every_row_once_and_the_last_batch_is_smaller():
    task = make_task(Workload("tiny", 16), rows=300)
    taken = []

    class Recorder:
        def take(self, index):
            taken.append(index)

    train = epoch.lab_epoch(task, Recorder())
    train(), train()
    assert [len(index) for index in taken] == [128, 128, 44] * 2
    first, second = np.concatenate(taken[:3]), np.concatenate(taken[3:])
    assert sorted(first) == sorted(second) == list(range(300)) and not np.array_equal(first, second)


def test_an_epoch_is_compared_with_torch_and_says_on_which_data(session, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.delenv("LAB_DATA", raising=False)
    session.peers = ["torch"]
    epoch.epoch_rows(session, rows=256, rounds=2)
    (row,) = session.rows
    assert (row["peer"], row["batch"], row["goal"], row["stretch"]) == ("torch", 128, 3.0, 4.0)
    assert row["note"].startswith("256 rows of random numbers of MNIST's shape")


def test_real_mnist_is_used_where_it_is(mnist_folder):
    task, data = epoch.epoch_task(500)
    assert data == "MNIST" and task.x.shape == (500, 784) and set(task.y) <= set(range(10))


def test_an_epoch_without_torch_is_left_out_and_said(session):
    epoch.epoch_rows(session, rows=256, rounds=1)
    assert session.rows == [] and "torch" in session.notes[0]


# ---- masks


def test_the_masks_that_are_timed_are_those_of_the_lab():
    draw = masks.lab_masks()
    draw()
    scales = draw()
    kept = lab.dropout_mask(seed=0, rows=np.arange(masks.SHAPE[0]), units=masks.SHAPE[1], keep=0.9, step=2, layer=1)
    assert np.array_equal(scales > 0, kept) and set(np.unique(scales)) == {np.float32(0), np.float32(1 / 0.9)}


def test_masks_are_compared_with_those_who_take_part(session):
    assert 0.89 < masks.numpy_masks()().mean() < 0.91
    masks.mask_rows(session)
    (row,) = session.rows
    assert (row["workload"], row["peer"], row["goal"]) == ("dropout masks", "numpy", 5.0)
    nobody = Session([], 1, 0.0)
    masks.mask_rows(nobody)
    assert nobody.rows == [] and "torch and numpy" in nobody.notes[0]


# ---- floor


@pytest.mark.parametrize("form", floor.FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everybody_multiplies_the_same(form, dtype, monkeypatch):
    made = {}

    def remember(name):
        original = getattr(floor, name)

        def product(form, a, b, c):
            made[name] = c
            return original(form, a, b, c)

        return product

    for name in ("_numpy_product", "_lab_products"):
        monkeypatch.setattr(floor, name, remember(name))
    calls = floor.product_calls(form, 5, 24, 12, dtype, torch=False)
    results = {}
    for who, call in calls.items():
        made["_numpy_product"][:] = np.nan
        call()
        results[who] = made["_numpy_product"].copy()
    assert {"NumPy's BLAS", "lab's blas"} <= results.keys() and "lab's loop" not in results
    for result in results.values():
        assert np.allclose(result, results["NumPy's BLAS"], rtol=1e-5)


def test_the_floor_is_the_flops_at_the_best_rate(clock, session, monkeypatch):
    workload = Workload("tiny", 256)
    rates = {"slow": 1e9, "fast": 4e9}

    def calls(form, batch, d_in, d_out, dtype, torch):
        flops = 2.0 * batch * d_in * d_out
        return {who: lambda rate=rate: clock.advance(flops / rate) for who, rate in rates.items()}

    class Ours(LabStep):
        def __call__(self):
            clock.advance(workload.flops() / 3e9)

    monkeypatch.setattr(floor, "product_calls", calls)
    monkeypatch.setattr(floor, "LabStep", Ours)
    floor.floor_rows(session, workload)
    (row,) = session.rows
    assert row["ratio"] == pytest.approx(0.75, rel=1e-3) and row["unit"] == "share" and "4 GFLOP/s: fast" in row["note"]
    (kept,) = session.floor["gemm"]
    assert kept["best"]["rate"] == pytest.approx(4e9) and len(kept["products"]) == 2 * (4 * 3 - 1)


def test_the_bandwidth_is_bytes_over_seconds(clock, session, monkeypatch):
    for name, seconds in (("copyto", 0.5), ("add", 0.25)):
        original = getattr(np, name)

        def slow(*args, seconds=seconds, original=original, **more):
            clock.advance(seconds)
            return original(*args, **more)

        monkeypatch.setattr(floor.np, name, slow)
    floor.bandwidth(session, entries=1000)
    assert session.floor["bandwidth"] == {"copy": pytest.approx(16_000), "add": pytest.approx(48_000)}
    assert {row["size"] for row in session.rows} == {"copy", "add"}


# ---- processes


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


def test_start_is_measured_in_seconds_with_goals(session, monkeypatch):
    seconds = {fresh.IMPORT_LAB: 0.1, fresh.NAMES: 0.2, fresh.KERNELS: 0.7}
    monkeypatch.setattr(fresh, "python", lambda code, environment=None: seconds[code])
    fresh.start_rows(session, runs=2, cold=True)
    rows = {row["size"]: row for row in session.rows}
    assert rows["import lab"]["reached"] is True and rows["kernels ready"]["reached"] is False
    assert rows["kernels ready"]["less"] and rows["kernels compiled"]["ratio"] == 0.7
    assert {row["unit"] for row in session.rows} == {"s"} and {row["peer"] for row in session.rows} == {None}


def test_importing_lab_is_timed_in_a_real_process():
    assert 0 < fresh.python(fresh.IMPORT_LAB) < 60


def test_a_first_step_and_memory_beside_a_peer(session):
    fresh.training_rows(session, runs=1, peers=["numpy"])
    first, ours, theirs = session.rows
    assert (first["workload"], first["peer"], first["unit"]) == ("first step", "numpy", None)
    assert [row["peer"] for row in (ours, theirs)] == ["lab", "numpy"] and ours["unit"] == "MiB"
    assert 20 < theirs["ratio"] < ours["ratio"] < 4000


def test_a_peer_whose_process_fails_is_told(session, monkeypatch):
    def python(code):
        if "'numpy'" in code:
            raise ChildError("no memory")
        return {"first": 1.0, "peak": None}

    monkeypatch.setattr(fresh, "python", python)
    fresh.training_rows(session, runs=1, peers=["numpy"])
    assert session.rows == [] and "numpy did not take a first step: no memory" in session.notes[0]
    assert "Memory was left out" in session.notes[1]


def test_the_peak_is_at_least_what_is_held():
    held = np.ones(2_000_000)
    assert peak_memory() is None or peak_memory() > held.nbytes


@pytest.fixture
def talker(tmp_path, monkeypatch):
    """`talker(body)`: a module whose `main` is the body, as a child of the bench."""

    def start(body):
        (tmp_path / "talker.py").write_text("from lab.bench.child import answer, messages\n" + body, "utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return Child("talker", {"n": 1})

    return start


def test_a_child_is_spoken_to_and_ends_with_its_input(talker):
    body = "print('a library says hello')\nfor m in messages(): answer({'n': m['n'] + 1})"
    with talker(body) as child:
        assert child.hear() == {"n": 2}
        child.tell({"n": 5})
        assert child.hear() == {"n": 6}
    assert gone(child.process) and child.process.returncode == 0


def test_a_child_that_fails_is_quoted(talker):
    with talker("raise SystemError('no core left')") as child, pytest.raises(ChildError, match="no core left"):
        child.hear()
    assert gone(child.process)


def test_a_child_that_does_not_listen_is_ended_all_the_same(talker, monkeypatch):
    monkeypatch.setattr("lab.bench.child.GRACE", 0.2)
    body = "import time\nfor m in messages():\n    answer(m)\n    time.sleep(600)"
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), talker(body) as child:
        child.hear()
        with pytest.raises(ChildError, match=r"not answered for 0\.1 seconds"):
            child.hear(timeout=0.1)
        raise KeyboardInterrupt
    assert gone(child.process) and time.monotonic() - start < 60


# ---- DDP


def test_ddp_is_compared_and_its_processes_are_gone_afterwards(session, monkeypatch):
    pytest.importorskip("torch.distributed")
    children = []

    class Known(Child):
        def __init__(self, *args):
            super().__init__(*args)
            children.append(self)

    monkeypatch.setattr(ddp, "Child", Known)
    session.peers, session.rounds = ["torch"], 2
    ddp.ddp_rows(session, "tiny", 64)
    beside, efficiency = session.rows
    assert (beside["peer"], beside["batch"], beside["threads"], beside["goal"]) == ("torch DDP", 64, 2, 3.0)
    assert (
        beside["ratio"] > 0
        and efficiency["unit"] == "efficiency"
        and (efficiency["goal"], efficiency["stretch"]) == (0.8, 0.9)
    )
    assert len(children) == 2 and all(gone(child.process) for child in children)

    with pytest.raises(KeyboardInterrupt), ddp.Ranks("tiny", 64, []) as ranks:
        ranks()
        raise KeyboardInterrupt
    assert len(children) == 4 and all(gone(child.process) for child in children)


def test_efficiency_compares_the_whole_with_half_the_work_by_one(clock, session, monkeypatch):
    class Ours(LabStep):
        def __call__(self):
            clock.advance(0.010 if self._shards == 2 else 0.009)

    monkeypatch.setattr(ddp, "LabStep", Ours)
    ddp.ddp_rows(session, "tiny", 64)
    (row,) = session.rows
    assert row["ratio"] == 0.9 and row["reached"] and "DDP was left out" in session.notes[0]


def test_where_threads_share_a_core_no_goal_is_judged(session, monkeypatch):
    monkeypatch.setattr("lab.bench.timing.allowed_cores", lambda: [0])
    threads.thread_rows(session, Workload("tiny", 256))
    ddp.ddp_rows(session, "tiny", 64)
    assert [row["reached"] for row in session.rows] == [None, None]
    assert all("share 1 core" in row["note"] for row in session.rows)


def test_ranks_that_cannot_start_are_told_and_leave_nothing_behind(session, monkeypatch):
    started = []

    class Broken(Child):
        def __init__(self, module, first):
            super().__init__(module, first)
            started.append(self)

        def hear(self, timeout=0.0):
            raise ChildError("no gloo")

    monkeypatch.setattr(ddp, "Child", Broken)
    session.peers = ["torch"]
    ddp.ddp_rows(session, "tiny", 64)
    assert session.notes == ["DDP was left out: no gloo"] and [row["unit"] for row in session.rows] == ["efficiency"]
    assert len(started) == 2 and all(gone(child.process) for child in started)
