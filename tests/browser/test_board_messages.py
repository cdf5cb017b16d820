"""What a board and its page tell each other: while a cell runs, while the kernel is busy, and of a new control."""

import json

import pytest

from tests.browser.boards import DASHBOARD, IMPORT

pytestmark = pytest.mark.browser

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
# What the board is told, by the names in its messages, and whether the server sends at once.
TOLD = f"""
{DASHBOARD.removesuffix("d")}
told = []
d.board.on_msg(lambda _, message, buffers: told.extend(message))
d
"""
# A cell that interrupts the run while a request of the page waits for it.
INTERRUPTS = """
import time
heard, end = [], time.time() + 60
d.board._msg_callbacks.callbacks.insert(0, lambda *_: heard.append(True))
with d.lock:
    print("held")
    while not heard and time.time() < end:
        time.sleep(0.02)
    d.session.fail(KeyboardInterrupt())
    d.board.push()
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
    assert notebook.ask("print(heard[-1])") == "cells" and len(notebook.ask("print(heard)")) > heard


def test_the_stop_button_stops_the_cell_and_the_board_that_plays_beside_it(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD, "import time; time.sleep(60)"])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.play().until_frames(3)
    notebook.start(2)
    board.until_frames(20)  # more than were asked for before the cell
    notebook.interrupt()
    notebook.cell(2).locator(".jp-OutputArea").filter(has_text="KeyboardInterrupt").wait_for()
    board.until_state("paused")
    assert "Interrupted at" in board.says
    board.play().until_frames(3)


def test_a_play_that_was_asked_for_before_an_interrupt_does_not_begin_after_it(open_notebook):
    notebook = open_notebook([IMPORT, DASHBOARD, INTERRUPTS])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    notebook.start(2)
    notebook.cell(2).locator(".jp-OutputArea").filter(has_text="held").wait_for()
    board.button("Play").click()
    board.until_state("paused").until_quiet()
    assert "Interrupted at round 0" in board.says
    board.play().until_frames(3)


def test_a_step_pressed_right_after_reset_is_done(open_notebook):
    """Also while the answer to Reset is still on its way."""
    notebook = open_notebook([IMPORT, DASHBOARD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    board.button("Step").click()
    board.until_round(1)
    reset, step = (board.button(name).element_handle() for name in ("Reset", "Step"))
    for before in (0, 0, 0, 1, 1, 1):  # also while a step of before is on its way
        press = f"([reset, step]) => {{ if ({before}) step.click(); reset.click(); step.click(); }}"
        notebook.page.evaluate(press, [reset, step])
        board.until_quiet().until_round(1)


def test_a_page_fetches_the_answer_to_a_hand_only_where_a_server_keeps_it_back(open_notebook):
    """The lab's extension of the server sends at once; the page of another one has to say something meanwhile."""
    notebook = open_notebook([IMPORT, TOLD])
    notebook.run(0, 1)
    board = notebook.board(1).until_drawn()
    before = board.picture("mask")
    board.control("keep").drag(0.2)
    board.until_picture_changes("mask", before)
    notebook.page.wait_for_timeout(200)
    prompt = notebook.ask("from widgets.server import is_prompt; print(is_prompt())").split()[-1]
    assert notebook.ask("print('nudge' in told)").split()[-1] == {"True": "False", "False": "True"}[prompt]


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
