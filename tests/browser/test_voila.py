"""The same notebook as a page without code, served by Voila."""

from importlib.util import find_spec

import pytest

from tests.browser.boards import PATIENCE, Board
from tests.browser.conftest import notebooks_in
from tests.browser.jupyter import Complaints
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


def test_the_notebook_works_as_a_page(browser, voila):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints = Complaints(page)
    complaints.forgive("widget model not found")  # progress bars that are over when the page is shown
    page.set_default_timeout(PATIENCE)
    page.goto(voila.page_address("05_mnist_nn4.ipynb"))
    board = Board(page, page.locator("body")).until_drawn().until_state("ready", "paused")
    before = board.picture("loss")
    board.play()
    board.until_picture_changes("loss", before)
    kept_follows(board, 0.3)
    board.pause()
    kept_follows(board, 0.7)
    assert "Error displaying widget" not in page.inner_text("body")
    page.close()
    assert complaints == []
