"""A frozen spec makes controls: what they are, what they take, what they say."""

import math
from dataclasses import dataclass

import ipywidgets as ipw
import pytest

from lab.errors import SettingError
from tests.widgets.counting import CountingSpec
from widgets.controls.control_set import ControlSet
from widgets.controls.controls import controls_of
from widgets.dashboard import choice, defaults_of, keep_slider, slider, switch


@pytest.fixture
def moved():
    return []


@pytest.fixture
def controls(moved):
    made = ControlSet(CountingSpec, defaults_of(CountingSpec), lambda *move: moved.append(move))
    yield made
    made.close()


def test_the_type_of_a_field_makes_the_control(controls):
    kinds = {"by": "IntSlider", "noise": "FloatSlider", "rate": "FloatLogSlider", "start": "Dropdown", "up": "Checkbox"}
    assert {name: type(widget).__name__ for name, widget in controls.widgets.items()} == kinds
    assert all(isinstance(widget, getattr(ipw, kinds[name])) for name, widget in controls.widgets.items())


def test_ranges_labels_and_values_come_from_the_spec(controls):
    by, noise, rate = (controls.widgets[name] for name in ("by", "noise", "rate"))
    assert (by.min, by.max, by.step, by.value, by.description) == (1, 9, 1, 1, "count by")
    assert (noise.min, noise.max, noise.step, noise.readout_format) == (0.0, 1.0, 0.05, ".2f")
    assert (round(rate.min, 9), rate.max, round(rate.value, 9)) == (-3, 1, 0.1)
    assert controls.widgets["start"].options == (("nought", 0), ("a hundred", 100), ("none", None))


def test_a_control_is_found_by_its_field(controls):
    assert all(f"nn4-control-{name}" in widget._dom_classes for name, widget in controls.widgets.items())


def test_a_label_says_what_the_value_means(controls):
    assert controls.widgets["noise"].description == "noise, 50%"
    controls.show({"noise": 0.2})
    assert controls.widgets["noise"].description == "noise, 20%"


def test_only_what_needs_no_restart_is_sent_while_it_is_dragged(controls):
    assert controls.widgets["by"].continuous_update and controls.widgets["noise"].continuous_update

    @dataclass(frozen=True)
    class Restarting:
        size: int = slider(3, low=1, high=9, label="size")

    made = ControlSet(Restarting, {"size": 3}, lambda *move: None)
    assert not made.widgets["size"].continuous_update
    made.close()


def test_a_script_moves_a_control_like_a_hand(controls, moved):
    controls.widgets["noise"].value = 0.25
    controls.widgets["start"].value = None
    assert moved == [("noise", 0.25), ("start", None)]


def test_showing_values_moves_nothing(controls, moved):
    controls.show({"by": 4, "up": False})
    assert controls.values()["by"] == 4 and controls.values()["up"] is False and moved == []


def test_places_of_a_logarithmic_slider_are_numbers_of_two_digits(controls, moved):
    rate = controls.widgets["rate"]
    for steps in range(1, 20):
        rate.value = 10 ** (rate.min + steps * rate.step)
    assert [value for _, value in moved] == [float(f"{value:.2g}") for _, value in moved]
    assert len({value for _, value in moved}) == 19


def test_a_number_that_was_given_stays_where_the_page_moves_the_handle_to_its_nearest_place(controls, moved):
    rate = controls.widgets["rate"]

    def place(number, further=0):
        steps = round((math.log10(number) - rate.min) / rate.step) + further
        return 10 ** (rate.min + steps * rate.step)

    rate.value = 0.437
    rate.value = place(0.437)  # the page's answer
    assert {value for _, value in moved} == {0.437} and controls.values()["rate"] == 0.437
    rate.value = place(0.437, further=1)  # a hand
    assert controls.values()["rate"] == float(f"{place(0.437, further=1):.2g}")
    rate.value = place(0.437)
    assert controls.values()["rate"] == float(f"{place(0.437):.2g}") != 0.437


def test_nan_is_handed_on_to_be_refused_in_words_and_a_number_comes_after_it(controls, moved):
    controls.widgets["rate"].value = 0.437
    controls.widgets["rate"].value = float("nan")
    assert math.isnan(moved[-1][1])
    controls.widgets["rate"].value = 0.312
    assert moved[-1] == ("rate", 0.312) and controls.values()["rate"] == 0.312


def test_a_number_that_is_shown_stays_too(controls, moved):
    controls.show({"rate": 0.437})
    rate = controls.widgets["rate"]
    rate.value = 10 ** (rate.min + round((math.log10(0.437) - rate.min) / rate.step) * rate.step)
    assert controls.values()["rate"] == 0.437 and {value for _, value in moved} <= {0.437}


def test_what_a_pages_slider_adds_up_is_the_number_that_it_shows(controls, moved):
    """0.05 and nine steps of 0.05 are 0.49999999999999994 there."""
    controls.widgets["noise"].value = 0.49999999999999994
    assert moved == [("noise", 0.5)] and controls.values()["noise"] == 0.5


def test_what_waits_for_a_reset_says_so_and_nothing_else_does(controls):
    controls.say_reset(["start"])
    assert controls.widgets["start"].description == "start (needs a reset)"
    assert controls.widgets["by"].description == "count by"
    controls.say_reset([])
    assert controls.widgets["start"].description == "start"


def test_closing_leaves_no_model_behind():
    before = set(_models())
    made = ControlSet(CountingSpec, defaults_of(CountingSpec), lambda *move: None)
    assert len(set(_models()) - before) < 3 * len(made.widgets)  # layouts and styles are shared
    made.close()
    assert set(_models()) == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("noise", 1.5, "noise = 1.5 is not allowed. Give a number from 0 to 1."),
        ("noise", float("nan"), "noise = nan is not allowed."),
        ("noise", True, "noise = True is not allowed."),
        ("noise", "0.5", "noise = '0.5' is not allowed."),
        ("by", 2.5, "by = 2.5 is not allowed. Give a whole number from 1 to 9."),
        ("start", 3, r"start = 3 is not allowed. Give one of \[0, 100, None\]."),
        ("start", False, "start = False is not allowed."),
        ("up", 1, "up = 1 is not allowed. Give True or False."),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name, value, said):
    with pytest.raises(SettingError, match=said):
        controls_of(CountingSpec)[name].check(name, value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: slider(3.0, low=0.0, high=1.0, label="x"), "x = 3.0 is not allowed. Give a number from 0 to 1."),
        (lambda: slider(0.5, low=1.0, high=0.0, label="x"), "Let low < high and step > 0."),
        (lambda: slider(0.5, low=0.0, high=1.0, step=0.0, label="x"), "Let low < high and step > 0."),
        (lambda: slider(0.5, low=0.0, high=1.0, log=True, label="x"), "and low > 0 for a logarithmic one"),
        (lambda: slider(0.5, low=0.0, high=1.0, label=""), "a slider has no label"),
        (lambda: choice(3, of=(1, 2), label="x"), r"x = 3 is not allowed. Give one of \[1, 2\]."),
        (lambda: choice(3, of=(), label="x"), "choice 'x' has nothing to choose from"),
        (lambda: switch(1, label="x"), "x = 1 is not allowed. Give True or False."),
    ],
)
def test_bad_metadata_is_refused_where_it_is_written(make, said):
    with pytest.raises(SettingError, match=said):
        make()


def test_a_spec_has_to_be_frozen_and_each_field_moved_or_given():
    @dataclass
    class Melting:
        x: bool = switch(True, label="x")

    @dataclass(frozen=True)
    class Bare:
        x: float

    @dataclass(frozen=True)
    class Given:
        x: float = 1.0

    with pytest.raises(SettingError, match="frozen=True"):
        controls_of(Melting)
    with pytest.raises(SettingError, match=r"Bare.x has no control. Make it with slider"):
        controls_of(Bare)
    assert controls_of(Given) == {}


def _models():
    """All open models of ipywidgets, by the name that 7 and 8 give the registry."""
    from ipywidgets.widgets import widget

    return widget._instances if hasattr(widget, "_instances") else widget.Widget.widgets


def test_p_is_the_same_control_on_every_page():
    @dataclass(frozen=True)
    class Spec:
        keep: float = keep_slider(0.8, low=0.1, live=True, about="of an input")

    made = ControlSet(Spec, defaults_of(Spec), lambda *move: None)
    slider_of_p = made.widgets["keep"]
    assert (slider_of_p.min, slider_of_p.max, slider_of_p.step) == (0.1, 1.0, 0.01) and controls_of(Spec)["keep"].live
    assert slider_of_p.description == "keep p, drops 20 %"
    made.show({"keep": 1.0})
    assert slider_of_p.description == "keep p, drops 0 %"
    made.close()
    with pytest.raises(SettingError, match="low = 1"):
        keep_slider(1.0, low=1.0)
