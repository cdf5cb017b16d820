"""Parameters, activations, multiplications and receptive fields: every figure of the courses."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lab
from lab.analysis.cost import PRESETS, count, preset, table_csv, table_text, totals
from lab.errors import SettingError, ShapeError

PARAMETERS = {
    "MLP 3072-1000-1000-10": 4_084_010,
    "MLP 784-256-256-256-10": 335_114,
    "MLP 784-128-128-128-10": 134_794,
    "MLP 1-5-10-10-10-10-10-5-1": 571,
    "MLP 1-10-18-15-4-1": 572,
    "MLP 1-190-1": 571,
    "CNN for edges": 606,
    "MLP 784-50-10-3": 39_793,
    "ResNet-44": 658_586,
    "ResNet-152, ten classes": 58_164_298,
    "AlexNet, two towers": 60_965_224,
    "AlexNet, one tower": 62_378_344,
    "VGG16": 138_357_544,
    "VGG19": 143_667_240,
    "VGG19 without biases": 143_652_544,
}


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS.items())
def test_parameters_of_the_courses_networks(name, parameters):
    assert count(preset(name)).parameters == parameters


def test_resnet152_is_232_657_mb_of_float32():
    assert round(4 * count(preset("ResNet-152, ten classes")).parameters / 1e6, 3) == 232.657


def test_nn4_has_the_parameters_of_the_net_itself():
    sizes = (784, 512, 256, 128, 10)
    net = lab.NN4(sizes, batchnorm=True, backend="reference")
    assert count(preset("NN4 784-512-256-128-10")).parameters == len(net.params)


def test_alexnet_layer_by_layer():
    rows = [row.parameters for row in count(preset("AlexNet, two towers")).rows if row.parameters]
    assert rows == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000]


def test_vgg19_keeps_16_542_184_activations_and_its_table_is_the_papers():
    cost = count(preset("VGG19 without biases"))
    assert sum(cost.activations) == 16_542_184
    made = dict(zip((row.name for row in cost.rows), cost.activations, strict=True))
    assert [made[name] for name in ("input", "conv1", "pool1", "conv3", "pool5", "fc1", "fc3")] == [
        150_528, 3_211_264, 802_816, 1_605_632, 25_088, 4_096, 1_000,
    ]  # fmt: skip
    assert {row.name: row.parameters for row in cost.rows}["conv2"] == 36_864


def test_multiplications_of_a_forward_pass_are_those_that_others_publish():
    billions = {"VGG16": 15.470, "VGG19": 19.632, "ResNet-152, ten classes": 11.512, "AlexNet, one tower": 1.135}
    for name, published in billions.items():
        assert round(count(preset(name)).forward / 1e9, 3) == published


def test_training_takes_three_times_the_products_but_for_the_first_layer():
    for name in PARAMETERS:
        cost = count(preset(name))
        first = next(row for row in cost.rows if row.forward)
        assert cost.training == 3 * cost.forward - first.forward
        assert all(row.input_gradient == row.forward for row in cost.rows if row.forward and row is not first)


def test_what_stands_before_the_first_weights_has_no_gradient():
    rows = count("input 8x8x2\nrelu; maxpool 2x2\nbranch { conv 2 1x1 | conv 3 3x3 pad 1 }\nflatten\nlinear 2").rows
    assert [row.name for row in rows if row.input_gradient] == ["fc1"]
    assert [row.name for row in rows if row.learns] == [
        "branch1.conv1",
        "branch1.conv2",
        "branch1.concat",
        "flatten1",
        "fc1",
    ]


def brute_products(size, channels, filters, kernel, stride, pad, groups):
    """Count by running the loops of a convolution: one multiplication for each weight at each place."""
    padded, made = size + 2 * pad, 0
    for _ in range(0, padded - kernel + 1, stride):
        for _ in range(0, padded - kernel + 1, stride):
            made += filters * (channels // groups) * kernel * kernel
    return made


@given(
    size=st.integers(1, 9), kernel=st.integers(1, 5), stride=st.integers(1, 4), pad=st.integers(0, 3),
    groups=st.integers(1, 3), a=st.integers(1, 3), b=st.integers(1, 3),
)  # fmt: skip
def test_a_convolution_is_counted_as_its_loops_run(size, kernel, stride, pad, groups, a, b):
    channels, filters = groups * a, groups * b
    conv = f"conv {filters} {kernel}x{kernel} stride {stride} pad {pad} groups {groups}"
    text = f"input {size}x{size}x{channels}\n{conv}"
    if size + 2 * pad < kernel:
        with pytest.raises(ShapeError, match="conv1"):
            count(text)
        return
    row = count(text).rows[1]
    assert row.forward == brute_products(size, channels, filters, kernel, stride, pad, groups)
    assert row.shape[0] == len(range(0, size + 2 * pad - kernel + 1, stride))
    assert row.parameters == filters * a * kernel**2 + filters


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=5))
def test_the_receptive_field_is_what_really_reaches_an_output(layers):
    text = "\n".join(("input 1500x1500x1", *(f"conv 1 {k}x{k} stride {s}" for k, s in layers)))
    last = count(text).rows[-1]
    reached = {0}  # pixels of the input that output 0 sees, in one direction, found by going back
    for kernel, stride in reversed(layers):
        reached = {place * stride + offset for place in reached for offset in range(kernel)}
    assert last.field == (max(reached) + 1, max(reached) + 1)
    assert last.jump[0] == np.prod([stride for _, stride in layers])


def test_a_pool_over_everything_and_a_linear_layer_see_everything():
    rows = {row.name: row.field for row in count("input 32x20x3\nconv 4 3x5\nglobalpool\nlinear 2").rows}
    assert rows == {"input": (1, 1), "conv1": (3, 5), "globalpool1": (32, 20), "fc1": (32, 20)}


def test_blocks_join_their_paths():
    rows = {
        row.name: row.shape for row in count("input 8x8x4\nbranch { conv 3 1x1 | | maxpool 3x3 stride 1 pad 1 }").rows
    }
    assert rows["branch1.concat"] == (8, 8, 11)
    residual = count("input 8x8x4\nresidual { conv 6 3x3 stride 2 pad 1 | optionA }").rows
    assert [(row.name, row.shape, row.parameters) for row in residual[1:]] == [
        ("res1.conv1", (4, 4, 6), 222), ("res1.optionA", (4, 4, 6), 0), ("res1.add", (4, 4, 6), 0),
    ]  # fmt: skip


IMPOSSIBLE = {
    "input 4x4x3\nconv 8 7x7": "conv1 .*would be -2 high and -2 wide",
    "input 4x4x3\nmaxpool 2x2\nmaxpool 3x3": "pool2 .*3x3 does not fit into 2x2",
    "input 8x8x4\nconv 6 3x3 groups 4": "conv1 .*4 groups do not divide its 4 input channels and 6 filters",
    "input 8x8x6\nconv 8 3x3 groups 4": "conv1 .*4 groups do not divide its 6 input channels",
    "input 8x8x4\nbranch { conv 2 1x1 | conv 2 3x3 }": "branch1: its paths give 8x8x2, 6x6x2.*cannot be concatenated",
    "input 8x8x4\nresidual { conv 4 3x3 }": "res1: its body gives 6x6x4, its shortcut 8x8x4",
    "input 8x8x4\nresidual { conv 8 3x3 pad 1 | conv 6 1x1 }": "res1: its body gives 8x8x8, its shortcut 8x8x6",
    "input 8x8x4\nresidual { conv 2 3x3 pad 1 | optionA }": "res1.optionA: 8x8x4 cannot become 8x8x2",
    "input 8x8x4\nconv 4 3x3 pad 1\nlinear 10": "fc1 .*8x8x4, and a linear layer takes units. Put flatten",
    "input 10\nconv 3 3x3": "conv1 .*10 units",
    "input 10\nmaxpool 2x2": "pool1 .*10 units",
    "input 10\nglobalpool": "globalpool1 .*10 units",
    "input 8x8x4\nresidual { branch { conv 2 1x1 | conv 2 5x5 } }": "res1.branch1: ",
}


@pytest.mark.parametrize(("text", "words"), IMPOSSIBLE.items())
def test_an_impossible_network_is_refused_with_the_layer_named(text, words):
    with pytest.raises(ShapeError, match=words):
        count(text)


def test_what_is_no_network_is_refused():
    for wrong in (None, 5, ["linear 3"]):
        with pytest.raises(SettingError, match="no network"):
            count(wrong)
    with pytest.raises(SettingError, match="AlexNet"):
        preset("LeNet")
    with pytest.raises(SettingError, match="5,000 layers"):
        count("input 3\n" + "repeat 5000 { residual { repeat 5000 { relu } } }")


def test_the_table_says_what_was_counted_and_its_csv_is_exact():
    for name in PRESETS:
        cost = count(preset(name))
        rows = list(csv.DictReader(io.StringIO(table_csv(cost))))
        assert len(rows) == len(cost.rows) + 1
        assert [int(row["parameters"]) for row in rows[:-1]] == [row.parameters for row in cost.rows]
        assert int(rows[-1]["parameters"]) == cost.parameters == totals(cost)["parameters"]
        assert int(rows[-1]["forward"]) == cost.forward
        lines = table_text(cost, marked=2).splitlines()
        assert len({len(line[:100]) for line in lines}) == 1 and lines[3].startswith(">")
        assert f"{cost.parameters:,}" in lines[-1]
