"""The report: says everything, runs nothing it was given, and never leaves half a file."""

import json
import math
import re
from dataclasses import dataclass, field

import pytest

from lab.errors import LabError
from lab.events import Changed, EpochDone
from lab.report import (
    accuracy_figure,
    error_figure,
    loss_figure,
    rounds_figure,
    settings_rows,
    words,
    workers_figure,
    write_report,
)

FIGURES = (loss_figure, accuracy_figure, error_figure, rounds_figure, workers_figure)


@dataclass
class MadeUpHistory:
    """A run that never ran: the report is tested without training."""

    epochs: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    rounds: list = field(default_factory=list)


def make_history(epochs, workers=2, rounds=40):
    """A loss that falls like exp(-t) to a floor, with a ripple instead of noise."""
    history = MadeUpHistory()
    for step in range(epochs * rounds):
        loss = 0.15 + 2.1 * math.exp(-3 * step / rounds)
        history.rounds.append((step, loss * (1 + 0.3 * math.sin(12.9898 * step))))
    for epoch in range(1, epochs + 1):
        loss = 0.15 + 0.9 * math.exp(-0.7 * epoch)
        accuracy = 0.985 - 0.06 * math.exp(-0.6 * epoch)
        history.epochs.append(
            EpochDone(
                epoch=epoch,
                step=epoch * rounds,
                samples=60_000,
                loss=loss,
                train_loss=0.6 * loss,
                train_accuracy=min(1.0, accuracy + 0.008),
                test_loss=0.75 * loss,
                test_accuracy=accuracy,
                seconds=2.0 + 0.1 * math.sin(epoch),
                evaluation=0.2,
                compute=tuple(1.7 + 0.1 * worker for worker in range(workers)),
                wait=tuple(0.1 * (workers - 1 - worker) for worker in range(workers)),
            )
        )
    return history


@pytest.fixture
def history():
    """Ten epochs on two workers, with two changes of settings on the way."""
    made_up = make_history(10)
    made_up.changes.append(Changed(step=120, epoch=4, changes={"delta": 0.05}))
    made_up.changes.append(Changed(step=240, epoch=7, changes={"keep": 0.8, "K": 8}))
    return made_up


@pytest.fixture
def description():
    """What `run.describe()` says of a run on MNIST."""
    return {
        "data": "mnist", "classes": 10, "widths": (784, 512, 256, 128, 10), "keep": 0.9, "batchnorm": True,
        "bias": False, "seed": 0, "dtype": "float32", "backend": "cpu", "gemm": "blas", "delta": 0.2,
        "k": 4, "batch": 128, "workers": "threads:2", "epochs": 10, "normalization": "pixel / 255",
        "source": "folder LAB_DATA/mnist", "note": "", "parameters": 568_576, "fingerprint": "3f" * 32,
    }  # fmt: skip


@pytest.fixture
def html(tmp_path, description, history):
    return write_report(tmp_path / "report.html", description, history, 21.5, {"CPU": "Some CPU"}).read_text("utf-8")


def charts(html):
    return [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', html)]


def test_the_page_says_result_settings_and_machine(html):
    said = (
        *("98.49 %", "MNIST", "10 classes", "keep p = 0.90, drops 10 %", "K = 4", "a batch of 128 samples"),
        *("784-512-256-128-10", "568,576", "2 threads at the same time", "pixel / 255", "Some CPU"),
    )
    assert [text for text in said if text not in html] == []


def test_the_page_loads_nothing(html):
    own = html.replace(re.search(r"<script>.*?plotly\.js.*?</script>", html, re.S).group(), "")
    assert len(own) < 500_000
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:)", own)
    assert "://" not in own and "@import" not in own and "default-src 'none'" in own


def test_five_charts_each_with_title_axis_names_and_a_legend(html):
    layouts = [chart["layout"] for chart in charts(html)]
    assert len(layouts) == 5
    for layout in layouts:
        assert layout["title"]["text"] and layout["xaxis"]["title"]["text"] and layout["yaxis"]["title"]["text"]
        assert layout["showlegend"] and len(layout["xaxis"]["range"]) == len(layout["yaxis"]["range"]) == 2
    assert all(trace["name"] for chart in charts(html) for trace in chart["data"])


def test_the_note_of_a_fall_back_is_a_banner(tmp_path, description, history, html):
    assert 'role="note"' not in html
    description["note"] = "MNIST is not here: the embedded digits are used instead."
    noted = write_report(tmp_path / "noted.html", description, history, 1.0).read_text("utf-8")
    assert 'role="note"' in noted and description["note"] in noted


def test_texts_of_a_run_are_escaped(tmp_path, description, history):
    attack = "</script><script>alert(1)</script>\"'&"
    description |= {"data": attack, "note": attack, "source": attack, "normalization": attack}
    history.changes[0].changes["delta"] = attack
    html = write_report(tmp_path / "r.html", description, history, 1.0, {attack: attack}).read_text("utf-8")
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    assert len(charts(html)) == 5


def test_an_older_report_is_replaced_and_nothing_else_is_left(tmp_path, description, history):
    path = tmp_path / "new" / "report.html"
    write_report(path, description, history, 1.0)
    path.write_text("old")
    assert write_report(path, description, history, 1.0) == path
    assert path.read_text("utf-8").startswith("<!doctype html>") and list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_named(tmp_path, description, history):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LabError, match=r"report cannot be written to .*file.*--report"):
        write_report(tmp_path / "file" / "report.html", description, history, 1.0)
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(LabError, match="cannot be written"):
        write_report(tmp_path / "folder.html", description, history, 1.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.html"]


def test_a_run_without_an_epoch_says_so(tmp_path, description):
    empty = make_history(0)
    html = write_report(tmp_path / "r.html", description, empty, 0.0).read_text("utf-8")
    assert "No epoch is finished yet" in html
    for figure in FIGURES:
        assert "is finished yet" in figure(empty).layout.annotations[0].text


def test_one_epoch_is_drawn_with_markers():
    single = make_history(1, workers=1, rounds=1)
    assert all("markers" in trace.mode for trace in loss_figure(single).data)
    assert rounds_figure(single).data[0].mode == "markers"
    assert loss_figure(single).layout.xaxis.range == (0.5, 1.5)


def test_every_line_lies_within_its_axes(history):
    for figure in (make(history) for make in FIGURES[:4]):
        low, high = figure.layout.yaxis.range
        if figure.layout.yaxis.type == "log":
            low, high = 10**low, 10**high * (1 + 1e-12)
        assert all(low <= y <= high for trace in figure.data for y in trace.y if y is not None)


def test_an_error_of_zero_still_has_a_place_on_the_logarithmic_axis():
    figure = error_figure(make_history(30))
    assert figure.layout.yaxis.type == "log"
    assert min(y for trace in figure.data for y in trace.y) > 0


def test_changes_are_marked_with_their_new_values(history):
    marks = next(trace for trace in rounds_figure(history).data if trace.name == "settings changed")
    assert [x for x in marks.x if x is not None] == [120, 120, 240, 240]
    assert "delta = 0.05" in marks.hovertext and "keep = 0.8, K = 8" in marks.hovertext


def test_work_and_waiting_of_a_worker_stand_on_each_other():
    figure = workers_figure(make_history(3, workers=3))
    assert figure.layout.barmode == "stack" and len(figure.data) == 6
    assert tuple(figure.data[0].x) == tuple(figure.data[1].x)
    assert [trace.showlegend for trace in figure.data[1::2]] == [True, False, False]


@pytest.mark.parametrize(("keep", "said"), [(0.9, "drops 10 %"), (0.875, "keep p = 0.875, drops 12.5 %"), (1.0, "off")])
def test_keep_is_said_both_ways(keep, said):
    assert said in words.keep(keep)


def test_settings_leave_out_what_is_not_known():
    assert settings_rows({"keep": 0.5}) == [("dropout", "keep p = 0.50, drops 50 %")]
