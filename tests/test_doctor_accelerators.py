"""The doctor looks for GPUs and MPI, and a driver that crashes or hangs takes nothing with it."""

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from lab.doctor import Finding, accelerators
from tests.findings import one

GPU = {"name": "NVIDIA T4", "memory": 16 * 2**30, "capability": "7.5"}
HEALTHY = {
    "driver": "12.4", "error": "", "gpus": [GPU], "failures": [""], "toolkit": "12.6", "numba_cuda": "0.22",
}  # fmt: skip


# --- GPUs and MPI


def test_without_a_driver_one_sentence_is_enough():
    report = {"driver": None, "error": "", "gpus": []}
    assert accelerators.gpu_findings(report) == [Finding("GPU", None, "No NVIDIA GPU here: the lab uses the CPU.")]
    assert "no driver" in one(accelerators.gpu_findings(report, card=True)).says


def test_every_gpu_is_a_finding():
    report = HEALTHY | {"gpus": [GPU, GPU], "failures": ["", "NvvmSupportError: libNVVM cannot be found"]}
    good, bad = accelerators.gpu_findings(report)
    assert (good.topic, good.ok, good.cure) == ("GPU 0", True, "")
    assert "NVIDIA T4, 16 GiB, compute capability 7.5, driver for CUDA 12.4, toolkit 12.6" in good.says
    assert (bad.topic, bad.ok) == ("GPU 1", False) and "libNVVM" in bad.says
    assert bad.cure == 'python -m pip install --upgrade "numba-cuda[cu12]"'


@pytest.mark.parametrize(("driver", "extra"), [("11.8", "cu12"), ("12.9", "cu12"), ("13.0", "cu13"), ("14.1", "cu13")])
def test_the_toolkit_to_install_is_one_that_the_driver_runs(driver, extra):
    assert f"[{extra}]" in accelerators.numba_cuda_for(driver)


def test_a_driver_that_fails_or_has_no_gpu_is_told_apart():
    failing = one(accelerators.gpu_findings(HEALTHY | {"error": "cuInit gives 803, mismatch", "gpus": []}))
    empty = one(accelerators.gpu_findings(HEALTHY | {"gpus": []}))
    assert failing.ok is False and "803" in failing.says and failing.cure == "nvidia-smi"
    assert empty.ok is None and "no GPU" in empty.says


@pytest.mark.parametrize(
    ("code", "says"), [("import os; os.abort()", "ended the process"), ("while True: pass", "did not answer")]
)
def test_a_driver_that_crashes_or_hangs_takes_only_its_own_process(monkeypatch, tmp_path, code, says):
    probe = tmp_path / "probe.py"
    probe.write_text(code)
    monkeypatch.setattr(accelerators, "PROBE", probe)
    monkeypatch.setattr(accelerators, "PATIENCE", 0.5)
    found = one(accelerators.gpus())
    assert found.ok is False and says in found.says


def test_the_probe_answers_in_json_whatever_is_here():
    command = [sys.executable, "-P", str(accelerators.PROBE)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {"driver", "error", "gpus"} <= set(json.loads(ended.stdout))


def test_the_kernel_of_one_thread_runs_in_the_simulator():
    script = "import runpy, sys, json; print(json.dumps(runpy.run_path(sys.argv[1])['run_kernels'](1)))"
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(accelerators.PROBE)],
        capture_output=True, text=True, check=True, env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
    )  # fmt: skip
    assert json.loads(ended.stdout)["failures"] == [""]


# --- MPI


def test_without_mpi4py_nothing_is_broken(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(accelerators, "version", absent)
    found = one(accelerators.mpi())
    assert found.ok is None and found.cure.startswith("python -m pip install mpi4py")


@pytest.mark.parametrize(
    ("ask", "ok", "says"),
    [
        ("print('Open MPI v5.0.11, package: x')", True, "with Open MPI v5.0.11, and mpiexec"),
        ("raise RuntimeError('cannot load MPI library')", False, "cannot load MPI library"),
        ("import time; time.sleep(9)", False, "did not answer"),
    ],
)
def test_mpi_is_asked_in_a_process_of_its_own(monkeypatch, ask, ok, says):
    monkeypatch.setattr(accelerators, "version", lambda name: "4.1")
    monkeypatch.setattr(accelerators, "ASK_MPI", ask)
    monkeypatch.setattr(accelerators, "PATIENCE", 1.0)
    monkeypatch.setattr(accelerators.shutil, "which", lambda name, path=None: f"/bin/{name}")
    found = one(accelerators.mpi())
    assert found.ok is ok and says in found.says


def test_mpi_without_the_command_that_starts_it_is_broken(monkeypatch):
    monkeypatch.setattr(accelerators, "version", lambda name: "4.1")
    monkeypatch.setattr(accelerators, "ASK_MPI", "print('MPICH 4')")
    monkeypatch.setattr(accelerators.shutil, "which", lambda name, path=None: None)
    found = one(accelerators.mpi())
    assert found.ok is False and "mpiexec" in found.says
