"""The grammar of a page: every one has its parts, in their order, and asks before it shows."""

import importlib
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
OTHERS = {*NOTEBOOKS.glob("00_*"), *NOTEBOOKS.glob("05_*")}  # the start, and one board for a whole page
PAGES = sorted({*NOTEBOOKS.glob("*.ipynb")} - OTHERS)


def cells(path):
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def boards(page):
    """The classes of the boards that stand open, and of those under More, by cell."""
    found = {}
    for name, cell in page.items():
        last = cell.source.strip().splitlines()[-1] if cell.source.strip() else ""
        if cell.cell_type == "code" and "from widgets import" in cell.source and not name.startswith("check"):
            words = re.findall(r"[A-Z]\w+", last)
            found[name] = (words[-1] if last.startswith("More(") else words[0], last.startswith("More("))
    return found


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def page(request):
    return cells(request.param)


def test_the_parts_stand_in_their_order(page):
    names = list(page)
    order = [names.index(name) for name in ("title", "find-the-lab", "theory", "more-about", "task-about", "task")]
    assert order == sorted(order) and order[0] == 0 and names[-1] == "sources"
    assert "When you are through, you can" in page["title"].source and re.search(
        r"Plan \d+ minutes", page["title"].source
    )
    assert "task" in page["task"].metadata.get("tags", [])
    assert any("nbval-check-output" in cell.metadata.get("tags", []) for cell in page.values())


def test_three_experiments_stand_open_each_between_its_words(page):
    names, found = list(page), boards(page)
    assert sum(not folded for _, folded in found.values()) == 3
    for name, (_, folded) in found.items():
        place = names.index(name)
        assert names[place + 1] == f"{name}-explain" and "<details>" in page[f"{name}-explain"].source
        assert folded or (names[place - 1] == f"{name}-about" and "**Predict**" in page[f"{name}-about"].source)


def test_every_board_asks_first_and_offers_experiments(page):
    widgets = importlib.import_module("widgets")
    for name, _ in boards(page).values():
        board = getattr(widgets, name)
        assert any(question.holds for question in board.questions), name
        assert all(question.seen for question in board.questions) and len(board.experiments) >= 3


def test_there_are_pages():
    assert [path.stem for path in PAGES][:1] == ["01_dropout"]
