"""What the browser tests press is all that there is to press on the boards of pages 01 to 03, and can be pressed."""

import re

import nbformat
import pytest

import widgets
from tests.browser.table import Press
from tests.browser.tables import batchnorm, dropout, nn4
from widgets.controls.controls import controls_of

PAGES = {"01_dropout": dropout.TABLES, "02_batchnorm": batchnorm.TABLES, "03_nn4": nn4.TABLES}
TABLES = [table for tables in PAGES.values() for table in tables.values()]
MOVES = {"slider": ("drag", "press"), "choice": ("choose",), "switch": ("switch",)}
every_board = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.board)


def presses(table):
    """Every press with its field."""
    for name, each in table.controls.items():
        yield from ((name, press) for press in ((each,) if isinstance(each, Press) else each))


@pytest.mark.parametrize("name", PAGES)
def test_every_board_of_a_page_has_a_table(name, root):
    cells = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4).cells
    shown = {}
    for cell in cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not {"keep_output", "nbval-check-output"} & set(tags):
            boards = re.findall(r"\b([A-Z]\w+)\b(?=\(\)|\)$)", cell.source)
            if boards and boards[-1] in widgets.__all__:
                shown[cell.id] = boards[-1]
    assert shown == {cell: table.board for cell, table in PAGES[name].items()}


@every_board
def test_no_control_no_experiment_and_no_question_is_left_out(table):
    board = getattr(widgets, table.board)
    assert list(table.controls) == list(controls_of(board.spec))
    assert list(table.experiments) == [each.name for each in board.experiments]
    assert list(table.questions) == [each.name for each in board.questions]


@every_board
def test_what_is_pressed_is_there(table):
    board = getattr(widgets, table.board)
    known, panels = controls_of(board.spec), {"status", *(panel.name for panel in board.panels)}
    for name, press in presses(table):
        how, *arguments = press.move
        assert press.panel in panels and how in MOVES[known[name].kind]
        assert how != "choose" or arguments[0] in dict(known[name].options)
        assert known[name].live or not press.first  # it waits for the reset, and then nothing was done before
    assert all(seen.panel in panels for seen in table.experiments.values())
    assert table.plays in panels and table.curve in {"", *panels}
    for question in board.questions:
        predicted = table.questions[question.name]
        question.check(predicted.answer)
        assert predicted.after in {"", *table.controls, *table.experiments} and bool(predicted.after) == bool(
            predicted.says
        )


@every_board
def test_restore_takes_what_save_state_gave(table):
    board = getattr(widgets, table.board)(**table.start)
    kept, board.state_text = board.values, board.state_text
    assert board.values == kept
