"""The doctor finds what is here and what is not, says one cause and one cure, and never falls ill itself."""

import json
import os
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace

import pytest

from lab import doctor
from lab.doctor import Finding, accelerators, examine, machine, packages, render, surroundings

TOPICS = ["Python", "lab", "packages", "NumPy", "CPU", "numba", "kernels", "GPU", "MPI", "widgets", "data", "Chromium"]
GPU = {"name": "NVIDIA T4", "memory": 16 * 2**30, "capability": "7.5"}
HEALTHY = {
    "driver": "12.4", "error": "", "gpus": [GPU], "failures": [""], "toolkit": "12.6", "numba_cuda": "0.22",
}  # fmt: skip


@pytest.fixture
def findings():
    return examine()


def one(found):
    assert len(found) == 1
    return found[0]


# --- all of it


def test_every_topic_is_examined_in_order(findings):
    assert list(dict.fromkeys(finding.topic.split()[0] for finding in findings)) == TOPICS


def test_each_finding_is_one_line_and_what_is_broken_has_a_cure(findings):
    for finding in findings:
        assert finding.says and "\n" not in finding.says + finding.cure
        assert finding.ok is not False or finding.cure


def test_what_these_tests_run_on_is_found(findings):
    ok = {finding.topic: finding.ok for finding in findings}
    assert ok["Python"] and ok["NumPy"] and ok["numba"] and ok["packages"]


def test_it_takes_less_than_three_seconds_in_a_fresh_process():
    script = "from lab.doctor import examine, render; print(render(examine()))"
    start = time.perf_counter()
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    assert all(topic in ended.stdout for topic in TOPICS)
    if "GPU 0" not in ended.stdout:  # a driver takes the time it takes
        assert seconds < 6, "3 s and as much again for a busy machine"


def test_importing_the_doctor_imports_nothing_heavy():
    script = "import lab.doctor, sys; print(*{'numpy', 'numba', 'llvmlite', 'sklearn', 'plotly'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""


def test_a_topic_that_fails_hides_no_other(monkeypatch):
    def broken():
        raise RuntimeError("driver 3 is upside down\nand more")

    def absent():
        raise ModuleNotFoundError("No module named 'numba'", name="numba")

    monkeypatch.setitem(doctor.HERE, "CPU", broken)
    monkeypatch.setitem(doctor.HERE, "numba", absent)
    monkeypatch.setitem(doctor.APART, "GPU", broken)
    found = {finding.topic: finding for finding in examine()}
    assert list(found) == TOPICS
    assert found["CPU"].ok is False and found["GPU"].ok is False
    assert found["CPU"].says == "The examination failed: RuntimeError: driver 3 is upside down"
    assert found["numba"].cure == "python -m pip install numba"


def test_no_cure_installs_the_other_projects_lab(monkeypatch):
    def absent():
        raise ModuleNotFoundError("No module named 'lab.kernels'", name="lab.kernels")

    monkeypatch.setitem(doctor.HERE, "kernels", absent)
    kernels = next(finding for finding in examine() if finding.topic == "kernels")
    assert kernels.ok is False and "install" not in kernels.cure


def test_render_aligns_marks_and_sums_up():
    text = render(
        [Finding("NumPy", True, "here."), Finding("GPU", None, "none."), Finding("x", False, "bad.", "cure it")]
    )
    assert text.splitlines() == [
        "ok  NumPy  here.",
        "--  GPU    none.",
        "!!  x      bad.",
        "           -> cure it",
        "To be cured: x.",
    ]
    assert render([]) == "Everything that the lab needs is here."


# --- the machine


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(machine, "FLOOR", (9, 9))
    found = one(machine.python())
    assert found.ok is False and "9.9 or newer" in found.says


@pytest.mark.parametrize(
    ("features", "bits", "names"),
    [
        ({"avx512f", "avx2", "fma", "sse2"}, 512, ["AVX-512", "AVX2", "FMA"]),
        ({"avx2", "fma"}, 256, ["AVX2", "FMA"]),
        ({"neon", "asimd"}, 128, ["NEON"]),
        ({"sse2"}, 128, []),
    ],
)
def test_vector_widths(features, bits, names):
    assert machine.vectors(features) == (bits, names)


@pytest.mark.parametrize(("warm", "ok"), [(True, True), (False, None)])
def test_kernels_are_compiled_or_not_yet(monkeypatch, warm, ok):
    monkeypatch.setattr(machine, "import_module", lambda name: SimpleNamespace(is_warm=lambda: warm))
    found = one(machine.kernels())
    assert found.ok is ok and (found.cure == "") == warm


# --- packages


def test_floors_are_those_of_the_project():
    floors = {requirement.name: str(requirement.specifier) for requirement in packages.requirements()}
    assert {"numpy", "numba", "scipy", "plotly", "ipywidgets", "anywidget"} <= set(floors)
    assert all(floors.values())


def test_floors_come_from_the_wheel_where_there_is_no_clone(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "HOME", tmp_path)
    monkeypatch.setattr(packages, "requires", lambda name: ["plotly>=5.24", 'pytest>=8; extra == "test"'])
    assert [str(requirement) for requirement in packages.requirements()] == ["plotly>=5.24"]


def test_old_and_absent_packages_are_cured_by_one_command(monkeypatch):
    from packaging.requirements import Requirement

    def version(name):
        if name == "pooch":
            raise PackageNotFoundError(name)
        return "5.1"

    monkeypatch.setattr(packages, "version", version)
    found = packages.compare("widgets", [Requirement(line) for line in ("plotly>=5.24", "pooch>=1.8", "tqdm>=4")])
    assert found.ok is False
    assert found.says == "plotly 5.1 is here, but >=5.24 is needed; pooch is not installed."
    assert found.cure == 'python -m pip install "plotly>=5.24" "pooch>=1.8"'


def test_another_projects_lab_is_found(monkeypatch):
    monkeypatch.setattr(packages, "_installed", lambda name: name == "lab")
    found = one(packages.in_the_way())
    assert found.ok is False and found.cure == "python -m pip uninstall -y lab"


@pytest.mark.parametrize("package", ["lab", "widgets"])
def test_a_package_that_hides_ours_is_found(monkeypatch, tmp_path, package):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("raise SystemExit('never imported')")
    monkeypatch.syspath_prepend(tmp_path)
    found = one(packages.in_the_way())
    assert found.ok is False and str(tmp_path / package) in found.says and "PYTHONPATH" in found.cure


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


# --- data and browser


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))


def test_absent_mnist_is_no_failure(no_data):
    found = one(surroundings.mnist())
    assert found.ok is None and "LAB_DATA is not set" in found.says and "--data mnist" in found.cure


def test_damaged_mnist_is_one(no_data, monkeypatch, tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    found = one(surroundings.mnist())
    assert found.ok is False and "lacks" in found.says and found.cure.startswith("env -u LAB_DATA")


def test_lab_data_that_is_no_folder_is_one(no_data, monkeypatch):
    monkeypatch.setenv("LAB_DATA", "/nowhere")
    found = one(surroundings.mnist())
    assert found.ok is False and "/nowhere" in found.says


def test_chromium_is_found_named_or_missed(monkeypatch):
    monkeypatch.delenv("LAB_CHROMIUM", raising=False)
    monkeypatch.setattr(surroundings, "PLACES", {})
    monkeypatch.setattr(surroundings.shutil, "which", lambda name: "/bin/chromium" if name == "chromium" else None)
    assert one(surroundings.chromium()).ok is True
    monkeypatch.setenv("LAB_CHROMIUM", "/nowhere/chrome")
    assert one(surroundings.chromium()).ok is False
    monkeypatch.delenv("LAB_CHROMIUM")
    monkeypatch.setattr(surroundings.shutil, "which", lambda name: None)
    missing = one(surroundings.chromium())
    assert missing.ok is None and missing.cure
