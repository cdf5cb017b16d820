"""The same notebooks as pages without code, served by Voila."""

from importlib.util import find_spec

import pytest

from tests.browser.boards import PATIENCE, Board
from tests.browser.conftest import notebooks_in
from tests.browser.jupyter import Complaints
from tests.browser.pages import step_and_move, unasked
from tests.browser.server import Voila
from tests.browser.test_board_live import kept_follows

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def voila(tmp_path_factory, root):
    """A Voila over copies of the notebooks."""
    if find_spec("voila") is None:
        pytest.skip("Voila is not installed: pip install -e .[voila]")
    with Voila(notebooks_in(root, tmp_path_factory), tmp_path_factory.mktemp("voila") / "own", root) as server:
        yield server


@pytest.fixture
def open_page(browser, voila):
    """`open_page(name)`: a notebook as a page; complaints fail the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints = Complaints(page)
    complaints.forgive("widget model not found")  # progress bars that are over when the page is shown
    page.set_default_timeout(PATIENCE)

    def open_it(name):
        page.goto(voila.page_address(name))
        return page

    yield open_it
    assert "Error displaying widget" not in page.inner_text("body")
    page.close()
    assert complaints == []


def test_the_notebook_works_as_a_page(open_page):
    page = open_page("05_mnist_nn4.ipynb")
    board = Board(page, page.locator("body")).until_drawn().until_state("ready", "paused")
    before = board.picture("loss")
    board.play()
    board.until_picture_changes("loss", before)
    kept_follows(board, 0.3)
    board.pause()
    kept_follows(board, 0.7)


def test_a_page_of_the_course_works_without_its_code(open_page):
    page = open_page("01_dropout.ipynb")
    board = Board(page, page.locator(".nn4-dashboard").first).until_drawn().until_state("ready")
    assert page.locator(".nn4-dashboard").count() == 3 and "Predict first" in board.says
    step_and_move(unasked(board))
    page.locator(".nn4-more").click()
    Board(page, page.locator(".nn4-dashboard").nth(3)).until_drawn()
