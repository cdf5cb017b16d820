"""What all boards of all pages keep."""

import inspect

import numpy as np
import pytest

import widgets
from lab.bench import live, rungs
from lab.errors import SettingError
from tests.widgets.reading import arrays, told
from widgets.controls.controls import controls_of
from widgets.dashboard import Dashboard

NAMED = [getattr(widgets, name) for name in widgets.__all__]
BOARDS = [each for each in NAMED if inspect.isclass(each) and issubclass(each, Dashboard) and each is not Dashboard]
OF_PAGES = [board for board in BOARDS if board is not widgets.MnistDashboard]  # the main job has presets instead
AT_ONCE = (widgets.NN4Layers, widgets.CostInception)  # what it asks for can be counted before anything was done
LONGEST = 165  # lines that are not blank: about 150


@pytest.fixture(autouse=True)
def short_measurements(monkeypatch):
    monkeypatch.setattr(live, "PIECE", 1e-4)
    monkeypatch.setattr(rungs, "LONGEST", 1e-4)


def test_every_page_has_its_boards():
    pages = {board.__module__.split(".")[1] for board in BOARDS}
    assert pages == {"dropout", "batchnorm", "nn4", "speed", "least_squares", "initialization", "softmax", "cost"}


@pytest.mark.parametrize("board", OF_PAGES)
def test_every_control_says_what_it_does_and_every_experiment_runs(board):
    assert all(control.about for control in controls_of(board.spec).values())
    assert len(board.experiments) >= 3 and all(each.look.endswith((".", "?")) for each in board.experiments)
    made = board()
    for each in board.experiments:
        made._try(each)
        assert {name: getattr(made.values, name) for name in each.fields} == each.fields
        made.run(2)
        assert made.session.state in ("paused", "done") and not made.session.wrong
        for panel, memory in made.session.memories.items():
            arrays(made, panel)
            assert all(np.isfinite(ends).all() for ends in memory.ranges.values())


@pytest.mark.parametrize("board", OF_PAGES)
def test_before_anything_was_done_nothing_is_seen_and_charts_can_be_drawn(board):
    made = board()
    made.reset()
    seen = [told(made, each.name) for each in board.questions]
    assert seen == [None] * len(board.questions) or board in AT_ONCE
    for panel in made.session.memories:
        arrays(made, panel)


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_declared_in_about_150_lines(board):
    lines = inspect.getsource(inspect.getmodule(board)).splitlines()
    assert len([line for line in lines if line.strip()]) <= LONGEST


@pytest.mark.parametrize("board", BOARDS)
def test_a_value_that_is_not_allowed_is_refused_and_named(board):
    for name, control in controls_of(board.spec).items():
        if control.kind in ("slider", "choice"):
            with pytest.raises(SettingError, match=name):
                board(**{name: -1e9})
