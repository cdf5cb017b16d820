"""Without compiled kernels a page begins at once with NumPy, and changes over at Reset, never before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import readiness
from lab.kernels.cpu import cache

COLD = """
import time
from widgets import MnistDashboard
import lab

board = MnistDashboard(data="digits")
start = time.perf_counter()
board.run(2)
assert time.perf_counter() - start < 8, time.perf_counter() - start
assert board.session.run.run.net.backend.name == "reference"
assert "computed by NumPy while the fast kernels are compiled" in board.session.status(), board.session.status()
while not lab.kernels_ready():
    time.sleep(0.5)
board.run(1)
assert board.session.run.run.net.backend.name == "reference"  # not in the middle of a run
assert "Reset takes them" in board.session.status(), board.session.status()
board.reset()
board.run(1)
assert board.session.run.run.net.backend.name == "cpu"
assert "NumPy" not in board.session.status(), board.session.status()
"""


@pytest.mark.slow
def test_a_page_on_a_fresh_machine(tmp_path):
    here = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", COLD], cwd=here, env=_environment(tmp_path), capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stderr


def _environment(folder):
    kept = {name: value for name, value in os.environ.items() if name not in ("LAB_CACHE", "NUMBA_CACHE_DIR")}
    return {**kept, "LAB_CACHE": str(folder)}


def test_compiling_beside_begins_once(monkeypatch):
    begun = []

    class Compiler:
        def __init__(self, *_, **__):
            begun.append(self)
            self.code = None

        def poll(self):
            return self.code

    monkeypatch.setattr(readiness, "_ready", False)
    monkeypatch.setattr(readiness, "_compiler", None)
    monkeypatch.setattr(readiness, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(cache, "is_warm", lambda: len(begun) > 0)  # the first of two kernels is on disk
    monkeypatch.setattr(readiness.subprocess, "Popen", Compiler)
    readiness.compile_kernels()
    readiness.compile_kernels()
    assert len(begun) == 1 and not readiness.kernels_ready()
    begun[0].code = 0
    assert readiness.kernels_ready()
    readiness.compile_kernels()
    assert len(begun) == 1
