"""The command line, called in this process (quick) or as a process of its own (signals)."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from lab.cli import main

# Two seconds of training with many rounds: long enough to be interrupted.
SLOW = ["train", "--data", "digits", "--batch", "16", "--k", "2", "--delta", "0.05", "--hidden", "64,32,16"]
SLOW += ["--epochs", "12", "--checkpoint-every", "5", "--json"]


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """`call("train", "--data", "digits")` in an empty folder: code, out, err."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAB_DATA", raising=False)

    def call_main(*argv):
        code = main([str(arg) for arg in argv])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return call_main


@pytest.fixture
def environment(root):
    """Of a process that finds this lab, and nothing else by chance."""
    without = {name: value for name, value in os.environ.items() if name != "LAB_DATA"}
    return without | {"PYTHONPATH": str(root)}


@pytest.fixture
def start(tmp_path, environment):
    """`start("train", ...)` as a process in an empty folder; whatever is left over is killed."""
    started = []

    def start_process(*argv):
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", *map(str, argv)],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start_process
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, root):
    """The last JSON line of the slow run, left alone."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", *SLOW], cwd=tmp_path_factory.mktemp("alone"), text=True, check=True,
        capture_output=True, env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def slow():
    return SLOW
