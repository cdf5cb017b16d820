"""The page on NN4 as a learner has it: layers open by click and key, a round goes by phases; everything is pressed."""

import re

import pytest

from tests.browser.every_board import EveryBoard
from tests.browser.hand import Hand
from tests.browser.pages import CoursePage, until_live
from tests.browser.tables.nn4 import TABLES

pytestmark = pytest.mark.browser

NAME = "03_nn4.ipynb"
WORDS = "(root, panel) => root.querySelector(`.nn4-card[data-panel='${panel}'] pre`).textContent"
SAYS = f"(root, [panel, words]) => ({WORDS})(root, panel).includes(words)"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    return CoursePage(workplace(NAME), root / "notebooks" / NAME).set_up(TABLES)


def words(board, panel):
    """The text of a card of words."""
    return board.root.evaluate(WORDS, panel)


def until_says(board, panel, text):
    """Wait until a card of words holds a text; all of it then."""
    board.until(SAYS, [panel, text])
    return words(board, panel)


def test_a_layer_opens_by_click_and_by_arrow_keys(page):
    board = page.shown("layers").until_state("ready")
    boxes = board.root.locator("button.nn4-box")
    assert boxes.count() == 4 and boxes.nth(0).get_attribute("aria-pressed") == "true"
    assert "7,040 parameters" in board.live("net") and "4,224 parameters" in boxes.nth(0).inner_text()
    boxes.nth(2).click()
    until_live(board, "W", r"^W3 \(32 × 16\)")
    assert board.control("layer").root.locator("select").input_value() == "3"
    page.notebook.page.keyboard.press("ArrowRight")
    until_live(board, "W", r"^W4 \(16 × 10\)")
    assert page.notebook.page.evaluate("document.activeElement.innerText").startswith("Layer 4")
    page.notebook.page.keyboard.press("ArrowRight")  # there is no fifth; and it is no Step
    page.notebook.page.keyboard.press("ArrowLeft")
    until_live(board, "W", r"^W3")
    assert board.round == 0 and "gamma3" in words(board, "table")
    board.control("layer").choose("1")
    until_live(board, "W", r"^W1 \(64 × 64\)")
    board.until("root => root.querySelector('.nn4-box').getAttribute('aria-pressed') === 'true'")


class TestBoards(EveryBoard):
    tables = TABLES


def test_a_round_in_phases_shows_lines_and_arrays(page):
    board = Hand(page, "phases", TABLES["phases"]).restored().board
    board.button("Step").click()
    until_live(board, "where", "phase 1 of 32")
    board.press("s")
    said = until_says(board, "source", "def dropout(")
    assert "dropped1 = y0 · mask1" in said and "lab/layers/dropout.py, line" in said and '"""' not in said
    assert "dropped1" in words(board, "arrays") and re.match(r"mask1|dropped1", board.live("first"))
    first = board.picture("first")
    board.press("ArrowRight")
    board.until_picture_changes("first", first)
    assert board.live("first").startswith("z1 (32 × 64)") and board.live("second") == "no array here"
    for number in range(4, 33):
        board.button("Step").click()
        board.until_round(number)
    until_live(board, "where", "phase 32 of 32: update")
    marked = board.root.locator(".nn4-box[aria-current=true]")
    assert marked.inner_text().startswith("Update") and board.root.locator("button.nn4-box").count() == 0
