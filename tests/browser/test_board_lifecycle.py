"""What happens around a dashboard: errors, interrupts, restarts, cells run again, notebooks closed and opened."""

import json

import pytest

from tests.browser.boards import DASHBOARD, IMPORT

pytestmark = pytest.mark.browser

# Widgets that are alive in the kernel, after a garbage collection.
WIDGETS = "import gc, ipywidgets; gc.collect(); print(len(getattr(ipywidgets.widgets.widget, '_instances', None) or "
WIDGETS += "ipywidgets.Widget.widgets))"
VIEWS = "document.querySelectorAll('.nn4-board').length"
# Where the board's messages are heard.
LISTENS = f"""
import threading
{DASHBOARD.removesuffix("d")}
heard = []
def listens(*_):
    heard.append("cells" if threading.current_thread() is threading.main_thread() else "elsewhere")
d.board.on_msg(listens)
d
"""
# A cell that runs until a control was moved and some frames were asked for meanwhile.
UNTIL_HEARD = """
import time
begun, end = heard.count("elsewhere"), time.time() + 60
while time.time() < end and not (d.controls["keep"].value < 0.3 and heard.count("elsewhere") > begun + 3):
    time.sleep(0.05)
print("over" if time.time() < end else "too late")
"""
KINDS = ("FloatSlider", "FloatLogSlider", "IntSlider", "Dropdown", "Checkbox", "RadioButtons", "Text")
KINDS += ("Textarea", "Button", "HTML", "Box", "VBox", "HBox")
# What the page believes of a control of a kind.
PROBE = """
import json, anywidget, ipywidgets, traitlets
from widgets.controls import shared

class Probe(anywidget.AnyWidget):
    of = traitlets.Unicode().tag(sync=True)
    _esm = '''export default {{ async render({{model, el}}) {{
      const {{attributes}} = await model.widget_manager.get_model(model.get("of"));
      el.className = "probe"; el.textContent = JSON.stringify(attributes, (name, value) => value?.model_id ?? value);
    }} }}'''

sent = []
class Watched(ipywidgets.{kind}):
    def open(self):
        sent.extend(self.get_state())
        super().open()
Watched.__name__ = "{kind}"
options = {{"options": ["a", "b"]}} if hasattr(ipywidgets.{kind}, "options") else {{}}
made = shared.make(Watched, **options)
Probe(of=made.model_id)
"""
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


def test_a_board_plays_on_while_a_cell_runs_and_then_on_the_thread_of_the_cells(open_notebook):
    """With "Run all" a first chart would else come after the last cell."""
    notebook = open_notebook([IMPORT, LISTENS, UNTIL_HEARD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)
    notebook.start(2)
    board.until_frames(10)
    before = board.picture("mask")
    board.control("keep").drag(0.2)
    board.until_picture_changes("mask", before)
    notebook.cell(2).locator(".jp-OutputArea").filter(has_text="over").wait_for()
    heard = len(notebook.ask("print(heard)"))
    notebook.page.wait_for_timeout(1000)  # the order of messages is kept for a while
    board.until_frames(20)
    board.pause()
    assert notebook.ask("print(heard[0], heard[-1])") == "cells cells" and len(notebook.ask("print(heard)")) > heard


def test_a_busy_kernel_makes_the_board_wait_and_say_so(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD, "import time\nwith d.lock: time.sleep(8)"])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)
    notebook.start(2)
    board.until_state("waiting")
    assert "waiting" in board.says.lower()
    board.until_state("running").until_frames(3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_takes_what_is_not_said_of_a_control_for_its_default(one_notebook, kind):
    one_notebook.write(1, PROBE.format(kind=kind))
    one_notebook.run(1)
    probe = one_notebook.cell(1).locator(".probe")
    probe.filter(has_text="}").wait_for()
    on_the_page = json.loads(probe.inner_text())
    in_the_kernel = json.loads(one_notebook.ask("print(json.dumps(made.get_state(), default=str))"))
    sent = json.loads(one_notebook.ask("print(json.dumps(sent))"))
    unsaid = {name: value for name, value in in_the_kernel.items() if name not in sent}
    assert {name: on_the_page.get(name) or None for name in unsaid} == {k: v or None for k, v in unsaid.items()}
    assert {"_view_name", "_view_count"} <= set(unsaid)


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
