"""Networks as text: what is typed is what is counted, and what cannot be read is refused by its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.cost import (
    PRESETS,
    Activation,
    BatchNorm,
    Branch,
    Conv,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
    Residual,
    network_text,
    parse_network,
)
from lab.errors import LabError, SettingError

few = st.integers(1, 9)
pairs = st.tuples(few, few)
plain = st.one_of(
    st.sampled_from([BatchNorm(), Flatten(), GlobalPool(), Dropout(), Activation("relu"), Activation("softmax")]),
    st.builds(Linear, few, st.booleans()),
    st.builds(Conv, pairs, stride=few, pad=st.integers(0, 3), channels=few, groups=few, bias=st.booleans()),
    st.builds(Pool, pairs, stride=few, pad=st.integers(0, 3), largest=st.booleans()),
)
paths = st.lists(plain, max_size=3).map(tuple)
layers = st.one_of(
    plain,
    st.builds(Branch, st.lists(paths, min_size=1, max_size=3).map(tuple)),
    st.builds(Residual, st.lists(plain, min_size=1, max_size=3).map(tuple), st.one_of(st.none(), paths)),
)
networks = st.builds(
    Network, st.one_of(st.tuples(few), st.tuples(few, few, few)), st.lists(layers, min_size=1, max_size=5).map(tuple)
)


@given(networks)
def test_a_network_that_was_written_down_is_read_again(network):
    assert parse_network(network_text(network)) == network


@pytest.mark.parametrize("name", PRESETS)
def test_the_courses_networks_can_be_written_and_read(name):
    network = parse_network(PRESETS[name])
    assert parse_network(network_text(network)) == network and len(PRESETS[name]) < 4000  # what a control takes


def test_what_may_be_left_away():
    assert parse_network("input 4x4x1; conv 2 3; maxpool 2 # a remark\n\nflatten\nlinear 3 nobias") == Network(
        (4, 4, 1), (Conv((3, 3), channels=2), Pool((2, 2), stride=2), Flatten(), Linear(3, bias=False))
    )
    assert parse_network("input 3\nrepeat 2 { linear 3\nrelu }").layers == (Linear(3), Activation("relu")) * 2


WRONG = {
    "": "ends too early",
    "conv 3 3x3": "line 1: 'conv 3 3x3'.*Begin with the shape of the input",
    "input 3x3\nrelu": "line 1.*Give sizes",
    "input 0x3x3\nrelu": "line 1.*at least 1",
    "input 3": "has no layer",
    "input 3\nlinaer 4": "line 2: 'linaer 4'.*begins with one of: conv, linear",
    "input 3\nlinear": "line 2: 'linear'.*whole number from 1 to 1,000,000",
    "input 3\nlinear 0": "whole number from 1",
    "input 3\nlinear 1.5": "whole number from 1",
    "input 3\nlinear -4": "whole number from 1",
    "input 3\nlinear 99999999": "whole number",
    "input 3\nlinear 4 bias": "'bias' cannot stand here",
    "input 3\nrelu 4": "'4' is one word too many",
    "input 3x3x3\nconv 3": "like 3x3",
    "input 3x3x3\nconv 3 3x3x3": "like 3x3",
    "input 3x3x3\nconv 3 0x3": "at least 1",
    "input 3x3x3\nconv 3 3x3 stride": "stride 2",
    "input 3x3x3\nconv 3 3x3 stride 0": "stride 2",
    "input 3x3x3\nconv 3 3x3 pad -1": "pad 2",
    "input 3x3x3\nconv 3 3x3 pad 1 pad 1": "'pad' cannot stand here",
    "input 3x3x3\nmaxpool 2x2 groups 2": "'groups' cannot stand here",
    "input 3\nrepeat { relu }": "whole number from 1",
    "input 3\nrepeat 2 relu": "'relu' is one word too many",
    "input 3\nrepeat 2\nrelu": "stand between braces",
    "input 3\nrepeat 2 { relu | relu }": "takes 1 path between braces, not 2",
    "input 3\nrepeat 9999 { relu }": "more than 5,000 layers",
    "input 3\nresidual { }": "its body is empty|Its body is empty",
    "input 3\nresidual { relu | optionA; relu }": "optionA is the whole shortcut",
    "input 3\nbranch { relu": "ends too early.*braces go in pairs",
    "input 3\nrelu }": "line 2: '}'.*braces go in pairs",
    "input 3\n" + "branch { " * 30 + "relu" + "}" * 30: "more than 20 others",
}


@pytest.mark.parametrize(("text", "words"), WRONG.items())
def test_what_cannot_be_read_is_named_by_its_line(text, words):
    with pytest.raises(SettingError, match=words):
        parse_network(text)


WRONG_LAYERS = {
    "units = 0": lambda: Linear(0),
    "activation = 'gelu'": lambda: Activation("gelu"),
    "kernel = 0": lambda: Conv((0, 3)),
    "stride = 0": lambda: Pool((2, 2), stride=0),
    "pad = -1": lambda: Conv((3, 3), pad=-1),
    "channels = 1.5": lambda: Conv((3, 3), channels=1.5),
    "groups = 0": lambda: Conv((3, 3), groups=0),
    "shape = 0": lambda: Network((0,), (Linear(3),)),
    r"shape = \(3, 3\)": lambda: Network((3, 3), (Linear(3),)),
}


@pytest.mark.parametrize(("words", "make"), WRONG_LAYERS.items())
def test_layers_that_are_written_in_python_are_checked_too(words, make):
    with pytest.raises(LabError, match=words):
        make()


def test_a_network_is_text():
    with pytest.raises(SettingError, match="Give a text"):
        parse_network(3)


@given(st.text("inputconvlearx 0123456789{}|;\n#", max_size=60))
def test_any_text_is_read_or_refused_with_an_error_of_the_lab(text):
    try:
        network = parse_network(f"input 8x8x3\n{text}")
    except LabError as error:
        assert str(error)
    else:
        assert network.shape == (8, 8, 3)
