"""The compilation: who waits for it is told so, all the time, and once it is done nobody waits again."""

import json
import os
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from lab.cli import clock
from lab.cli.clock import Clock
from lab.kernels.cpu import cache, warmup

TRAIN = ("train", "--data", "digits", "--hidden", "32,16,8", "--epochs", "1")
SLOW_ENOUGH = 300.0  # seconds: an end for what would never end


@pytest.fixture(scope="module")
def lab_with(root, tmp_path_factory):
    """`lab_with(cache, "train", ...)`: a process with its own folder for compiled kernels; code, out, err."""

    def run(cache, *argv):
        without = ("LAB_CACHE", "LAB_DATA", "NUMBA_CACHE_DIR")
        kept = {name: value for name, value in os.environ.items() if name not in without}
        done = subprocess.run(
            [sys.executable, "-m", "lab", *argv], cwd=tmp_path_factory.mktemp("run"), capture_output=True, text=True,
            env=kept | {"PYTHONPATH": str(root), "LAB_CACHE": str(cache)}, timeout=SLOW_ENOUGH,
        )  # fmt: skip
        return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr)

    return run


@pytest.fixture(scope="module")
def warmed(lab_with, tmp_path_factory):
    """A cache that `lab warmup` has filled, and what it said."""
    folder = tmp_path_factory.mktemp("cache")
    return folder, lab_with(folder, "warmup")


def compiled(folder):
    """Every file of machine code, and when it was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.nbc")}


# ---- `lab warmup`


@pytest.mark.slow
def test_an_empty_cache_is_filled_and_every_step_is_told_with_its_seconds(warmed):
    folder, done = warmed
    assert done.code == 0 and re.fullmatch(r"The kernels are ready \(\d+\.\d s\)\.\n", done.out)
    names = [name for name, _ in warmup.steps()]
    begun = [f"compiling {name} ({number} of {len(names)}): 0 s" for number, name in enumerate(names, start=1)]
    assert [line for line in done.err.splitlines() if line.endswith(": 0 s")] == begun
    assert any("passes.run" in path.name for path in compiled(folder))


@pytest.mark.slow
def test_a_full_cache_is_used_and_nothing_is_compiled(warmed, lab_with):
    folder, _ = warmed
    before = compiled(folder)
    done = lab_with(folder, "warmup")
    assert done.code == 0 and done.out.startswith("The kernels are ready (")
    assert compiled(folder) == before
    last = lab_with(folder, *TRAIN, "--json")
    assert last.code == 0 and json.loads(last.out.splitlines()[-1])["backend"] == "cpu"
    assert "compil" not in last.err and compiled(folder) == before


def test_steps_are_done_in_order_and_one_that_fails_ends_it(call, monkeypatch):
    done = []
    monkeypatch.setattr(warmup, "steps", lambda: [(name, lambda name=name: done.append(name)) for name in ("a", "b")])
    said = call("warmup")
    assert said.code == 0 and done == ["a", "b"]
    assert said.err.splitlines() == ["compiling a (1 of 2): 0 s", "compiling b (2 of 2): 0 s"]
    monkeypatch.setattr(warmup, "steps", lambda: [("a", lambda: 1 / 0)])
    with pytest.raises(ZeroDivisionError):
        call("warmup")


def test_without_numba_it_is_said_what_to_install(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "lab.kernels.cpu.warmup", None)
    said = call("warmup")
    assert said.code == 2 and said.err.startswith("error: BackendError") and "pip install numba scipy" in said.err


# ---- `lab train` without compiled kernels


@pytest.mark.slow
def test_training_waits_for_the_kernels_says_so_and_takes_them(lab_with, tmp_path):
    done = lab_with(tmp_path, *TRAIN)
    assert done.code == 0 and "The kernels are compiled first, once" in done.out and "backend cpu" in done.out
    assert "compiling the kernels: 0 s" in done.err and "epoch 1/1" in done.out
    assert any("passes.run" in path.name for path in compiled(tmp_path))


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_a_program_that_reads_json_is_not_disturbed_by_the_wait(call, monkeypatch, backend):
    monkeypatch.setattr(cache, "is_warm", lambda: False)
    said = call(*TRAIN, "--json", "--backend", backend)
    assert said.code == 0 and all(map(json.loads, said.out.splitlines()))
    assert ("python -m lab warmup" in said.err) is ("compiling the kernels: 0 s" in said.err) is (backend == "cpu")


# ---- the clock


class Terminal:
    """A stderr that says it is one."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return True


@pytest.mark.parametrize("own", [True, False])
def test_on_a_terminal_the_seconds_move_in_one_line(monkeypatch, own):
    from tqdm import tqdm

    assert clock.OFTEN <= 1.0
    terminal, now = Terminal(), [0.0]
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(clock, "OFTEN", 0.01)
    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    bar = None if own else tqdm(total=3, leave=False, disable=None, bar_format="{desc} |{bar}| {n_fmt}/{total_fmt}")
    with Clock("compiling", bar):
        for second in range(1, 4):
            now[0] = float(second)
            until(lambda second=second: f"compiling: {second} s" in terminal.text)
    if bar is not None:
        assert "0/3" in terminal.text
        bar.close()
    assert "\n" not in terminal.text and terminal.text.count("\r") > 3


def test_elsewhere_lines_come_seldom(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(clock, "SELDOM", 0.01)
    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    said = ""

    def heard(words):
        nonlocal said
        said += capsys.readouterr().err
        return words in said

    with Clock("compiling"):
        now[0] = 10.0
        until(lambda: heard("compiling: 10 s"))
    assert said.splitlines()[0] == "compiling: 0 s" and "\r" not in said


def test_the_clock_stops_with_what_it_measures(capsys, monkeypatch):
    monkeypatch.setattr(clock, "SELDOM", 0.001)
    with pytest.raises(KeyboardInterrupt), Clock("compiling") as running:
        raise KeyboardInterrupt
    assert not running._thread.is_alive()
    capsys.readouterr()
    time.sleep(0.02)
    assert capsys.readouterr().err == ""


def until(true):
    """Wait for it, at most a minute."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)
