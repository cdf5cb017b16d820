"""A run that is stopped or killed goes on to the bit as if it had not been."""

import json
import signal
import time

import pytest

from lab.checkpoint import read_checkpoint


def last_line(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def in_the_middle_of_an_epoch(path, process):
    """Wait until the checkpoint stands within the second epoch or later."""
    for _ in range(6000):
        if path.exists():
            state = read_checkpoint(path).state
            if state["epoch"] >= 2 and state["offset"] > 0:
                return
        assert process.poll() is None, "the run was over too soon"
        time.sleep(0.01)
    raise AssertionError("no checkpoint within a minute")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_the_round_saves_and_says_how_to_go_on(start, slow, uninterrupted, number, code):
    process = start(*slow)
    first = process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code and "Traceback" not in err
    assert "python -m lab train --resume runs/digits-10/checkpoint.npz" in err
    last = json.loads(out.splitlines()[-1])
    assert json.loads(first)["epoch"] == 1
    assert last["finished"] is False and last["step"] < uninterrupted["step"]
    assert last_line(start("train", "--resume", "--json"))["parameters_sha256"] == uninterrupted["parameters_sha256"]


def test_a_killed_run_goes_on_to_the_same_parameters(start, slow, uninterrupted, tmp_path):
    process = start(*slow)
    in_the_middle_of_an_epoch(tmp_path / "runs" / "digits-10" / "checkpoint.npz", process)
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL
    resumed = last_line(start("train", "--resume", "--workers", "threads:2", "--json"))
    assert resumed["parameters_sha256"] == uninterrupted["parameters_sha256"]
    assert resumed["epochs"] == uninterrupted["epochs"] and resumed["test_loss"] == uninterrupted["test_loss"]
    assert resumed["workers"] == "threads:2"


def test_errors_of_a_process_show_no_traceback(start):
    process = start("train", "--data", "digits", "--keep", "nan")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and out == ""
    assert err.startswith("error: KeepProbabilityError: keep = nan") and "Traceback" not in err


def test_a_reader_that_has_seen_enough_is_no_error(start, slow):
    process = start(*slow)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert "Traceback" not in process.stderr.read()
