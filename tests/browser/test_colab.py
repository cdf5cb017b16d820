"""The dashboard with Colab's set of packages, in a real page. Takes minutes to set up: `make colab`."""

import os

import pytest

from tests.browser.colab import colab_python
from tests.browser.conftest import opener, serve
from tests.browser.pages import CoursePage, step_and_move
from tests.browser.test_board_live import kept_follows

pytestmark = [pytest.mark.browser, pytest.mark.colab, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def colab(browser, root, tmp_path_factory):
    """`open_notebook`, in a JupyterLab 3.6 of Colab's packages."""
    folder = os.environ.get("LAB_COLAB")
    if not folder:
        pytest.skip("Colab's packages take minutes to install: `make colab` does it")
    with serve(root, tmp_path_factory, colab_python(folder)) as server:
        yield from opener(browser, server)


def test_the_packages_are_those_of_colab(colab):
    notebook = colab(["import ipywidgets, anywidget, plotly, ipykernel"])
    notebook.run(0)
    versions = notebook.ask("print(*(m.__version__ for m in (ipywidgets, anywidget, plotly, ipykernel)))").split()
    assert versions[:2] == ["7.7.1", "0.9.21"]
    assert versions[2].startswith("5.24.") and versions[3].startswith("6.17.")


def test_the_notebook_works(colab):
    """As it stands: its cells from top to bottom, then Play, a slider, Pause."""
    notebook = colab("05_mnist_nn4.ipynb", 1280, 900)
    index = notebook.run_until_board()
    board = notebook.board(index).until_drawn()
    before = board.picture("loss")
    board.play()
    board.until_picture_changes("loss", before)
    kept_follows(board, 0.3)
    board.pause()


def test_a_page_of_the_course_works(colab, root):
    """Its first board: questions passed over, one step, one control."""
    name = "01_dropout.ipynb"
    page = CoursePage(colab(name, 1280, 900), root / "notebooks" / name)
    page.run("find-the-lab", "masks")
    assert page.shown("masks").button("Step").is_disabled()
    step_and_move(page.opened("masks"))
