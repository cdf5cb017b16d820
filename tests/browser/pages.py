"""A page of the course as a learner has it: boards in view, questions answered, experiments pressed."""

import contextlib
import re

import nbformat

SEEN = ".nn4-question-told"
HALTED = "root => nn4.last[root.dataset.title].halted"  # counts the runs of a board, and what else ends a play


class CoursePage:
    """A notebook of the course, by the names of its cells.

    Args:
        notebook: `Notebook`, with one of the course's pages. path: the same page in the repository.
    """

    def __init__(self, notebook, path):
        self.notebook = notebook
        cells = nbformat.read(path, as_version=4).cells
        self.places = {cell.id: number for number, cell in enumerate(cells)}

    def set_up(self, tables):
        """Show all boards of the page, by their tables, and open what is under More."""
        self.run("find-the-lab", *tables)
        for cell, table in tables.items():
            if table.folded:
                self.unfold(cell)
        return self

    def run(self, *cells):
        """Run cells, by name."""
        self.notebook.run(*(self.places[cell] for cell in cells))

    def cell(self, name):
        return self.notebook.cell(self.places[name])

    def unfold(self, name):
        """Open what is folded under More."""
        button = self.cell(name).locator(".nn4-more")
        button.wait_for(state="attached")
        button.evaluate("button => button.scrollIntoView()")  # one that is out of view has no text
        button.wait_for()
        if "▸" in button.inner_text():
            button.click()

    def board(self, name):
        return self.notebook.board(self.places[name])

    def shown(self, name):
        """A board of the page, in view: JupyterLab lays out no others."""
        board = self.board(name)
        board.root.wait_for(state="attached")
        board.root.evaluate("root => root.closest('.nn4-dashboard').scrollIntoView()")
        board.until("root => root.querySelector('.nn4-says').innerText")
        return board.until_drawn()

    def opened(self, name):
        """A board of the page, in view, its questions answered."""
        return unasked(self.shown(name))


def unasked(board):
    """The same board, all its questions passed over."""
    skip = board.within.get_by_role("button", name="Show without predicting")
    fewer = "([cell, left]) => cell.querySelectorAll('.nn4-question > button.mod-primary').length < left"
    while left := skip.count():
        skip.first.click()
        board.page.wait_for_function(fewer, arg=[board.within.element_handle(), left])
    return board


def step_and_move(board):
    """Of the first board on dropout: it does one pass, and the masks follow p."""
    board.button("Step").click()
    board.until_round(1)
    before = board.picture("mask")
    keep = board.control("keep").drag(0.2)
    board.until_picture_changes("mask", before)
    until_live(board, "forward", f"made {1 / keep:.3g} times as bright$")


def until_live(board, panel, pattern):
    """Wait until a panel's live number matches; the number."""
    where = f".nn4-card[data-panel='{panel}'] .nn4-live"
    board.until(
        "(root, [where, pattern]) => new RegExp(pattern).test(root.querySelector(where).innerText)", [where, pattern]
    )
    return board.live(panel)


def numbers(words):
    """All numbers in a text."""
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", words)]


def until_number(board, number):
    """Wait until so many steps are done, at least."""
    says = "Number(root.querySelector('.nn4-says').innerText.match(/[a-z] (\\d+)/)?.[1])"
    board.until(f"(root, number) => {says} >= number", number)


def stop(board):
    """Let it pause, unless it has come to its end meanwhile."""
    if board.state == "running":
        board.button("Pause").or_(board.button("Play")).first.click()
    board.until_state("paused", "done")


def pressed(board, name):
    """Press an experiment, or Reset, and wait until its run has taken the place of the one before."""
    before = board.root.evaluate(HALTED)
    board.button(name).click()
    board.until(f"(root, before) => ({HALTED})(root) !== before", before)


def tried(board, name, state="running"):
    """Press an experiment: what to look for is said, and it plays (then it is stopped) or waits."""
    pressed(board, name)
    board.within.locator(".nn4-look").filter(has_text="Look:").wait_for()
    board.until_state(state)
    if state == "running":
        board.until_frames(2)
        _until_a_step(board)
        stop(board)


def _until_a_step(board):
    """Two frames may come before the first step is done; some steps take long, and are not waited for."""
    from playwright.sync_api import TimeoutError as TooLate

    with contextlib.suppress(TooLate):
        board.page.wait_for_function(
            "root => /[a-z] [1-9]/.test(root.querySelector('.nn4-says').innerText)",
            arg=board.root.element_handle(), timeout=5000,
        )  # fmt: skip


def reset(board):
    pressed(board, "Reset")
    board.until_round(0)
