"""Before the kernels are compiled: every board begins at once, with NumPy, says so, and changes over at Reset."""

import inspect

import pytest

import widgets
from lab.models import nn4
from tests.widgets.conftest import Page
from widgets.dashboard import Dashboard

NAMED = [getattr(widgets, name) for name in widgets.__all__]
BOARDS = [each for each in NAMED if inspect.isclass(each) and issubclass(each, Dashboard) and each is not Dashboard]
MEASURING = [each for each in BOARDS if each.__module__.startswith("widgets.speed")]  # the kernels are what they show
FAST = (
    widgets.BatchnormDrift, widgets.BatchnormRace, widgets.BatchnormShift, widgets.DropoutAggregation,
    widgets.DropoutStudyBoard, widgets.NN4Health, widgets.SoftmaxTemperature,
)  # fmt: skip


@pytest.fixture
def cold(monkeypatch):
    """No kernel is compiled: what a board asks for, and which backends it takes; `ready[0] = True` ends that."""
    ready, asked, taken = [False], [], []
    choose = nn4.choose
    monkeypatch.setattr("lab.kernels_ready", lambda: ready[0])
    monkeypatch.setattr("lab.compile_kernels", lambda: asked.append("compile"))
    monkeypatch.setattr(nn4, "choose", lambda name, gemm: taken.append(name) or choose(name, gemm))
    return ready, asked, taken


@pytest.mark.parametrize("board", [each for each in BOARDS if each not in MEASURING])
def test_no_board_waits_for_the_compiler(board, cold, heard):
    _, _, taken = cold
    page = Page(board(ask=False), heard)
    page.ask(1)
    assert page.dashboard.session.state in ("paused", "done") and "cpu" not in taken


@pytest.mark.parametrize("board", FAST)
def test_while_numpy_computes_in_place_of_the_kernels_the_status_line_says_so(board, cold):
    ready, asked, taken = cold
    made = board()
    made.run(0)
    status = made.session.status()
    assert status.endswith(" 0 · computed by NumPy while the fast kernels are compiled, once, for some 20 s")
    assert asked == ["compile"] and set(taken) <= {"reference"}
    ready[0] = True
    made.run(1)
    assert set(taken) <= {"reference"}, "never in the middle of a run"
    assert made.session.status().endswith("· computed by NumPy; the fast kernels are ready now, Reset takes them")
    made.reset()
    made.run(1)
    assert "NumPy" not in made.session.status() and asked == ["compile"] and "cpu" in taken
