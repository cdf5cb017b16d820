"""The doctor finds what is here and what is not, says one cause and one cure, and never falls ill itself."""

import subprocess
import sys
import time

import pytest

from lab import doctor
from lab.doctor import Finding, examine, render

TOPICS = ["Python", "lab", "packages", "NumPy", "CPU", "numba", "kernels", "GPU", "MPI", "widgets", "data", "Chromium"]


@pytest.fixture
def findings():
    return examine()


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
