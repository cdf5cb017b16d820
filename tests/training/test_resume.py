"""Checkpoints: a run that was stopped anywhere goes on to the bit, and nothing else is accepted."""

import json
import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import lab
from lab.errors import CheckpointError, SettingError, ShardError
from lab.events import EpochDone, RoundDone


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def make(data, path=None, **settings):
    net = lab.NN4((64, 20, 16, 12, 10), keep=0.9, seed=1)
    return lab.train(net, data, **({"delta": 0.3, "K": 4, "batch": 100, "epochs": 3, "checkpoint": path} | settings))


def scalars(events):
    """What must be equal: times differ from run to run."""
    kept = [event for event in events if isinstance(event, (RoundDone, EpochDone))]
    return [(type(e).__name__, e.epoch, e.step, e.samples, e.loss, getattr(e, "test_loss", 0)) for e in kept]


@pytest.mark.parametrize("stop", [1, 7, 15, 16, 20, 47])
def test_goes_on_to_the_bit_from_anywhere(data, tmp_path, stop):
    whole = make(data)
    expected = scalars(whole)
    run = make(data, tmp_path / "run.npz")
    before = []
    for event in run:
        before.append(event)
        if len(scalars(before)) == stop:
            break
    run.save()
    run.close()
    again = lab.resume(tmp_path / "run.npz", data, workers="threads:2")
    assert scalars(before) + scalars(again) == expected
    assert again.net.sha256() == whole.net.sha256()
    assert [e.epoch for e in again.history.epochs] == [1, 2, 3]
    assert again.history.rounds == whole.history.rounds


def test_changes_survive_even_those_that_wait(data, tmp_path):
    def changed(run, path=None):
        next(run)
        run.change(delta=0.1, keep=0.7, gamma=(2, 0.5))
        if path:
            run.save(path)
            run = lab.resume(path, data)
        for _ in run:
            pass
        return run

    a, b = changed(make(data)), changed(make(data), tmp_path / "run.npz")
    assert a.net.sha256() == b.net.sha256()
    assert b.history.changes == a.history.changes
    assert b.net.keep == 0.7


def test_a_checkpoint_is_written_every_so_many_rounds_and_after_every_epoch(data, tmp_path):
    path = tmp_path / "deep" / "folder" / "run.npz"
    run = make(data, path, checkpoint_every=4, epochs=2)
    steps = set()
    for _ in run:
        if path.exists():
            steps.add(lab.resume(path, data).step)
    assert steps == {4, 8, 12, 15, 16, 20, 24, 28, 30}
    assert [name.name for name in path.parent.iterdir()] == ["run.npz"]


def test_more_epochs_can_be_asked_for_and_other_workers(data, tmp_path):
    path = tmp_path / "run.npz"
    for _ in make(data, path, epochs=1):
        pass
    again = lab.resume(path, data, epochs=3, workers="threads:3")
    assert again.epoch == 2
    whole = make(data)
    for run in (again, whole):
        for _ in run:
            pass
    assert again.net.sha256() == whole.net.sha256()


def test_other_data_or_another_gemm_are_refused(data, tmp_path):
    run = make(data)
    path, own = run.save(tmp_path / "run.npz"), run.net.backend.gemm
    with pytest.raises(CheckpointError, match="digits"):
        lab.resume(path, lab.load("digits", classes=2))
    with pytest.raises(CheckpointError, match="other data"):
        lab.resume(path, lab.load("digits", seed=5))
    with pytest.raises(CheckpointError, match=f"gemm = '{own}', not 'loop'"):
        lab.resume(path, data, gemm="loop")
    assert lab.resume(path, data, gemm=own).step == 0


def test_a_run_that_fell_back_on_other_data_goes_on_saying_so(data, tmp_path):
    run = make(replace(data, note="MNIST is not here."), tmp_path / "run.npz")
    run.save()
    assert lab.resume(tmp_path / "run.npz", data).notes == ["MNIST is not here."]


def test_a_missing_file_is_named(data, tmp_path):
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        lab.resume(tmp_path / "none.npz", data)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(data, tmp_path, share):
    path = make(data).save(tmp_path / "run.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CheckpointError, match="damaged or not a checkpoint"):
        lab.resume(path, data)


def test_a_flipped_bit_is_refused(data, tmp_path):
    path = make(data).save(tmp_path / "run.npz")
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 3] ^= 1
    path.write_bytes(whole)
    with pytest.raises(CheckpointError, match="damaged"):
        lab.resume(path, data)


def test_foreign_files_are_refused(data, tmp_path):
    path = tmp_path / "run.npz"
    path.write_text("not a checkpoint at all")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        lab.resume(path, data)
    np.savez(path, weights=np.ones(3))
    with pytest.raises(CheckpointError, match="not a checkpoint of NN4 Lab"):
        lab.resume(path, data)
    other = np.frombuffer(json.dumps({"format": 1}).encode(), np.uint8)
    np.savez(path, state=other, params=np.ones(1), running=np.ones(1))
    with pytest.raises(CheckpointError, match="not a checkpoint of NN4 Lab"):
        lab.resume(path, data)
    np.save(tmp_path / "array.npy", np.ones(3))
    with pytest.raises(CheckpointError):
        lab.resume(tmp_path / "array.npy", data)


def rewritten(path, **changes):
    """The checkpoint with some of its state replaced; None takes an entry out."""
    with np.load(path) as file:
        state = json.loads(file["state"].tobytes())
        arrays = {name: file[name] for name in ("params", "running")}
    for name, value in changes.items():
        if name in arrays:
            arrays[name] = value
        elif value is None:
            del state[name]
        else:
            state[name] = value
    np.savez(path, state=np.frombuffer(json.dumps(state).encode(), np.uint8), **arrays)


def test_a_newer_format_an_incomplete_state_and_wrong_vectors_are_refused(data, tmp_path):
    path = make(data).save(tmp_path / "run.npz")
    rewritten(path, format=99)
    with pytest.raises(CheckpointError, match="Update the lab"):
        lab.resume(path, data)
    path = make(data).save(tmp_path / "run.npz")
    rewritten(path, settings=None)
    with pytest.raises(CheckpointError, match="incomplete"):
        lab.resume(path, data)
    path = make(data).save(tmp_path / "run.npz")
    rewritten(path, params=np.ones(5, np.float32))
    with pytest.raises(CheckpointError, match="its own net"):
        lab.resume(path, data)
    path = make(data).save(tmp_path / "run.npz")
    with np.load(path) as file:
        swapped = file["params"] * np.float32(2)
    rewritten(path, params=swapped)
    with pytest.raises(CheckpointError, match="hash"):
        lab.resume(path, data)


def test_an_unwritable_place_is_noticed_before_training(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="no checkpoint can be written"):
        make(data, tmp_path / "file" / "run.npz")
    with pytest.raises(CheckpointError, match="is a folder"):
        make(data, tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")
def test_a_full_disk_leaves_the_older_checkpoint_and_the_run(data, tmp_path, monkeypatch):
    from lab import checkpoint

    path = tmp_path / "run.npz"
    run = make(data, path)
    next(run)
    run.save()
    older = path.read_bytes()
    monkeypatch.setattr(checkpoint, "_beside", lambda _: type(path)("/dev/full"))
    monkeypatch.setattr(type(path), "unlink", lambda *_, **__: None)
    with pytest.raises(CheckpointError, match="No space left"):
        run.save()
    monkeypatch.undo()
    assert path.read_bytes() == older
    assert lab.resume(path, data).step == 1
    next(run)
    assert run.step == 2


def test_a_run_without_a_file_asks_for_a_name(data):
    with pytest.raises(SettingError, match="Name one"):
        make(data).save()


def test_settings_of_a_resumed_run_are_checked(data, tmp_path):
    path = make(data).save(tmp_path / "run.npz")
    rewritten(path, settings={"delta": 0.3, "K": 4000, "batch": 100, "workers": "serial", "epochs": 3})
    with pytest.raises(ShardError):
        lab.resume(path, data)


def test_a_checkpoint_is_a_plain_npz_without_pickles(data, tmp_path):
    path = make(data).save(tmp_path / "run.npz")
    with zipfile.ZipFile(path) as file:
        assert sorted(file.namelist()) == ["params.npy", "running.npy", "state.npy"]
        assert all(file.read(name)[:6] == b"\x93NUMPY" for name in file.namelist())
