"""The calculator of the page on cost: what its charts say is what was counted."""

import csv
import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lab.analysis.cost import COPIES, PRESETS, count, memory, preset
from lab.errors import SettingError, ShapeError
from tests.widgets.reading import arrays, said, told
from widgets.cost.calculator import HOLDERS, OWN, WHEN, CostCalculator


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_counted_and_its_text_stands_in_the_box(name):
    made = CostCalculator(network=name, ask=False)
    made.run(1)
    cost = count(preset(name))
    assert made.controls["own"].value == PRESETS[name]
    assert said(made, "layers")[1][0] == cost.parameters == arrays(made, "layers")[0, "y"].sum()
    assert said(made, "table")[1][:3] == [cost.parameters, sum(cost.activations), cost.forward]


@pytest.mark.parametrize("shown", ["activations", "multiplications forward", "multiplications of training"])
def test_columns_show_what_was_chosen(shown):
    made = CostCalculator(network="ResNet-44", shown=shown, ask=False)
    made.run(0)
    cost = count(preset("ResNet-44"))
    wanted = {"activations": sum(cost.activations), "multiplications forward": cost.forward}.get(shown, cost.training)
    assert arrays(made, "layers")[0, "y"].sum() == wanted and said(made, "layers")[1][0] == wanted


def test_a_network_that_is_typed_becomes_the_chosen_one_and_a_chosen_one_is_typed():
    made = CostCalculator(ask=False)
    made.run(5)
    made.controls["own"].value = "input 4\nlinear 3"
    assert made.controls["network"].value == OWN == made.session.spec.network
    assert made.session.run.cost.parameters == 15 and made.session.run.walked == 0 and not made.session.wrong
    made.controls["network"].value = "MLP 1-190-1"
    assert made.controls["own"].value == PRESETS["MLP 1-190-1"] and made.session.run.cost.parameters == 571
    made.reset()
    assert made.session.run.cost.parameters == 571
    made.controls["own"].value = "input 4\nlinear 3"
    made.reset()
    made.run(1)
    assert made.session.run.cost.parameters == 15
    text = made.state_text
    made.controls["network"].value = "VGG16"
    made.state_text = text
    assert made.session.run.cost.parameters == 15 and made.controls["own"].value == "input 4\nlinear 3"


def test_what_cannot_be_built_is_refused_with_its_layer_and_the_last_network_stays():
    made = CostCalculator(ask=False)
    made.run(3)
    before = made.session.run.cost
    made.controls["side"].value = 32
    assert "ShapeError: pool2" in made.session.wrong and made.session.run.cost is before
    made.controls["side"].value = 0
    assert not made.session.wrong
    made.controls["own"].value = "input 8x8x4\nconv 6 3x3 groups 4"
    assert "own: conv1" in made.session.wrong and "4 groups do not divide" in made.session.wrong
    assert made.session.run.cost is before and made.values.network != OWN
    with pytest.raises(SettingError, match="conv1"):
        CostCalculator(key="b", own="input 2x2x1\nconv 3 3x3")
    with pytest.raises(ShapeError, match="pool2"):
        CostCalculator(key="c", side=32).run(1)


def test_a_larger_picture_costs_its_area():
    made = CostCalculator(network="ResNet-152, ten classes", shown="multiplications forward", ask=False, side=224)
    made.run(0)
    small = said(made, "layers")[1][0]
    made.controls["side"].value = 512
    assert said(made, "layers")[1][0] / small == pytest.approx((512 / 224) ** 2, rel=0.01)
    assert made.session.run.cost.parameters == 58_164_298


def test_memory_is_that_of_the_optimizer_the_batch_and_the_type():
    made = CostCalculator(network="ResNet-44", ask=False)
    made.run(1)
    cost = count(preset("ResNet-44"))
    made.controls["batch"].value, made.controls["dtype"].value = 64, "float64"
    made.controls["optimizer"].value = "Adam"
    drawn = arrays(made, "parts")
    for i, name in enumerate(COPIES, start=1):
        used = memory(cost, 64, name, "float64")
        parts = [drawn[trace, "x"][i] for trace in range(5)]
        assert np.allclose(
            parts, [v / 1e6 for v in (used.weights, used.gradients, used.optimizer, used.kept, used.working)]
        )
    used = memory(cost, 64, "Adam", "float64")
    curve = arrays(made, "memory")
    assert curve[2, "y"].max() == pytest.approx(used.total / 1e6)
    assert drawn[0, "x"][0] + drawn[4, "x"][0] == pytest.approx(used.inference / 1e6)


def test_play_walks_forward_and_back_and_the_dot_is_on_the_curve():
    made = CostCalculator(network="MLP 1-190-1", batch=4)
    moments = made.run(0) and made.session.run.moments
    for number, moment in enumerate(moments, start=1):
        made.run(1)
        curve, marked = arrays(made, "memory"), arrays(made, "layers")[1, "y"]
        (at,) = np.flatnonzero(np.isfinite(curve[3, "y"]))
        assert at == number - 1 and curve[3, "y"][at] == curve[2, "y"][at]
        row = made.session.run.cost.rows[moment.row]
        assert np.isfinite(marked).sum() == 1  # also for a ReLU, which works in place: the layer below it
        assert row.name in said(made, "memory")[0] and moment.stage in said(made, "memory")[0]
    assert f"{made.session.run.cost.training:,} multiplications" in made.session.status()
    assert told(made, "when") == WHEN[1]
    made.run(1)
    assert made.session.state == "done"
    made.controls["batch"].value = 1
    assert made.session.state == "done"
    made.controls["network"].value = "MLP 1-10-18-15-4-1"  # another network is another step
    assert made.session.state == "paused" and made.run(1) and made.session.run.walked == 1


def test_what_is_seen_depends_on_the_network():
    made = CostCalculator(ask=True)
    made.run(1)
    assert told(made, "holders") == HOLDERS[1] and told(made, "when") is None
    question = next(each for each in made.questions if each.name == "holders")
    for network, holders in (("ResNet-44", HOLDERS[0]), ("MLP 1-190-1", None)):
        made.controls["network"].value = network
        made.run(1)
        assert told(made, "holders") is None  # the question is about AlexNet
        as_asked = SimpleNamespace(run=made.session.run, spec=replace(made.values, network="AlexNet, one tower"))
        assert question.seen(as_asked) == holders  # read off the run


def test_the_table_leaves_as_csv_with_every_number_exact():
    made = CostCalculator(network="AlexNet, two towers", ask=False)
    rows = list(csv.DictReader(io.StringIO(made.table_csv())))
    assert [int(row["parameters"]) for row in rows if row["name"] == "fc1"] == [37_752_832]
    made.run(1)
    history = list(csv.DictReader(io.StringIO(made.history_csv())))
    exact = {(row["trace"], row["x"]): row["value"] for row in history if row["chart"] == "table"}
    assert exact["parameters", "fc1"] == "37752832" and exact["forward", "conv2"] == "223948800"
    assert any(row["chart"] == "layers" for row in history) and any(row["chart"] == "parts" for row in history)
