"""The page on batchnorm as a learner has it: predict, press everything of every board, save, come back."""

import pytest

from tests.browser.every_board import EveryBoard
from tests.browser.hand import Hand
from tests.browser.pages import CoursePage, numbers, until_live
from tests.browser.tables.batchnorm import TABLES

pytestmark = pytest.mark.browser

NAME = "02_batchnorm.ipynb"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    return CoursePage(workplace(NAME), root / "notebooks" / NAME).set_up(TABLES)


class TestBoards(EveryBoard):
    tables = TABLES


def test_mnist_that_is_not_here_is_said_and_the_board_goes_on_with_the_digits(page):
    board = Hand(page, "batches", TABLES["batches"]).restored().board
    board.control("data").choose("MNIST")
    board.button("Reset").click()
    board.until_state("error")
    assert "MNIST is not on this machine" in board.says
    board.control("data").choose("small digits")
    board.button("Reset").click()
    board.until_state("ready")


def test_the_three_terms_add_up_to_the_differences_of_the_loss(page):
    board = Hand(page, "terms", TABLES["terms"]).restored().step(7).board
    assert max(numbers(board.live("sum"))) < 1e-6
    total, differences = (board.traces("sum")[i]["y"] for i in (0, 1))
    assert max(map(abs, total)) > 0 and differences == pytest.approx(total, rel=1e-3, abs=1e-3 * max(map(abs, total)))


def test_the_angle_between_weights_and_gradient_follows_the_law_and_layer_4_has_none(page):
    board = Hand(page, "scale", TABLES["scale"]).restored(eps=0.1).step(20).board
    seen, law = (trace["y"] for trace in board.traces("angle")[:2])
    assert len(law) > 100 and seen == pytest.approx(law, abs=1e-3)
    board.control("layer").choose("4")
    low, high = numbers(until_live(board, "loss", "^layer 4"))[1:]
    assert high > low + 0.5


def test_what_was_folded_is_folded_again_and_keeps_its_run(page):
    board = Hand(page, "terms", TABLES["terms"]).restored().step(3).board
    button = page.cell("terms").locator(".nn4-more")
    button.click()
    board.root.wait_for(state="hidden")
    button.click()
    assert page.shown("terms").round == 3
