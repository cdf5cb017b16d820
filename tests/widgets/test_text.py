"""A text that is typed: what its parse function takes, and that nothing is lost where it takes nothing."""

from dataclasses import dataclass
from typing import ClassVar

import ipywidgets as ipw
import pytest

from lab.errors import SettingError, ShapeError
from tests.widgets.conftest import Page
from widgets.controls.control_set import ControlSet
from widgets.dashboard import Dashboard, Experiment, Lines, Panel, text
from widgets.grammar.page import legend


def numbers(typed):
    """The numbers of a text."""
    for word in typed.split():
        if not word.isdigit():
            raise ShapeError(f"{word!r} is no number. Give digits.")
    return [int(word) for word in typed.split()]


@dataclass(frozen=True)
class Spec:
    live: str = text("1 2", parse=numbers, takes="whole numbers", label="terms", live=True, about="what is added")
    later: str = text("3", parse=numbers, takes="whole numbers", label="start", lines=4)


class Sums(Dashboard):
    """Adds the live terms to the start, step by step."""

    title, spec, step_name = "Sums", Spec, "sum"
    panels = (Lines("sum", title="Sum", x="step", y="sum", traces=("sum",)),)
    experiments = (Experiment("tens", "Larger.", live="10 20"),)
    presets: ClassVar = {"both": {"live": "5", "later": "0"}}

    def start(self, spec, seed):
        self.live, total = spec.live, sum(numbers(spec.later))

        def run():
            nonlocal total
            while True:
                total += sum(numbers(self.live))
                yield total

        return run()

    def change(self, run, name, value):
        self.live = value

    @staticmethod
    def frame(event, now):
        return {} if event is None else {"sum": Panel((now.step, event), f"{event}")}


@pytest.fixture
def page(heard):
    made = Page(Sums(), heard)
    yield made
    made.dashboard.close()


def test_one_line_or_several_make_the_box_and_only_what_is_whole_is_sent():
    made = ControlSet(Spec, {"live": "1 2", "later": "3"}, lambda *move: None)
    live, later = made.widgets["live"], made.widgets["later"]
    assert isinstance(live, ipw.Text) and isinstance(later, ipw.Textarea) and later.rows == 4
    assert (live.value, live.description) == ("1 2", "terms") and not live.continuous_update
    made.close()


def test_its_models_are_closed_and_its_style_is_shared():
    shared, again = (ControlSet(Spec, {"live": "1", "later": "3"}, lambda *move: None) for _ in range(2))
    assert shared.widgets["live"].style is again.widgets["live"].style
    shared.close()
    again.close()
    assert again.widgets["live"].comm is None


def test_a_live_text_acts_at_the_next_step_and_one_that_is_not_after_a_reset(page):
    assert page.ask(1)["t"]["sum"] == "6"
    page.dashboard.controls["live"].value = "4"
    page.dashboard.controls["later"].value = "100"
    assert page.dashboard.controls["later"].description == "start (needs a reset)"
    assert page.ask(1)["t"]["sum"] == "10"
    page.ask(0, do=[["reset", None]])
    assert page.ask(1)["t"]["sum"] == "104"


@pytest.mark.parametrize("field", ["live", "later"])
def test_what_is_refused_is_said_and_stays_in_its_box_while_the_old_one_holds(page, field):
    page.ask(1)
    page.dashboard.controls[field].value = "1 two"
    frame = page.ask(1)
    assert frame["wrong"] == f"SettingError: {field}: 'two' is no number. Give digits."
    assert (frame["state"], frame["t"]["sum"]) == ("paused", "9")
    assert page.dashboard.controls[field].value == "1 two"
    assert getattr(page.dashboard.values, field) == getattr(Spec(), field)
    page.dashboard.controls[field].value = "7"
    assert page.ask(0)["wrong"] == ""


def test_nothing_begins_anew_while_a_box_shows_what_was_refused(page):
    page.ask(2)
    page.dashboard.controls["later"].value = "1 two"
    for command in (["reset", None], ["seed", None]):
        wrong = page.ask(0, do=[command])["wrong"]
        assert "'two' is no number" in wrong and "later shows a text that was refused. Mend it first" in wrong
    assert page.dashboard.session.steps == 2 and page.dashboard.controls["later"].value == "1 two"
    assert page.ask(0, do=[["preset", "both"]])["wrong"] == ""  # it gives a text of its own
    assert (page.dashboard.controls["later"].value, page.ask(1)["t"]["sum"]) == ("0", "5")


def test_a_text_refused_before_the_first_frame_starts_nothing(page):
    page.dashboard.controls["live"].value = "x"
    assert page.ask(1)["t"]["sum"] == "6"


def test_experiments_and_saved_states_show_their_text(page):
    page.dashboard.experiment_bar.choose(Sums.experiments[0])
    assert (page.dashboard.controls["live"].value, page.dashboard.run(1)["sum: sum"]) == ("10 20", 33)
    kept = page.dashboard.state_text
    page.dashboard.preset("both")
    page.dashboard.state_text = kept
    assert (page.dashboard.controls["live"].value, page.dashboard.run(1)["sum: sum"]) == ("10 20", 33)
    with pytest.raises(SettingError, match="live: 'no' is no number"):
        page.dashboard.state_text = kept.replace("10 20", "no")


def test_the_legend_says_what_it_takes():
    assert "<td>terms</td><td>what is added</td><td>whole numbers</td><td>at once</td>" in legend(Spec)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3, "live: 3 is not allowed. Give whole numbers, in at most 4000 characters."),
        ("1 " * 3000, "live: a text of 6000 characters is not allowed."),
        ("a", "live: 'a' is no number. Give digits."),
    ],
)
def test_a_wrong_text_is_named_with_what_is_allowed(value, said):
    with pytest.raises(SettingError, match=said):
        Sums(key="wrong", live=value)


@pytest.mark.parametrize("more", [{"default": "a", "takes": "digits"}, {"takes": ""}, {"takes": "digits", "lines": 0}])
def test_bad_metadata_is_refused_where_it_is_written(more):
    with pytest.raises(SettingError):
        text(**{"default": "1", "parse": numbers, "label": "x"} | more)
