"""A real browser, or a visible skip; with CI=true a missing one is a failure."""

import os
import shutil
import subprocess
import sys
import uuid

import pytest

from tests.browser.boards import DASHBOARD, IMPORT
from tests.browser.chromium import HOW, QUIET, find_chromium
from tests.browser.jupyter import Notebook, write_notebook
from tests.browser.server import JupyterLab


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives a real Chromium")
    config.addinivalue_line("markers", "colab: with Colab's packages, in an environment of its own (make colab)")


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium."""
    found = find_chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(HOW)
    return found or pytest.skip(HOW)


@pytest.fixture(scope="session")
def browser(chromium):
    """A started Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory, root):
    """The report of a short real run on two workers."""
    folder = tmp_path_factory.mktemp("run")
    command = [sys.executable, "-m", "lab", "train", "--data", "digits", "--hidden", "32,16,8", "--epochs", "4"]
    subprocess.run(
        [*command, "--batch", "100", "--workers", "threads:2"],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(root)}, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "runs" / "digits-10" / "report.html"


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory, root):
    """A JupyterLab that serves copies of the notebooks; its own settings, kernels and port."""
    with serve(root, tmp_path_factory) as server:
        yield server


@pytest.fixture
def open_notebook(browser, jupyterlab):
    """`open_notebook(name_or_cells, width, height)`: a notebook in a page of its own; complaints fail the test."""
    yield from opener(browser, jupyterlab)


@pytest.fixture(scope="module")
def workplace(browser, jupyterlab):
    """`open_notebook` for all tests of a file: they share pages and kernels, which saves half a minute each."""
    yield from opener(browser, jupyterlab)


@pytest.fixture(scope="module")
def one_notebook(workplace):
    """A notebook with one dashboard in its second cell."""
    notebook = workplace([IMPORT, DASHBOARD])
    notebook.run(0)
    return notebook


@pytest.fixture
def board(one_notebook):
    """A fresh board, just drawn: its cell is run anew for each test, in the kernel of the test before."""
    before = len(one_notebook.complaints)
    one_notebook.write(1, DASHBOARD)
    one_notebook.run(1)
    board = one_notebook.board(1).until_drawn().until_state("ready")
    yield board
    assert one_notebook.complaints[before:] == []


def serve(root, tmp_path_factory, python=sys.executable):
    """A JupyterLab of any Python, over copies of the notebooks."""
    return JupyterLab(notebooks_in(root, tmp_path_factory), tmp_path_factory.mktemp("jupyter") / "own", root, python)


def notebooks_in(root, tmp_path_factory):
    """A folder with copies of the notebooks."""
    folder = tmp_path_factory.mktemp("notebooks")
    for notebook in (root / "notebooks").glob("*.ipynb"):
        shutil.copy2(notebook, folder)
    return folder


def opener(browser, server):
    """Generator of the function that opens notebooks; afterwards pages and kernels end, and complaints are raised."""
    contexts, notebooks = [], []

    def open_it(cells, width=1280, height=720):
        name = cells
        if not isinstance(cells, str):
            name = write_notebook(server.folder / f"{uuid.uuid4().hex[:8]}.ipynb", *cells)
        contexts.append(browser.new_context(viewport={"width": width, "height": height}))
        notebooks.append(Notebook(contexts[-1].new_page(), server, name))
        return notebooks[-1]

    yield open_it
    for context in contexts:
        context.close()
    server.end_sessions()
    assert [said for notebook in notebooks for said in notebook.complaints] == []
