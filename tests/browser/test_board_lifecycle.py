"""What happens around a dashboard: errors, interrupts, restarts, cells run again, notebooks closed and opened."""

import pytest

from tests.browser.boards import DASHBOARD, IMPORT

pytestmark = pytest.mark.browser

# Widgets that are alive in the kernel, after a garbage collection.
WIDGETS = "import gc, ipywidgets; gc.collect(); print(len(getattr(ipywidgets.widgets.widget, '_instances', None) or "
WIDGETS += "ipywidgets.Widget.widgets))"
VIEWS = "document.querySelectorAll('.nn4-board').length"
# What is to be over after some seconds is over at once.
AT_ONCE = """() => {
  const timeout = AbortSignal.timeout;
  globalThis.givenUp = 0;
  addEventListener('unhandledrejection', ({reason}) => { givenUp += /Failed to initialize model/.test(reason); });
  AbortSignal.timeout = ms => timeout.call(AbortSignal, 0);
}"""
FAILS = """
from dataclasses import dataclass

from widgets import Dashboard, Lines, Panel, slider

@dataclass(frozen=True)
class Spec:
    last: int = slider(5, low=1, high=9, label="last good step", live=True)

class Fails(Dashboard):
    title, spec, panels = "Fails", Spec, (Lines("loss", title="Loss", traces=("a",)),)

    def start(self, spec, seed):
        yield from range(spec.last)
        raise ValueError("the sixth step fails")

    @staticmethod
    def frame(event, now):
        return {} if event is None else {"loss": Panel((now.step, event / 10), f"{event}")}

Fails()
"""


def test_a_board_that_began_late_is_given_up_by_anywidget_and_works(open_notebook):
    """On a slow page, where 2 s are over before its code is there; here they are over at once."""
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.page.evaluate(AT_ONCE)
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)
    assert notebook.page.evaluate("givenUp") > 0


def test_an_exception_stands_in_the_status_line(open_notebook):
    notebook = open_notebook([FAILS])
    notebook.run(0)
    board = notebook.board(0).until_drawn()
    board.button("Play").click()
    board.until_state("error")
    assert "ValueError" in board.says and "the sixth step fails" in board.says and "line" in board.says
    assert board.live("loss") == "4" and board.picture("loss")  # the last frame stays


def test_interrupt_leaves_a_board_that_says_so_and_goes_on_when_its_cell_is_run_again(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)
    notebook.interrupt()
    board.until_state("paused", "error")
    assert "interrupt" in board.says.lower()
    notebook.run(1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)


def test_restart_leaves_a_board_that_says_so_and_works_when_its_cell_is_run_again(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)
    notebook.restart()
    board.until_state("no-answer")
    assert "run" in board.says and "cell" in board.says
    assert board.picture("loss")
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)


def test_running_the_cell_three_times_leaves_one_run_and_no_growth(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.run(0, 1)
    notebook.board(1).until_drawn().play().until_frames(3)
    notebook.run(1)  # the first run anew has the old one to close
    notebook.board(1).until_drawn().play().until_frames(3)
    widgets, listeners = int(notebook.ask(WIDGETS)), notebook.page.evaluate("nn4.listeners.length")
    for _ in range(3):
        notebook.run(1)
        notebook.board(1).until_drawn().play().until_frames(3)
    assert notebook.page.evaluate(VIEWS) == 1
    assert int(notebook.ask(WIDGETS)) == widgets
    assert notebook.page.evaluate("nn4.listeners.length") == listeners
    notebook.board(1).pause()
    frames = notebook.page.evaluate("nn4.frames")
    notebook.ask("1")  # whoever else were playing would have answered by now
    assert notebook.page.evaluate("nn4.frames") == frames


def test_two_boards_play_at_once(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD, "e = MnistDashboard(data='digits', key='second')\ne"])
    notebook.run(0, 1, 2)
    boards = [notebook.board(index).until_drawn() for index in (1, 2)]
    for board in boards:
        board.play()
    for _ in range(2):
        for board in boards:
            board.until_live_changes("loss", board.live("loss"))
    assert [board.state for board in boards] == ["running", "running"]


def test_saved_closed_and_opened_again_it_shows_the_last_frame_and_goes_on(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(10)
    board.pause()
    live, kept = board.live("loss"), notebook.cell(1).locator("[class^=nn4-snapshot]")
    kept.filter(has_text=live).wait_for(state="attached")
    assert not kept.is_visible()  # beside the board it would say everything twice
    notebook.save()
    notebook.complaints.forgive("widget model not found")  # JupyterLab's words for a widget without its kernel
    notebook.close(end_kernel=True)
    notebook.reopen()
    kept.wait_for()
    assert live in kept.inner_text() and "Run the cell" in kept.inner_text()
    assert kept.locator("img").count() == 4
    assert kept.locator("img").evaluate_all("all => all.every(img => img.complete && img.naturalWidth > 100)")
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn().until_state("ready")
    board.play().until_frames(3)


def test_a_page_that_is_loaded_anew_finds_the_board_as_it_was(open_notebook):
    """The kernel lives on: the board too."""
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(10)
    board.pause()
    live = board.live("loss")
    notebook.save()
    notebook.reopen()
    board = notebook.board(1).until_drawn()
    assert board.live("loss") == live
    board.play().until_frames(3)
