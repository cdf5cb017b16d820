"""`python -m lab train`: what it says, what it leaves, what it refuses."""

import json

import numpy as np
import pytest

QUICK = ("train", "--data", "digits", "--hidden", "32,16,8", "--epochs", "2")
NO_NETWORK = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}


def test_json_lines_end_with_the_result(call):
    done = call(*QUICK, "--json", "--workers", "threads:2")
    *epochs, last = map(json.loads, done.out.splitlines())
    assert done.code == 0
    assert [(e["event"], e["epoch"]) for e in epochs] == [("epoch", 1), ("epoch", 2)]
    assert last["test_accuracy"] == epochs[-1]["test_accuracy"] and last["test_loss"] > 0
    assert (last["data"], last["epochs"], last["workers"], last["backend"]) == ("digits", 2, "threads:2", "cpu")
    assert {"k", "gemm", "seconds", "keep", "delta", "batch", "seed", "step", "classes", "note"} <= last.keys()
    assert len(last["parameters_sha256"]) == 64 and last["finished"] is True


def test_a_reader_sees_settings_epochs_result_and_files(call, tmp_path):
    done = call(*QUICK, "--keep", "0.9", "--k", "3", "--classes", "2", "--batch", "200")
    assert done.code == 0
    for text in ("keep p = 0.90, drops 10 %", "K = 3", "a batch of 200 samples", "even or odd", "epoch 2/2", "error",
                 "Test accuracy", "runs/digits-2/report.html", "sha256"):  # fmt: skip
        assert text in done.out
    assert "2/2" in done.err and "loss" in done.err  # the progress bar
    assert (tmp_path / "runs" / "digits-2" / "checkpoint.npz").is_file()
    assert "keep p = 0.90" in (tmp_path / "runs" / "digits-2" / "report.html").read_text("utf-8")


def test_digits_are_learned_by_the_defaults(call):
    last = json.loads(call("train", "--data", "digits", "--json").out.splitlines()[-1])
    assert last["test_accuracy"] >= 0.97 and last["epochs"] <= 30


def test_the_reference_backend_trains_too(call):
    assert call(*QUICK, "--backend", "reference", "--dtype", "float64", "--no-batchnorm", "--bias").code == 0


def test_an_older_checkpoint_is_kept(call, tmp_path):
    call(*QUICK)
    folder = tmp_path / "runs" / "digits-10"
    first = (folder / "checkpoint.npz").read_bytes()
    again = call(*QUICK, "--seed", "1")
    assert "checkpoint.previous.npz" in again.out
    assert (folder / "checkpoint.previous.npz").read_bytes() == first
    assert (folder / "checkpoint.npz").read_bytes() != first


def test_only_the_default_choice_falls_back_on_digits_and_says_so(call, monkeypatch, tmp_path):
    for name, value in NO_NETWORK.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_PROXY", raising=False)
    named = call("train", "--data", "mnist", "--epochs", "1")
    assert named.code == 2 and named.err.startswith("error: ") and "LAB_DATA" in named.err and "digits" in named.err
    assert list(tmp_path.iterdir()) == []

    default = call("train", "--epochs", "1", "--hidden", "32,16,8")
    assert default.code == 0 and "Note: MNIST is not here" in default.out
    report = (tmp_path / "runs" / "digits-10" / "report.html").read_text("utf-8")
    assert 'role="note"' in report and "MNIST is not here" in report


BAD = {
    "keep 0": ("--keep 0", "KeepProbabilityError"),
    "keep 1.5": ("--keep 1.5", "KeepProbabilityError"),
    "keep NaN": ("--keep nan", "KeepProbabilityError"),
    "keep in words": ("--keep most", "KeepProbabilityError"),
    "K 0": ("--k 0", "ShardError"),
    "K and a half": ("--k 2.5", "ShardError"),
    "K larger than the batch": ("--batch 16 --k 17 --no-batchnorm", "ShardError"),
    "shards of one row": ("--batch 16 --k 16", "ShardError"),
    "delta negative": ("--delta -0.1", "StepSizeError"),
    "delta NaN": ("--delta nan", "StepSizeError"),
    "delta infinite": ("--delta inf", "StepSizeError"),
    "two hidden layers": ("--hidden 32,16", "SettingError"),
    "hidden in words": ("--hidden wide,16,8", "SettingError"),
    "three classes": ("--classes 3", "SettingError"),
    "an unknown data set": ("--data letters", "SettingError"),
    "no batch": ("--batch 0", "SettingError"),
    "a batch larger than the set": ("--batch 99999", "SettingError"),
    "no epoch": ("--epochs 0", "SettingError"),
    "no checkpoint": ("--checkpoint-every 0", "SettingError"),
    "a negative seed": ("--seed -1", "SettingError"),
    "half precision": ("--dtype float16", "SettingError"),
    "batchnorm with bias": ("--batchnorm --bias", "SettingError"),
    "unknown workers": ("--workers gpu", "BackendError"),
    "no thread": ("--workers threads:0", "SettingError"),
    "an unknown backend": ("--backend quantum", "SettingError"),
    "an unknown GEMM": ("--gemm abacus", "BackendError"),
}


@pytest.mark.parametrize(("flags", "error"), BAD.values(), ids=BAD.keys())
def test_bad_settings_are_one_sentence_and_nothing_is_lost(call, tmp_path, flags, error):
    old = tmp_path / "runs" / "digits-10" / "checkpoint.npz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"of an older run")
    done = call(*QUICK, *flags.split())
    assert done.code == 2 and done.out == ""
    assert done.err.startswith(f"error: {error}: ") and len(done.err.splitlines()) == 1
    assert old.read_bytes() == b"of an older run" and list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("flag", ["--checkpoint", "--report"])
def test_a_place_that_cannot_be_written_is_refused_before_training(call, tmp_path, flag):
    (tmp_path / "file").write_text("in the way")
    done = call(*QUICK, flag, "file/inside")
    assert done.code == 2 and "file/inside" in done.err and "epoch" not in done.out


@pytest.mark.parametrize("data", ["mnist", "auto"])
def test_a_damaged_mnist_is_refused_by_name(call, tmp_path, monkeypatch, data):
    names = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    for name in names:
        (tmp_path / "data" / "mnist" / name).write_bytes(b"\x00\x00\x08\x03 and no more")
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "data"))
    done = call("train", "--data", data, "--epochs", "1")
    assert done.code == 2 and "ubyte" in done.err and "Traceback" not in done.err
    assert not (tmp_path / "runs").exists()


def test_a_step_far_too_large_ends_in_a_sentence(call):
    done = call(*QUICK, "--delta", "1e30", "--no-batchnorm", "--epochs", "20")
    assert done.code == 2 and "error: NotFiniteError: " in done.err and "delta" in done.err


# ---- going on


def test_resume_with_more_epochs_is_the_run_that_was_longer(call, tmp_path):
    long = json.loads(call(*QUICK[:-1], "4", "--json", "--checkpoint", "long.npz").out.splitlines()[-1])
    call(*QUICK, "--checkpoint", "short.npz")
    done = call("train", "--resume", "short.npz", "--epochs", "4", "--workers", "threads:3", "--json")
    *epochs, last = map(json.loads, done.out.splitlines())
    assert [e["epoch"] for e in epochs] == [3, 4]
    assert last["parameters_sha256"] == long["parameters_sha256"] and last["epochs"] == 4
    assert not (tmp_path / "short.previous.npz").exists()


def test_resume_without_a_name_takes_the_only_run_here(call):
    nothing = call("train", "--resume")
    assert nothing.code == 2 and "no checkpoint" in nothing.err
    call(*QUICK)
    assert call("train", "--resume", "--epochs", "3").code == 0
    call(*QUICK, "--classes", "2")
    several = call("train", "--resume")
    assert several.code == 2 and "runs/digits-10" in several.err and "runs/digits-2" in several.err
    assert call("train", "--resume", "--data", "digits", "--classes", "2", "--epochs", "3").code == 0


@pytest.mark.parametrize(
    ("flags", "values"),
    [
        ("--k 3", ("--k 3", "4")),
        ("--delta 0.5", ("--delta 0.5", "1.0")),
        ("--keep 0.5", ("--keep 0.5", "0.95")),
        ("--seed 7", ("--seed 7", "0")),
        ("--data mnist", ("--data mnist", "digits")),
        ("--classes 2", ("--classes 2", "10")),
        ("--gemm other", ("--gemm other", "the checkpoint has")),
        ("--batch 64", ("--batch 64", "all")),
        ("--hidden 9,8,7", ("--hidden 9,8,7", "32,16,8")),
        ("--no-batchnorm", ("--batchnorm off", "on")),
        ("--dtype float64", ("--dtype float64", "float32")),
        ("--epochs 1", ("--epochs 1", "2 epochs")),
    ],
)
def test_flags_that_contradict_the_checkpoint_are_named_with_both_values(call, tmp_path, flags, values):
    call(*QUICK, "--checkpoint", "run.npz")
    before = (tmp_path / "run.npz").read_bytes()
    done = call("train", "--resume", "run.npz", *flags.split())
    assert done.code == 2 and done.err.startswith("error: CheckpointError: ")
    assert all(value in done.err for value in values)
    assert (tmp_path / "run.npz").read_bytes() == before


def test_flags_that_repeat_the_checkpoint_are_welcome(call):
    call(*QUICK, "--checkpoint", "run.npz")
    done = call("train", "--resume", "run.npz", "--k", "4", "--keep", "0.95", "--batch", "all", "--epochs", "3")
    assert done.code == 0


def test_a_damaged_or_foreign_checkpoint_is_refused(call, tmp_path):
    call(*QUICK, "--checkpoint", "run.npz")
    whole = (tmp_path / "run.npz").read_bytes()
    np.savez(tmp_path / "foreign.npz", weights=np.ones(3))
    (tmp_path / "short.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("not a checkpoint")
    turned = bytearray(whole)
    turned[len(whole) // 3] ^= 0xFF
    (tmp_path / "turned.npz").write_bytes(turned)
    for name in ("foreign.npz", "short.npz", "text.npz", "turned.npz", "missing.npz"):
        done = call("train", "--resume", name)
        assert done.code == 2 and done.err.startswith("error: CheckpointError: ") and name in done.err
