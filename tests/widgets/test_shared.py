"""What a control says of itself when it is new."""

import ipywidgets as ipw
import pytest

from widgets.controls import shared

NEVER_SAID = {"_view_name", "_view_module", "_view_count", "icon", "description_allow_html"}


@pytest.fixture(autouse=True)
def nothing_shared_before():
    """Layout and styles are made anew, and for this test only."""
    shared._models.clear()
    yield
    shared._models.clear()


def made_and_told(kind, **options):
    """A control, and what it told its page when it was made."""
    told = []

    class Watched(kind):
        def open(self):
            told.append(self.get_state())
            super().open()

    return shared.make(Watched, **options), told[0]


def test_a_new_control_does_not_say_what_a_page_takes_for_granted():
    made, told = made_and_told(ipw.FloatSlider, min=0.0, max=2.0, value=1.5, description="p")
    assert not NEVER_SAID & set(told)
    assert (told["value"], told["max"], told["step"], told["description"]) == (1.5, 2.0, 0.1, "p")
    assert told["_model_name"] == "FloatSliderModel"
    assert made.get_state()["_view_name"] == "FloatSliderView"  # for a page that was loaded anew
    made.close()


def test_what_differs_from_what_a_page_takes_for_granted_is_said():
    made, told = made_and_told(ipw.FloatSlider, continuous_update=False, readout=False, orientation="vertical")
    assert (told["continuous_update"], told["readout"], told["orientation"]) == (False, False, "vertical")
    made.close()


def test_controls_of_a_class_have_one_style_and_all_one_layout():
    first, second = (shared.make(ipw.Button) for _ in range(2))
    field = shared.make(ipw.Text)
    assert first.style is second.style is not field.style and first.layout is second.layout is field.layout
    for each in (first, second, field):
        shared.close(each)
    assert first.layout.comm is not None
