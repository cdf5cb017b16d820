"""What surrounds a board: experiments, the legend of the controls, and what is folded away."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import ClassVar

import pytest

from lab.errors import SettingError
from tests.widgets.conftest import Page
from tests.widgets.counting import CountingDashboard
from widgets.controls.controls import controls_of
from widgets.dashboard import Dashboard, Experiment, More, Question, choice, slider, switch
from widgets.grammar.page import legend


class Trying(CountingDashboard):
    """The counting dashboard, with experiments."""

    experiments: ClassVar = tuple(
        Experiment(f"by {by}", f"It counts by <{by}>.", by=by, play=by == 3) for by in (1, 2, 3, 4, 5)
    )


class Few(CountingDashboard):
    experiments: ClassVar = Trying.experiments[:4]
    questions: ClassVar = (
        Question("up", "Up?", choices=("yes", "no")),
        Question("by", "By?", choices=("yes", "no"), holds=("by",)),
    )


@pytest.fixture
def page(heard):
    yield Page(Trying(), heard)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


def test_an_experiment_begins_anew_with_its_values_and_says_what_to_look_for(page):
    page.ask(3)
    bar = page.dashboard.experiment_bar
    bar.buttons["by 2"].click()
    assert page.dashboard.values.by == 2 and page.dashboard.session.steps == 0
    assert "It counts by &lt;2&gt;." in bar._look.value and bar.buttons["by 2"].button_style == "info"
    assert page.heard[-1]["say"] == "pause"
    bar.buttons["by 3"].click()
    assert page.heard[-1]["say"] == "play" and bar.buttons["by 2"].button_style == ""
    assert page.ask(1)["t"]["total"] == "total 3"


def test_three_experiments_stand_open_and_the_rest_is_behind_more(page):
    bar = page.dashboard.experiment_bar
    assert [button.description for button in bar.view.children[:-1]] == ["by 1", "by 2", "by 3", "More"]
    bar.more.click()
    assert [button.description for button in bar.view.children[:-1]] == list(bar.buttons)


def test_a_fourth_experiment_needs_no_more_and_waits_for_the_prediction(page):
    few = Few()
    buttons = few.experiment_bar.buttons
    assert len(few.experiment_bar.view.children) == 5
    waiting = [[button.disabled for button in buttons.values()]]
    for asked in few.predictions.asked.values():
        asked.skip()
        waiting.append([button.disabled for button in buttons.values()])
    assert waiting == [[True] * 4, [False, True, True, True], [False] * 4]  # by 1 would move nothing that is held


def test_an_experiment_whose_values_are_not_allowed_is_refused(page):
    with pytest.raises(SettingError, match="by = 77"):
        page.dashboard._try(Experiment("wrong", "", by=77))
    with pytest.raises(SettingError, match="bye is not known"):
        page.dashboard._try(Experiment("wrong", "", bye=1))


# ---- legend


@dataclass(frozen=True)
class Spec:
    keep: float = slider(0.5, low=0.1, high=1.0, label="keep p", live=True, about="the share that <stays>")
    layer: int = choice(1, of={"first": 1, "second": 2}, label="layer", about="where")
    on: bool = switch(True, label="switched on", says="a tooltip", about="whether")


class Table(HTMLParser):
    """The texts of the cells, row by row."""

    def __init__(self, source):
        super().__init__()
        self.rows, self._in_cell = [], False
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self._in_cell = tag in ("td", "th")
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data):
        if self._in_cell:
            self.rows[-1].append(data)
            self._in_cell = False


def test_the_legend_is_made_of_the_spec():
    assert Table(legend(Spec)).rows == [
        ["control", "what it does", "values", "acts"],
        ["keep p", "the share that <stays>", "0.1 to 1", "at once"],
        ["layer", "where", "first, second", "after Reset"],
        ["switched on", "whether", "on, off", "after Reset"],
    ]


def test_what_it_does_is_the_tooltip_where_nothing_else_is():
    tooltips = {name: control.tooltip for name, control in controls_of(Spec).items()}
    assert tooltips == {"keep": "the share that <stays>", "layer": "where", "on": "a tooltip"}


def test_a_board_whose_controls_say_nothing_has_no_legend(page):
    assert page.dashboard.board.declared["legend"] == ""


# ---- More


def test_what_is_folded_is_made_when_it_is_opened(page):
    more = More("Counting on", CountingDashboard, key="folded", by=4)
    assert more.folded and more.dashboard is None and ("CountingDashboard", "folded") not in Dashboard._open
    more.button.click()
    assert more.dashboard.values.by == 4 and more.view.children[1] is more.dashboard.view
    assert more.button.description == "▾ Counting on" and more.dashboard._snapshot is more._snapshot
    first = more.dashboard
    more.button.click()
    assert more.folded and more.button.description == "▸ Counting on"
    assert more.open() is first
    first.close()
    assert more.open() is not first


def test_what_is_folded_is_shown_with_the_output_that_keeps_it(page, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda made, **options: shown.append(made))
    more = More("Counting on", CountingDashboard, key="folded")
    more._ipython_display_()
    assert shown[0] is more.view and more._snapshot.mark in shown[1].data
