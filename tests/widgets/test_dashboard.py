"""What is declared becomes controls and a run; what is pressed and moved does what it says."""

import gc
import json
import threading
import weakref

import ipywidgets as ipw
import pytest

from lab.errors import SettingError
from tests.widgets.counting import CountingDashboard
from widgets.dashboard import Dashboard


def test_run_drives_the_run_without_a_page_and_says_the_same_each_time(open_page):
    said = [open_page(key=str(i), by=3).dashboard.run(steps=7) for i in range(2)]
    assert said[0] == said[1] == {"numbers": 7, "total: total": 21, "total: twice": 42}


def test_numbers_are_rounded_to_significant_digits(page):
    page.dashboard.run(1)
    page.dashboard.session.run.total = 123456
    assert page.dashboard.run(1)["total: total"] == 123000
    assert page.dashboard.scalars(digits=6)["total: total"] == 123457


def test_run_goes_on_from_where_the_page_was(page):
    page.ask(4)
    assert page.dashboard.run(2)["numbers"] == 6
    assert page.heard[-1]["k"] == 6  # and the page sees it


def test_an_error_in_run_goes_to_the_cell_and_to_the_status_line(page):
    page.dashboard.run(1)
    page.dashboard.session.run.raises = ValueError("no")
    with pytest.raises(ValueError, match="no"):
        page.dashboard.run(1)
    assert page.heard[-1]["state"] == page.dashboard.state == "error"


def test_fields_are_given_by_name_and_checked():
    dashboard = CountingDashboard(by=3, seed=5)
    assert (dashboard.values.by, dashboard.seed) == (3, 5)
    with pytest.raises(
        SettingError, match=r"bye is not known to CountingDashboard. It has: by, noise, rate, start, up."
    ):
        CountingDashboard(bye=3)
    with pytest.raises(SettingError, match=r"by = 30 is not allowed. Give a whole number from 1 to 9."):
        CountingDashboard(by=30)
    assert dashboard.state == "ready"  # neither took its place
    dashboard.close()


# ---- controls


def test_a_moved_control_is_answered_at_once_while_a_page_plays_and_trains_nothing(page):
    page.ask(None, ms=1)
    n, steps, before = page.dashboard.board.n, page.dashboard.session.steps, len(page.heard)
    page.dashboard.controls["noise"].value = 1.0
    (frame,) = page.heard[before:]
    assert frame["arrays"]["noise", 0, "z"].all() and (frame["q"], frame["n"], frame["k"]) == (None, n, steps)
    assert page.dashboard.state == "running" and page.ask(None, ms=1)["n"] == n + 1


def test_a_moved_control_is_answered_at_once_while_the_page_is_paused(page):
    page.ask(None, ms=1)
    page.ask(0, end=True)
    n, before = page.dashboard.board.n, len(page.heard)
    page.dashboard.controls["noise"].value = 1.0
    (frame,) = page.heard[before:]
    assert frame["arrays"]["noise", 0, "z"].all() and frame["t"] == {"noise": "p = 1.00"}
    assert (frame["q"], frame["n"]) == (None, n)  # nothing was trained: a step asked for meanwhile is still due
    assert page.ask(1)["n"] == n + 1


def test_a_control_moved_before_the_first_frame_starts_nothing(page):
    page.dashboard.controls["by"].value = 4
    assert page.heard == [] and not page.dashboard.session.started
    assert page.dashboard.run(2)["total: total"] == 8


def test_a_wrong_value_is_said_and_the_control_stays_usable(page):
    page.ask(1)
    page.dashboard.controls["by"].value = 7
    assert page.heard[-1]["wrong"] == "SettingError: by = 7 is not allowed. Give another number."
    assert page.heard[-1]["state"] == "paused" and page.dashboard.session.run.by == 1
    page.dashboard.controls["noise"].value = 0.1
    assert page.heard[-1]["wrong"]  # it stands as long as the control shows it
    page.dashboard.controls["by"].value = 8
    assert page.heard[-1]["wrong"] == "" and page.dashboard.session.run.by == 8


def test_what_needs_a_reset_waits_for_it(page):
    page.ask(1)
    page.dashboard.controls["start"].value = 100
    assert page.dashboard.controls["start"].description == "start (needs a reset)"
    assert page.ask(1)["t"]["total"] == "total 2"
    page.ask(0, do=[["reset", None]])
    assert page.dashboard.controls["start"].description == "start"
    assert page.ask(1)["t"]["total"] == "total 101"


def test_what_is_moved_back_needs_no_reset(page):
    page.ask(1)
    page.dashboard.controls["up"].value = False
    page.dashboard.controls["up"].value = True
    assert page.dashboard.controls["up"].description == "upwards"


def test_what_a_page_echoes_is_no_change(page):
    page.ask(1)
    changed = []
    page.dashboard.change = lambda run, name, value: changed.append((name, value))
    page.dashboard.controls["rate"].value = 10**-0.9999999  # as a slider rounds 0.1
    assert changed == []


def test_linked_controls_move_together(open_page):
    one, two = open_page(key="one"), open_page(key="two")
    one.ask(0), two.ask(0)
    link = ipw.link((one.dashboard.controls["by"], "value"), (two.dashboard.controls["by"], "value"))
    one.dashboard.controls["by"].value = 6
    assert one.dashboard.session.run.by == two.dashboard.session.run.by == 6
    link.unlink()


def move_elsewhere(dashboard, field, value):
    """Move a control on another thread, as a subshell of ipykernel 7 does; it waits for nobody."""
    mover = threading.Thread(target=lambda: setattr(dashboard.controls[field], "value", value))
    mover.start()
    mover.join(5)
    assert not mover.is_alive()


def test_a_control_moved_while_a_cell_works_is_answered_after_it(page):
    page.ask(0)
    run, before = page.dashboard.session.run, len(page.heard)
    advance = page.dashboard.session.advance

    def advance_and_move(*args):
        move_elsewhere(page.dashboard, "by", 9)
        assert run.by == 1
        return advance(*args)

    page.dashboard.session.advance = advance_and_move
    page.dashboard.run(1)
    assert run.by == 9 and len(page.heard) == before + 2


def test_a_control_moved_while_a_frame_is_made_acts_on_the_next(page):
    page.ask(None, ms=1)
    with page.dashboard.lock:
        move_elsewhere(page.dashboard, "by", 9)
        assert page.dashboard.session.run.by == 1
        total = page.dashboard.session.run.total
        page.ask(1)
    assert page.dashboard.session.run.total == total + 9


def test_a_start_that_fails_is_said_to_the_cell_and_stands_in_the_status_line(page):
    def refuse(spec, seed):
        raise SettingError("these two do not fit. Move one.")

    page.dashboard.start = refuse
    with pytest.raises(SettingError, match="these two"):
        page.dashboard.reset()
    assert (page.heard[-1]["state"], page.heard[-1]["says"]) == (
        "error",
        "SettingError: these two do not fit. Move one.",
    )


# ---- buttons


def test_reset_keeps_the_seed_and_the_controls(page):
    page.ask(3)
    page.dashboard.controls["by"].value = 2
    closed = page.dashboard.session.run
    frame = page.ask(0, do=[["reset", None]])
    assert (frame["k"], frame["seed"], frame["state"]) == (0, 0, "ready") and closed.closed
    assert frame["arrays"]["total", 0, "x"].size == 0 and frame["t"]["total"] == ""
    assert page.ask(1)["t"]["total"] == "total 2"


def test_new_seed_begins_anew_with_the_next(page):
    page.ask(3)
    frame = page.ask(0, do=[["seed", None]])
    assert (frame["k"], frame["seed"], page.dashboard.session.run.seed) == (0, 1, 1)


def test_a_preset_moves_the_controls_and_begins_anew(page):
    page.ask(3)
    page.ask(0, do=[["preset", "from a hundred"]])
    assert page.dashboard.controls["start"].value == 100 and page.ask(1)["t"]["total"] == "total 101"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["preset", "nowhere"], "SettingError: preset = 'nowhere' is not known. Choose one of: by threes, "),
        (["preset", "impossible"], "SettingError: by = 77 is not allowed."),
        (["restore", "{"], "SettingError: '{' is no saved state."),
    ],
)
def test_a_command_that_cannot_be_done_changes_nothing_and_says_so(page, command, said):
    page.ask(3)
    frame = page.ask(0, do=[command])
    assert frame["wrong"].startswith(said) and (frame["k"], frame["state"]) == (3, "paused")
    assert page.ask(0, do=[["reset", None]])["wrong"] == ""


def test_pages_stop_playing_when_a_cell_resets(page):
    halted = page.ask(None)["halted"]
    page.dashboard.reset()
    assert page.heard[-1]["halted"] > halted and page.heard[-1]["k"] == 0


def test_scripts_press_the_buttons(page):
    dashboard = page.dashboard
    dashboard.play(), dashboard.pause()
    assert [message["say"] for message in page.heard] == ["play", "pause"]
    dashboard.step()
    assert dashboard.session.steps == 1
    dashboard.new_seed()
    assert (dashboard.seed, dashboard.session.steps) == (1, 0)
    dashboard.preset("by threes")
    assert dashboard.values.by == 3
    with pytest.raises(SettingError, match="preset = 'x' is not known"):
        dashboard.preset("x")


# ---- state and history


def test_state_is_restored_from_its_text(open_page):
    one, two = open_page(key="one", by=4, start=None, seed=9), open_page(key="two")
    text = one.dashboard.state_text
    two.dashboard.state_text = text
    assert two.dashboard.values == one.dashboard.values and two.dashboard.seed == 9
    assert two.dashboard.run(5) == one.dashboard.run(5)
    (answer,) = two.tell(make="state")
    assert json.loads(answer["text"]) == json.loads(text)


def test_history_is_a_table_of_points(page):
    page.ask(3)
    (answer,) = page.tell(make="csv")
    assert answer["name"] == "CountingDashboard-number-3.csv"
    lines = answer["buffers"][0].decode().splitlines()
    assert lines[0] == "chart,trace,x,value"
    points = ["total,total,1,1", "total,total,2,2", "total,total,3,3", "total,twice,1,2", "total,twice,3,6"]
    bars = ["digits,first,0,3", "digits,first,1,0", "digits,second,0,1", "digits,second,1,2"]
    assert lines[1:] == points + bars  # the picture has none


def test_charts_are_figures_with_what_is_shown(page):
    page.ask(3)
    figure = page.dashboard.figure("total")
    assert list(figure.data[0].y) == [1, 2, 3] and tuple(figure.layout.yaxis.range) == (0, 7)
    assert figure.layout.title.text == "Total: total 3"


def test_the_page_of_charts_needs_no_network(page, tmp_path):
    page.ask(3)
    written = page.dashboard.export_html(tmp_path / "charts.html").read_text(encoding="utf-8")
    without_library = written.partition("</script>")[2]
    assert "http" not in without_library and without_library.count("Plotly.newPlot") == 3
    assert "<script src" not in written and "number 3, seed 0" in written


# ---- running a cell again


def test_running_a_cell_again_closes_the_board_before(open_page):
    first = open_page().dashboard
    first.run(1)
    run = first.session.run
    second = open_page().dashboard
    assert run.closed and first.board.comm is None and second.board.comm is not None
    assert [d for d in Dashboard._open.values()] == [second]


def test_boards_with_different_keys_live_side_by_side(open_page):
    one, two = open_page(key="one").dashboard, open_page(key="two").dashboard
    one.run(1)
    two.run(2)
    assert (one.session.steps, two.session.steps) == (1, 2) and one.board.comm is not None


def test_nothing_grows_when_a_cell_is_run_again(open_page):
    from ipywidgets.widgets import widget

    models = widget._instances if hasattr(widget, "_instances") else widget.Widget.widgets
    counts = []
    for _ in range(4):
        open_page().dashboard.run(1)
        counts.append(len(models))
    assert len(set(counts)) == 1
    open_page().dashboard.close()
    assert len(models) < counts[0]


def test_a_closed_board_lets_its_run_go(open_page):
    """`Out[5]` still holds the dashboard; the net and its data must not stay with it."""
    dashboard = open_page().dashboard
    dashboard.run(1)
    run = weakref.ref(dashboard.session.run)
    dashboard.close()
    gc.collect()
    assert run() is None and dashboard.session.memories == {}


def test_a_board_that_was_never_shown_starts_no_run(page):
    assert getattr(page.dashboard, "starts", 0) == 0
    page.ask(0)
    page.ask(0)
    assert page.dashboard.starts == 1


# ---- pictures in the notebook


def test_the_pages_last_pictures_stand_below_the_board_in_the_notebook(page, monkeypatch):
    shown = []

    class Handle:
        def update(self, made):
            shown.append(made.data)

    page.dashboard._snapshot._handle = Handle()
    svg = "<svg><text fill='currentColor'>a</text></svg>"
    page.dashboard.board.pictures = {"says": "number 3", "svg": {"total": {"title": "Total: <3>", "svg": svg}}}
    assert "Counting, as it was left: number 3. Run the cell to go on." in shown[0]
    assert "Total: &lt;3&gt;" in shown[0] and "data:image/svg+xml;base64," in shown[0] and "<svg" not in shown[0]
    page.dashboard.close()  # what takes its place shows more
    assert shown[1] == f"<div class='{page.dashboard._snapshot.mark}'></div>"
