"""What a control says of itself when it is new."""

import comm
import ipywidgets as ipw
import pytest
from comm.base_comm import BaseComm

from widgets.controls import shared

NEVER_SAID = {"_view_name", "_view_module", "_view_count", "icon", "description_allow_html"}


class Recorded(BaseComm):
    """A way to a page that nobody reads."""

    sent: list

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        Recorded.sent.append(data)


@pytest.fixture
def sent(monkeypatch):
    """What widgets send to their page."""
    Recorded.sent = []
    monkeypatch.setattr(comm, "create_comm", lambda *args, **options: Recorded(*args, **options))
    shared._models.clear()
    yield Recorded.sent
    shared._models.clear()


def test_a_new_control_does_not_say_what_a_page_takes_for_granted(sent):
    made = shared.make(ipw.FloatSlider, min=0.0, max=2.0, value=1.5, description="p", tooltip="a tip")
    told = sent[-1]["state"]
    assert not NEVER_SAID & set(told)
    assert (told["value"], told["max"], told["step"], told["description"]) == (1.5, 2.0, 0.1, "p")
    assert told["_model_name"] == "FloatSliderModel" and told["tooltip"] == "a tip"
    assert made.get_state()["_view_name"] == "FloatSliderView"  # for a page that was loaded anew
    made.close()


def test_what_differs_from_what_a_page_takes_for_granted_is_said(sent):
    made = shared.make(ipw.FloatSlider, continuous_update=False, readout=False, orientation="vertical")
    told = sent[-1]["state"]
    assert (told["continuous_update"], told["readout"], told["orientation"]) == (False, False, "vertical")
    made.close()


def test_controls_of_a_class_have_one_style_and_all_one_layout(sent):
    first, second = (shared.make(ipw.Button) for _ in range(2))
    field = shared.make(ipw.Text)
    assert first.style is second.style is not field.style and first.layout is second.layout is field.layout
    for each in (first, second, field):
        shared.close(each)
    assert first.layout.comm is not None
