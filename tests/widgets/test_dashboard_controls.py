"""What is declared becomes controls, and what is moved does what it says, at once or after a reset."""

import contextlib
import threading

import ipywidgets as ipw
import pytest

from lab.errors import SettingError


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


HOLDS = {
    "a frame unasked": ("looked", lambda dashboard: dashboard.board.push()),
    "a piece of a play": ("session.advance", lambda dashboard: dashboard.board._train_on(0.01)),
    "a file": ("make", lambda dashboard: dashboard.board._asked(None, {"make": "csv", "q": "b"}, [])),
    "a step that fails": ("session.advance", lambda dashboard: dashboard.run(1)),
}


@pytest.mark.parametrize("who", HOLDS)
def test_a_control_moved_while_somebody_has_the_turn_acts_when_it_is_over(page, monkeypatch, who):
    """Also where no page asks for anything after it, as on a board that does not play."""
    page.ask(0)
    name, act = HOLDS[who]
    owner = page.dashboard.session if name.startswith("session.") else page.dashboard
    original, run, moved = getattr(owner, name.split(".")[-1]), page.dashboard.session.run, []

    def move_and_go_on(*args):
        if not moved:
            moved.append(True)
            move_elsewhere(page.dashboard, "by", 9)
            assert run.by == 1
            if who.endswith("fails"):
                raise ValueError("no")
        return original(*args)

    monkeypatch.setattr(owner, name.split(".")[-1], move_and_go_on)
    with contextlib.suppress(ValueError):
        act(page.dashboard)
    assert moved and run.by == 9 and page.frames[-1]["q"] is None


def test_what_a_run_does_not_foresee_in_a_move_is_said_also_where_no_page_asked(page, monkeypatch):
    page.ask(0)

    def refuse(run, name, value):
        raise OSError("no disk")

    monkeypatch.setattr(page.dashboard, "change", refuse)
    page.dashboard.controls["by"].value = 9
    assert page.frames[-1]["state"] == "error" and page.frames[-1]["says"].startswith("OSError: no disk")


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
