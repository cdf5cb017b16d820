"""What is pressed does what it says, on the page as in a script."""

import pytest

from lab.errors import SettingError


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
