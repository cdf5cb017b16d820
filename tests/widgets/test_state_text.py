"""The state of a board as a text: what was saved comes back, and nothing else is taken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import SettingError
from tests.widgets.counting import CountingSpec
from widgets.controls.state_text import read_state, write_state
from widgets.dashboard import defaults_of

values = st.fixed_dictionaries(
    {
        "by": st.integers(1, 9),
        "noise": st.floats(0, 1),
        "rate": st.floats(0.001, 10),
        "start": st.sampled_from([0, 100, None]),
        "up": st.booleans(),
    }
)


@given(values, st.integers(0, 2**63 - 1))
def test_what_was_saved_comes_back(saved, seed):
    assert read_state(write_state("Board", saved, seed), "Board", CountingSpec) == (saved, seed)


@given(st.text(max_size=200))
def test_any_other_text_is_refused_in_a_sentence(text):
    with pytest.raises(SettingError, match="no saved state"):
        read_state(text, "Board", CountingSpec)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    )
)
def test_no_json_breaks_it(plain):
    with pytest.raises(SettingError):
        read_state(json.dumps(plain), "Board", CountingSpec)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"board": "Other"}, "the state of another board cannot be restored here. Give one that Board saved."),
        ({"version": 2}, "the state has version 2, and this lab reads version 1. Save it anew."),
        ({"seed": -1}, "seed = -1 is not allowed."),
        ({"seed": True}, "seed = True is not allowed."),
        ({"by": 10}, "by = 10 is not allowed. Give a whole number from 1 to 9."),
        ({"by": None}, "by = None is not allowed."),
        ({"speed": 3}, "speed is not known to Board. It has: by, noise"),
    ],
)
def test_a_bad_part_is_named(change, said):
    state = json.loads(write_state("Board", defaults_of(CountingSpec), 0)) | change
    with pytest.raises(SettingError, match=said):
        read_state(json.dumps(state), "Board", CountingSpec)


@pytest.mark.parametrize("text", ["", "   ", "{", "[1]", "NaN", "{}", "x" * 30_000, "[" * 5000])
def test_what_is_no_state_is_no_state(text):
    with pytest.raises(SettingError, match="no saved state"):
        read_state(text, "Board", CountingSpec)


def test_fields_that_a_text_does_not_name_stay():
    text = json.dumps({"board": "Board", "version": 1, "seed": 4, "by": 2})
    assert read_state(text, "Board", CountingSpec) == ({"by": 2}, 4)
