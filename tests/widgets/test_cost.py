"""The boards of the page on cost: what their charts say is what was counted."""

import csv
import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lab.analysis.cost import COPIES, PRESETS, closed_form, count, memory, preset, training_alive
from lab.errors import SettingError, ShapeError
from tests.widgets.reading import arrays, said, told
from widgets.charts import Columns, Curves, NamedBars, Panel
from widgets.cost.calculator import HOLDERS, OWN, WHEN, CostCalculator
from widgets.cost.counted import FEWER, CostCounted
from widgets.cost.inception import AS_WIDE, CostInception
from widgets.cost.vgg_table import VggTable
from widgets.cost.windows import SAVES, CostWindows
from widgets.grammar import answers

BOARDS = (CostCalculator, CostInception, CostCounted, CostWindows)


# ---- the calculator


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


# ---- the others


def test_inception_shows_both_modules_and_walks_through_the_widths():
    made = CostInception(reduce=8)
    made.run(7)
    assert told(made, "saving") is None
    made.run(1)
    assert told(made, "saving") == pytest.approx(3.148, abs=5e-4)
    made = CostInception()
    assert told(made, "saving") == pytest.approx(3.148, abs=5e-4)  # the control is at 64
    made.run(8)
    assert said(made, "paths")[1] == [1_115_684_864, 354_418_688, 3.148]
    drawn = arrays(made, "paths")
    assert drawn[0, "x"].sum() + drawn[1, "x"].sum() == pytest.approx(1_115.684864 + 354.418688)
    made.run(40)
    assert told(made, "wide") == AS_WIDE[2] and made.session.state == "done"
    made.controls["projection"].value = 1
    assert said(made, "paths")[1][1] < 354_418_688
    curve = arrays(made, "widths")
    last = curve[1, "y"][np.isfinite(curve[1, "y"])]
    assert np.isclose(curve[2, "y"][-1], last[7]) and len(last) == 32  # the dot at 64 lies on the curve
    made.controls["module"].value = "naive"
    assert "32x32x672" in said(made, "table")[0]


def test_windows_are_added_one_by_one():
    made = CostWindows(n=3, size=5)
    made.run(2)
    assert said(made, "ways")[1][:3] == [2, 9, 9] and told(made, "sees") is None
    made.run(1)
    assert told(made, "sees") == 13 and told(made, "saves") is None
    assert arrays(made, "ways")[0, "z"].shape == (13, 13) and (arrays(made, "ways")[0, "z"] > 0).all()
    assert said(made, "costs")[1][:2] == [692_224, 307_200]
    made = CostWindows(n=3, size=3)
    made.run(3)
    assert told(made, "saves") == SAVES[0] and said(made, "saving")[1][-1] == 1.81


@pytest.mark.parametrize(("mode", "first"), [("training", False), ("training", True), ("inference", False)])
def test_paper_and_program_lie_on_each_other(mode, first):
    made = CostCounted(L=3, K=16, n=8, mode=mode, first=first)
    steps = len(made.run(0) and made.session.run.seen) - 1
    made.run(steps)
    drawn = arrays(made, "bytes")
    assert np.array_equal(drawn[0, "y"], drawn[1, "y"]) and np.isfinite(drawn[0, "y"]).all()
    form = closed_form(3, 16, 8)
    end = {"inference": form.forward}.get(mode, form.training if first else form.training_exact)
    assert said(made, "products")[1] == [end] and arrays(made, "products")[0, "y"][-1] == pytest.approx(end / 1e6)
    assert told(made, "fewer") == (None if mode == "inference" else FEWER[0] if first else FEWER[1])
    assert told(made, "deltas") == (None if mode == "inference" else 2)


def test_another_step_is_counted_as_soon_as_a_control_moves():
    made = CostCounted(L=2, K=16, n=8)
    made.run(2)
    made.controls["L"].value = 5
    assert made.session.run.walked == 0 and len(made.session.run.seen) == 16
    assert said(made, "bytes")[1][-1] == 4 * training_alive(5, 16, 8, 0)
    made.controls["program"].value = "NN4"
    made.run(3)
    assert made.session.run.expected is None and "relu1" in arrays_words(made, "operations")
    assert f"{12 * 8 * 16**2:,}" in arrays_words(made, "sums")
    assert made.session.run.settings["L"] == 5 and made.session.run.form == closed_form(4, 16, 8)


def arrays_words(dashboard, panel):
    return bytes(arrays(dashboard, panel)[0, "words"]).decode()


# ---- the table to be filled in


def test_the_table_checks_what_is_typed_and_keeps_it():
    table = VggTable()
    assert len(table.boxes) == 30 and table.right == 0
    table.boxes["conv3", "parameters"].value = "3*3*64*128"
    table.boxes["conv3", "activations"].value = "112*112*64"
    table.boxes["fc1", "parameters"].value = "many"
    assert table.right == 1 and "1 of 30" in table.says.value
    assert "✓" in table.hints["conv3"].value and "half or double" in table.hints["conv3"].value
    assert "is no number" in table.hints["fc1"].value
    again = VggTable()
    assert again.right == 1 and again.boxes["fc1", "parameters"].value == "many"
    assert VggTable(key="other").right == 0
    table.boxes["conv3", "activations"].value = ""
    assert "activations" not in table.hints["conv3"].value
    table.close()


def test_a_hint_is_words_and_no_html():
    table = VggTable(key="html")
    table.boxes["fc1", "parameters"].value = "<img src=x>"
    assert "<img" not in table.hints["fc1"].value
    answers.keep("VggTable.broken", {"answer": {"nowhere parameters": "3", "fc1 parameters": 5}})
    assert VggTable(key="broken").right == 0


# ---- what the base has for this page


def test_columns_take_other_names_in_every_frame():
    chart = Columns("c", title="c", traces=("all", "now"))
    memory_ = chart.memory()
    memory_.take(Panel((["a", "b"], False, [1, 3], [np.nan, 3])))
    assert memory_.axes["x"]["ticktext"] == ["a", "b"] and memory_.ranges == {"x": [-0.5, 1.5], "y": [0, 3]}
    names = [f"layer {i}" for i in range(100)]
    memory_.take(Panel((names, True, np.arange(100), np.full(100, np.nan))))
    assert len(memory_.axes["x"]["ticktext"]) <= 50 and memory_.axes["y"]["type"] == "log"
    assert memory_.ranges["y"] == [-0.5, 2] and memory_.axes["x"]["tickangle"] == -90
    assert [row[:2] for row in chart.rows(memory_.arrays())][:2] == [("all", 0), ("all", 1)]
    for wrong in ((["a"], False, [1, 2], [1, 2]), (["a"], False, [1])):
        with pytest.raises(ValueError, match="do not fit 1 names"):
            memory_.take(Panel(wrong))
    with pytest.raises(SettingError):
        Columns("c", title="c", traces=("all", "all"))


@pytest.mark.parametrize("anew", [False, True])
def test_axes_fit_every_frame_anew_where_that_is_asked(anew):
    class Board(CostWindows):
        panels = (
            NamedBars("bars", title="b", labels=("a",), traces=("t",), anew=anew),
            Curves("curve", title="c", traces=("t",), anew=anew),
        )

        @staticmethod
        def frame(event, now):
            size = 100.0 if event is None else 5.0
            return {"bars": Panel(([size],)), "curve": Panel(lambda: Panel(([0, size], [0, size])))}

    made = Board(ask=False)
    made.run(0)
    arrays(made, "curve")
    made.run(1)
    arrays(made, "curve")
    assert made.session.memories["bars"].ranges["x"][1] == (5 if anew else 100)
    assert made.session.memories["curve"].ranges == {axis: [0, 5 if anew else 100] for axis in "xy"}
