"""The whole: one result as a table, as JSON, as a page, and by the command line."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import lab
from lab.bench import Plan, bench, page, render, suite
from lab.bench import __name__ as package
from lab.bench.figures import ratio_figures
from lab.bench.goals import Goal
from lab.bench.rows import row
from lab.bench.suite import Part
from lab.cli import main


@pytest.fixture(scope="module")
def result(tiny_plan):
    return bench(tiny_plan, ["numpy"])


def made(**changes):
    """A result that was not measured: rows of several kinds."""
    rows = [
        row("NN4 step", "mnist10", "torch", (3.5, 3.4, 3.6), Goal(3.0, 4.0), batch=64, seconds=0.002),
        row("NN4 step", "mnist10", "numpy", (1.5, 1.4, 1.6), Goal(2.0, 2.3), batch=64, seconds=0.002),
        row("NN4 step", "tiny", "jax", (7.0, 6.9, 7.1), Goal(3.0, 6.0), batch=64, seconds=2e-5),
        row("NN4 step", "tiny", "jax", (2.0, 1.9, 2.1), batch=64, threads=2, seconds=2e-5, note="2 <threads>"),
        row("dropout masks", "256x784", "torch", (60, 59, 61), Goal(30.0), batch=256, seconds=2e-5),
        row("fresh process", "import lab", None, (0.01, 0.01, 0.01), Goal(0.3, less=True), unit="s", dtype=None),
    ]
    base = {
        "rows": rows, "missing": [], "notes": [], "failed": [], "interrupted": False, "floor": {},
        "calibration": {"verdict": "quiet", "sentence": "Calibration: the machine is quiet."},
        "lab": {"version": "1", "backend": "cpu", "gemm": "blas"},
        "machine": {"cpu": "A <fine> CPU", "cores": 2, "blas": ["openblas"], "OPENBLAS_CORETYPE": "Haswell"},
        "versions": {"python": "3.13", "torch": None},
    }  # fmt: skip
    return base | changes


def test_the_result_is_json_with_machine_versions_calibration_and_floor(result):
    again = json.loads(json.dumps(result))
    assert again == result
    assert again["machine"]["cpu"] and again["machine"]["cores"] >= 1 and again["machine"]["blas"]
    assert "OPENBLAS_CORETYPE" in again["machine"] and again["versions"]["numpy"] == np.__version__
    net = lab.NN4((2, 2, 2, 2, 1))
    assert again["lab"] == {"version": lab.__version__, "backend": "cpu", "gemm": net.backend.gemm}
    assert again["calibration"]["count"] == 3 and again["floor"] == {} and not again["interrupted"]


def test_the_table_shows_every_row_and_sums_up():
    table = render(made())
    lines = table.splitlines()
    assert "A <fine> CPU, 2 cores; openblas (OPENBLAS_CORETYPE=Haswell)" in table and "GEMM blas" in table
    assert re.search(r"mnist10 +64 +1 +float32 +2.00 ms +torch +3.50x +3.40x - 3.60x +>= 3 +>= 4 +reached", table)
    assert re.search(r"numpy +1.50x .* not yet", table) and re.search(r"jax +7.00x .* stretch", table)
    assert re.search(r"import lab .* 10.00 ms +<= 0.3 +reached", table) and "  2 <threads>" in lines
    assert "Goals: 4 of 5 reached, 1 of them by the stretch." in lines
    assert "torch None" not in table


def test_what_limits_the_result_is_said():
    table = render(made(missing=["torch", "torch.compile"], notes=["no C++."], failed=["epoch: E"], interrupted=True))
    assert table.count("torch is not installed") == 1 and "python -m pip install torch" in table
    assert "Interrupted" in table and "no C++." in table and "failed: epoch: E" in table
    assert "No goal is set" in render(made(rows=[]))


def test_a_part_that_fails_does_not_stop_the_others(monkeypatch):
    def fails(session):
        session.tick()
        raise ZeroDivisionError("no core")

    seen = []
    todo = [Part("one", 2, fails), Part("two", 1, lambda session: session.tick())]
    monkeypatch.setattr(f"{package}.parts", lambda plan: todo)
    result = bench(Plan(), ["numpy"], progress=lambda *at: seen.append(at))
    assert result["failed"] == ["one: ZeroDivisionError: no core"] and not result["interrupted"]
    assert seen == [("one", 0, 3), ("one", 1, 3), ("two", 2, 3), ("two", 3, 3)]


def test_ctrl_c_keeps_what_was_measured(monkeypatch, capsys, tmp_path):
    def interrupted(session):
        session.rows.append(made()["rows"][0])
        raise KeyboardInterrupt

    never = Part("never", 1, lambda session: pytest.fail("it went on"))
    monkeypatch.setattr(f"{package}.parts", lambda plan: [Part("one", 1, interrupted), never])
    file = tmp_path / "bench.json"
    assert main(["bench", "--quick", "--json", str(file)]) == 130
    assert "Interrupted" in capsys.readouterr().out
    kept = json.loads(file.read_text("utf-8"))
    assert kept["interrupted"] and len(kept["rows"]) == 1


def test_every_section_has_parts_and_quick_does_less():
    def names(plan):
        return [part.name for part in suite.parts(plan)]

    for section in suite.SECTIONS:
        assert names(replace(suite.FULL, sections=(section,))) and names(replace(suite.QUICK, sections=(section,)))
    assert len(names(suite.QUICK)) < len(names(suite.FULL)) == len(set(names(suite.FULL)))


def test_charts_show_every_ratio_with_its_quartiles_and_goals():
    rows = made()["rows"]
    figures = [figure for figure, *_ in ratio_figures(rows)]
    assert len(figures) == 3
    one_thread = figures[0]
    by_name = {trace.name: trace for trace in one_thread.data if trace.mode == "markers"}
    assert by_name.keys() == {"torch", "numpy", "jax"}
    assert list(by_name["torch"].x) == [3.5] and list(by_name["torch"].error_x.array) == [pytest.approx(0.1)]
    goals = sorted(trace.x[0] for trace in one_thread.data if trace.mode == "lines" and trace.x[0] is not None)
    assert goals == [2.0, 2.3, 3.0, 3.0, 4.0, 6.0]
    assert list(one_thread.layout.yaxis.ticktext) == ["mnist10, B = 64", "tiny, B = 64"]
    assert ratio_figures([rows[-1]]) == []


def test_the_page_stands_alone_and_escapes_what_it_is_told():
    text = page(made(notes=["a <note>"]))
    assert (
        "4 of 5" in text and "A &lt;fine&gt; CPU" in text and "a &lt;note&gt;" in text and "2 &lt;threads&gt;" in text
    )
    assert text.count('class="chart"') == 3 and "Plotly.newPlot" in text and "default-src 'none'" in text
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="(?!data:)', text)
    assert "<li>NN4 step <b>2 / 3</b></li>" in text and "1 of them by the stretch" in text


def test_the_page_of_nothing_can_be_made():
    assert "None is set" in page(made(rows=[]))


def test_the_page_warns_of_noise_and_is_silent_when_quiet():
    noisy = {"verdict": "too noisy", "sentence": "Calibration: the machine is too noisy."}
    assert 'class="notice"' not in page(made()) and 'class="notice"' in page(made(calibration=noisy))


def test_the_command_prints_the_table_and_writes_json_and_html(tmp_path, capsys, monkeypatch, tiny_plan):
    monkeypatch.setattr(f"{package}.QUICK", tiny_plan)
    file, html = tmp_path / "new" / "bench.json", tmp_path / "new" / "bench.html"
    assert main(["bench", "--quick", "--peers", "numpy", "--json", str(file), "--html", str(html)]) == 0
    assert "tiny" in capsys.readouterr().out
    assert json.loads(file.read_text("utf-8"))["rows"][0]["peer"] == "numpy"
    assert html.read_text("utf-8").startswith("<!doctype html>")
    assert main(["bench", "--quick", "--peers", "numpy", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == []


def test_a_failed_part_is_exit_code_1(monkeypatch, capsys):
    def fails(session):
        raise ZeroDivisionError

    monkeypatch.setattr(f"{package}.parts", lambda plan: [Part("one", 1, fails)])
    assert main(["bench", "--quick"]) == 1
    assert "failed: one: ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--peers", "abacus"], "peer = 'abacus' is unknown"),
        (["--peers", ""], "peer = '' is unknown"),
        (["--only", "gpu"], "only = 'gpu' is unknown. Choose one of: steps, threads, epoch"),
        (["--html", "-"], "--html - is not allowed"),
        (["--json", "{file}/x.json"], "--json"),
        (["--html", "{file}/x.html"], "--html"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_measured(flags, sentence, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(f"{package}.bench", lambda *_: pytest.fail("it was measured"))
    (tmp_path / "file").write_text("in the way")
    assert main(["bench", *(flag.format(file=tmp_path / "file") for flag in flags)]) == 2
    assert f"error: SettingError: {sentence}" in capsys.readouterr().err
