"""Which thread hears a page: that of the cells, unless a cell runs; and no message overtakes another."""

import threading
from types import SimpleNamespace

import comm
import pytest
from ipykernel.comm.comm import BaseComm
from IPython.core.events import EventManager, available_events

from tests.widgets.counting import CountingDashboard
from widgets.controls import shells
from widgets.controls.shells import LOST, SETTLED, Shells

ROUTED = hasattr(BaseComm, "_reply_subshell_for")
here = pytest.mark.skipif(not ROUTED, reason="this ipykernel has no subshells for comms")


@pytest.fixture
def clock(monkeypatch):
    """The seconds that `Shells` reads, in a list of one."""
    now = [100.0]
    monkeypatch.setattr(shells.time, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def events():
    return EventManager(None, available_events)


def cell(events, clock, seconds=1.0):
    """A cell that runs for so many seconds; what happens after it comes later than any rest."""
    events.trigger("pre_run_cell", None)
    clock[0] += seconds
    events.trigger("post_run_cell", None)
    clock[0] += 2 * SETTLED


def elsewhere(call):
    """Call it on another thread, as a subshell does."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def test_no_cell_runs_the_thread_of_the_cells_hears(events, clock):
    heard = Shells(events)
    cell(events, clock)
    assert heard.route("a subshell") is None


def test_while_a_cell_runs_the_subshell_hears(events, clock):
    heard = Shells(events)
    assert heard.route("a subshell") == "a subshell"  # of the cell that made the first widget
    elsewhere(heard.heard)
    cell(events, clock)
    assert heard.route("a subshell") is None
    events.trigger("pre_run_cell", None)
    clock[0] += 5
    assert heard.route("a subshell") == "a subshell"


def test_between_two_cells_of_run_all_the_subshell_hears(events, clock):
    heard = Shells(events)
    events.trigger("post_run_cell", None)
    clock[0] += SETTLED / 2
    assert heard.route("a subshell") == "a subshell"


def test_a_page_without_subshells_is_heard_where_cells_run(events, clock):
    assert Shells(events).route(None) is None


def test_nothing_overtakes_a_message_that_is_still_to_be_heard(events, clock):
    heard = Shells(events)
    assert heard.route("a subshell") == heard.route("a subshell") == "a subshell"
    cell(events, clock)
    assert heard.route("a subshell") == "a subshell"
    for _ in range(3):
        heard.heard()  # on the thread of the cells: none of those
    assert heard.route("a subshell") == "a subshell"
    for _ in range(4):
        elsewhere(heard.heard)
    assert heard.route("a subshell") is None


def test_a_message_to_a_closed_widget_is_not_waited_for_without_end(events, clock):
    heard = Shells(events)
    heard.route("a subshell")
    for _ in range(3):  # there is more to hear meanwhile
        clock[0] += LOST / 2
        heard.route("a subshell")
        elsewhere(heard.heard)
    cell(events, clock)
    clock[0] += LOST
    assert heard.route("a subshell") is None


def test_a_cell_that_was_interrupted_is_told_from_one_that_failed(events, clock):
    heard = Shells(events)
    for error in (None, ValueError("no"), KeyboardInterrupt()):
        events.trigger("pre_run_cell", None)
        events.trigger("post_run_cell", SimpleNamespace(error_in_exec=error))
        assert (heard.interrupted == clock[0]) == isinstance(error, KeyboardInterrupt)


def test_without_ipython_nothing_is_sent_elsewhere(clock):
    assert Shells(None).route("a subshell") is None


@here
def test_every_widget_of_a_board_is_heard_so(monkeypatch, events, clock):
    """ipykernel 7.4 asks a comm for the subshell that is to hear a message."""
    monkeypatch.setattr(comm, "create_comm", BaseComm)
    monkeypatch.setattr(shells, "_shells", [Shells(events)])
    dashboard = CountingDashboard(key="routed")
    message = {"content": {"data": {"method": "custom", "content": {}}}, "buffers": []}
    try:
        assert BaseComm(target_name="other")._reply_subshell_for({}, "a subshell") == "a subshell"
        for widget in (dashboard.board, *dashboard.controls.values()):
            cell(events, clock)
            assert widget.comm._reply_subshell_for({}, "a subshell") is None
            events.trigger("pre_run_cell", None)
            assert widget.comm._reply_subshell_for({}, "a subshell") == "a subshell"
            elsewhere(lambda widget=widget: widget.comm.handle_msg(message))
    finally:
        dashboard.close()
