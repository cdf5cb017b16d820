"""The boards of the page on softmax: what their charts say is what the run has."""

import math
import re

import numpy as np
import pytest

from lab.analysis.softmax import limits, optimal_gap
from tests.widgets.reading import arrays, text, told
from widgets.softmax import probabilities, smoothing, stability, temperature, two_classes
from widgets.softmax.probabilities import SoftmaxProbabilities
from widgets.softmax.smoothing import LabelSmoothing
from widgets.softmax.stability import SoftmaxStability
from widgets.softmax.temperature import SoftmaxTemperature
from widgets.softmax.two_classes import SoftmaxTwoClasses

BOARDS = (SoftmaxProbabilities, SoftmaxStability, LabelSmoothing, SoftmaxTemperature, SoftmaxTwoClasses)
X = ("x1", "x2", "x3", "x4", "x5")


def numbers(dashboard, panel):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", text(dashboard, panel))]


# ---- logits and probabilities


def test_the_bars_are_softmax_its_target_and_the_gradient_beside_its_differences():
    made = SoftmaxProbabilities(x1=3.0, x3=-1.5, label=3, temperature=2.0, constant=4.0)
    made.run(0)
    x = np.array([getattr(made.values, name) for name in X])
    z = np.exp(x / 2) / np.exp(x / 2).sum()
    y = np.eye(5)[2]
    assert np.allclose(arrays(made, "logits")[0, "y"], x + 4)
    assert np.allclose(arrays(made, "shares")[0, "y"], z) and (arrays(made, "shares")[1, "y"] == y).all()
    bars = arrays(made, "gradient")
    assert np.allclose(bars[0, "y"], (z - y) / 2) and np.allclose(bars[1, "y"], (z - y) / 2, atol=1e-6)
    assert text(made, "shares") == f"right class {z[2]:.4g}, sum 1"
    assert numbers(made, "loss")[0] == pytest.approx(-math.log(z[2]), rel=1e-3)


def test_a_step_goes_on_from_where_the_logits_are_and_a_slider_sets_one_of_them():
    made = SoftmaxProbabilities()
    made.run(5)
    run = made.session.run
    before = run.logits.copy()
    made.controls["x4"].value = 2.5
    assert run.logits.tolist() == [*before[:3], 2.5, before[4]] and made.session.steps == 5
    assert arrays(made, "logits")[0, "y"][3] == 2.5
    made.controls["label"].value = 5
    assert arrays(made, "shares")[1, "y"].tolist() == [0, 0, 0, 0, 1]
    before = run.logits.copy()
    made.run(1)
    assert run.logits[4] > before[4] and len(arrays(made, "loss")[0, "x"]) == 6
    made.reset()
    made.run(0)
    assert made.session.run.logits[3] == 2.5  # the sliders as they stand


def test_the_constant_changes_nothing_and_the_other_logits_all_fall():
    made = SoftmaxProbabilities()
    made.run(0)
    before = arrays(made, "shares")[0, "y"]
    made.controls["constant"].value = 20.0
    assert np.allclose(arrays(made, "shares")[0, "y"], before) and told(made, "constant") == probabilities.CONSTANT[0]
    made.run(1)
    assert told(made, "others") == probabilities.OTHERS[1]
    made.controls["dtype"].value = "float16"
    assert text(made, "gradient").endswith("float16") and numbers(made, "gradient")[0] > 1e-3
    assert told(made, "constant") == probabilities.CONSTANT[0]  # rounding is no change of that kind


# ---- stability


def test_the_sweep_shows_where_each_way_ends_and_names_the_bound():
    made = SoftmaxStability(dtype="float16")
    made.run(2000)
    run = made.session.run
    assert made.state == "done" and run.seen[-1].scale > 5 * run.bound
    assert numbers(made, "share") == [float(f"{run.bound:.5g}")] and run.bound == pytest.approx(11.09, abs=0.01)
    share = arrays(made, "share")
    x, naive, shifted = share[0, "x"][:-2], share[0, "y"][:-2], share[1, "y"][:-2]
    assert np.isnan(naive[x > run.bound]).all() and np.isfinite(naive[x < run.bound]).all()
    assert np.isfinite(shifted).all() and (share[3, "x"][-2:] == run.bound).all()
    words = "\n".join(made.session.memories["words"].lines())
    assert f"{limits('float16').overflow:.6g}" in words and "log-sum-exp: a number so far" in words
    assert re.search(r"log of naive softmax: NaN from scale (1[1-3]\.\d+) on", words)
    assert told(made, "bound") is None  # that is asked of float32
    assert text(made, "now") == "largest: naive NaN, shifted 1"


def test_the_questions_are_answered_by_the_sweep():
    made = SoftmaxStability()
    made.run(2000)
    assert told(made, "bound") == made.session.run.bound == pytest.approx(limits("float32").overflow, rel=1e-6)
    assert told(made, "shifted") is None
    made._try(next(each for each in made.experiments if each.name == "log of 0"))
    made.run(2000)
    assert told(made, "shifted") == stability.ENDS[1]
    run = made.session.run
    assert text(made, "loss") == f"naive inf, shifted inf, log-sum-exp {run.seen[-1].losses[2]:.4g}"
    loss, error = arrays(made, "loss"), arrays(made, "error")
    expected = [each.exact_loss for each in run.seen]
    assert np.allclose(loss[3, "y"][:-2], expected) and np.allclose(loss[2, "y"][:-2], expected, rtol=1e-5)
    assert np.nanmax(error[2, "y"]) < -6 and np.isnan(error[1, "y"][:-2]).any()


def test_what_the_shift_leaves_never_fails():
    made = SoftmaxStability(shape="shifted", dtype="float16", growth=0.05)
    made.run(500)
    assert text(made, "share") == "naive never ends" and len(arrays(made, "share")[0, "x"]) == len(
        made.session.run.seen
    )


# ---- label smoothing


def test_the_gap_arrives_at_the_closed_form_and_the_loss_at_the_entropy():
    made = LabelSmoothing()
    made.run(1000)
    run = made.session.run
    assert numbers(made, "gap") == [round(optimal_gap(10, 0.1), 4)] * 2
    assert numbers(made, "loss") == [round(run.entropy, 4)] * 2
    assert told(made, "gap") == pytest.approx(math.log(91), abs=0.01) and told(made, "least") == smoothing.LEAST[1]
    low, high, middle, closed = (arrays(made, "gap")[i, "y"] for i in range(4))
    assert (low <= middle).all() and (middle <= high).all() and (closed == run.closed).all()
    bars = arrays(made, "shares")
    assert np.allclose(bars[0, "y"], bars[1, "y"], atol=1e-4) and bars[1, "y"][0] == pytest.approx(0.91)
    dot = arrays(made, "optimum")[2, "y"]
    assert dot[-1] == pytest.approx(math.log(91), abs=1e-3) and np.isnan(dot[:-1]).all()


def test_eps_moves_the_optimum_while_it_runs_and_0_has_none():
    made = LabelSmoothing()
    made.run(200)
    made.controls["eps"].value = 0.5
    made.controls["convention"].value = "others"
    made.run(300)
    assert numbers(made, "gap")[1] == pytest.approx(optimal_gap(10, 0.5, "others"), abs=1e-4)
    assert len(set(np.round(arrays(made, "gap")[3, "y"], 6))) == 2  # the dashed line has a step
    assert told(made, "gap") is None and told(made, "grows") is None
    made._try(next(each for each in made.experiments if each.name == "no smoothing"))
    made.run(2000)
    assert told(made, "grows") == smoothing.ENDS[1] and text(made, "gap").endswith("log(δ d t)")
    gap, closed = arrays(made, "gap")[2, "y"], arrays(made, "gap")[3, "y"]
    assert gap[-1] == pytest.approx(math.log(10 * 2000), abs=0.05) and closed[-1] == pytest.approx(math.log(10 * 2000))
    assert told(made, "least") is None


# ---- more


def test_a_temperature_moves_the_loss_and_never_the_misread_share():
    made = SoftmaxTemperature()
    made.run(41)
    run = made.session.run
    assert told(made, "sure") == temperature.SURE[0] and run.best > 1
    misread = arrays(made, "error")[0, "y"][:41]
    assert len(set(misread)) == 1 and misread[0] == pytest.approx(100 * (1 - run.seen[0].accuracy))
    assert np.allclose(arrays(made, "loss")[0, "y"][:41], [each.test_loss for each in run.seen])
    before = text(made, "error").split(";")[0]
    made.controls["temperature"].value = 3.0
    assert text(made, "error").split(";")[0] == before
    assert np.allclose(arrays(made, "digit")[0, "y"], run.probabilities(3.0)[0], atol=1e-6)
    made.controls["sample"].value = 7
    assert text(made, "digit").startswith(f"a {run.test_y[6]}, ")
    drawn, seen = arrays(made, "reliable"), run.at(3.0)[1]
    some = seen.count > 0
    assert np.allclose(drawn[2, "x"], seen.confidence[some]) and np.allclose(drawn[2, "y"], seen.accuracy[some])
    assert (drawn[0, "y"] <= drawn[2, "y"]).all() and (drawn[2, "y"] <= drawn[1, "y"]).all()


@pytest.mark.parametrize("other", [{"epochs": 1}, {"samples": 50, "epochs": 10}])
def test_another_network_than_the_one_that_was_asked_for_answers_no_question(other):
    made = SoftmaxTemperature(**other)
    made.run(1)
    assert made.session.run.trained and told(made, "sure") is None


def test_two_logits_are_twice_as_fast_as_one():
    made = SoftmaxTwoClasses(gap=-1.0, delta=0.3)
    made.run(40)
    seen = made.session.run.look()
    assert seen.gap == pytest.approx(seen.twice) and seen.gap > seen.logit
    assert [arrays(made, "gap")[i, "y"][-1] for i in range(3)] == [seen.gap, seen.logit, seen.twice]
    assert told(made, "faster") == two_classes.FASTER[1]
    same = arrays(made, "same")
    assert np.allclose(same[0, "y"][:-2], same[1, "y"][:-2]) and same[2, "x"][-2] == pytest.approx(
        made.session.run.look().gap
    )


@pytest.mark.parametrize("board", [SoftmaxTemperature])
def test_while_numpy_computes_in_place_of_the_kernels_the_status_line_says_so(board, monkeypatch):
    monkeypatch.setattr("lab.kernels_ready", lambda: False)
    monkeypatch.setattr("lab.compile_kernels", lambda: None)
    made = board(epochs=1)
    made.run(0)
    assert "computed by NumPy" in made.session.status()
