"""The page on dropout as a learner has it: predict first, then press everything of every board; save, come back."""

import re

import pytest

from tests.browser.every_board import EveryBoard
from tests.browser.hand import Hand
from tests.browser.pages import SEEN, CoursePage, numbers, until_live
from tests.browser.tables.dropout import TABLES

pytestmark = pytest.mark.browser

NAME = "01_dropout.ipynb"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    return CoursePage(workplace(NAME), root / "notebooks" / NAME).set_up(TABLES)


def test_play_waits_for_a_prediction_that_the_keyboard_can_make(page):
    board = page.shown("masks").until_state("ready")
    assert board.button("Play").is_disabled() and board.button("Step").is_disabled()
    assert "Predict first" in board.says
    board.press("Space")
    board.press("s")
    group = board.within.get_by_role("radiogroup", name=re.compile("How many pixels"))
    commit = board.within.get_by_role("button", name="Commit").first
    assert commit.is_disabled() and board.state == "ready"
    group.get_by_role("radio", name="exactly half of them").focus()
    page.notebook.page.keyboard.press("ArrowDown")
    assert group.get_by_role("radio", name=re.compile("about half")).is_checked()
    page.notebook.page.wait_for_function("button => !button.disabled", arg=commit.element_handle())
    commit.focus()
    page.notebook.page.keyboard.press("Enter")
    board.until("root => !root.querySelector('.nn4-play').disabled")
    assert board.round == 0 and "you predicted: about half" in board.within.locator(SEEN).first.inner_text()
    board.button("Step").click()
    board.until_round(1)
    seen = board.within.locator(SEEN).filter(has_text="as you predicted")
    seen.wait_for()
    assert not board.control("redraw").root.locator("input").is_enabled()  # the second question holds it still


class TestBoards(EveryBoard):
    tables = TABLES


def test_the_mask_keeps_a_share_p_and_the_gradient_needs_the_same_mask(page):
    board = Hand(page, "masks", TABLES["masks"]).restored().board
    keep = board.control("keep").drag(0.2)
    until_live(board, "forward", f"made {1 / keep:.3g} times as bright")
    assert abs(numbers(board.live("mask"))[0] / 100 - keep) < 0.05
    assert numbers(until_live(board, "backward", "same mask"))[-1] < 1e-6
    board.control("redraw").switch()
    assert numbers(until_live(board, "backward", "another mask"))[-1] > 0.1


def test_means_lie_about_those_without_dropout(page):
    board = Hand(page, "means", TABLES["means"]).restored().step(40).board
    mean, error, without = numbers(board.live("unit"))
    assert without == 1 and 0 < abs(mean - without) < 5 * error < 0.2


def test_the_study_has_bands_over_seeds_and_says_where_dropout_hurts(page):
    board = Hand(page, "study", TABLES["study"]).restored().step(16).board  # two seeds of every p
    low, high, middle = (board.traces("gap")[i]["y"] for i in (0, 1, 2))
    assert len(low) == 8 and all(a < c < b for a, b, c in zip(low, high, middle, strict=True))
    assert "hurts: p = 0.3" in board.live("difference")


def test_the_legend_of_the_controls_stands_below_and_folds(page):
    board = page.shown("masks")
    legend = board.within.locator("details.nn4-legend-of-controls")
    legend.locator("summary").click()
    assert legend.locator("tbody tr").count() == 5 and "at once" in legend.inner_text()
