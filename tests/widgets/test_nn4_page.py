"""The dashboards of the page on NN4: what they show is what the network does, and every control acts."""

import numpy as np
import pytest

import lab
from lab.analysis.nn4 import layer_view, parameter_counts
from lab.analysis.nn4.alarms import DEAD
from tests.widgets.conftest import Page
from widgets import NN4GradientCheck, NN4Health, NN4Layers, NN4Phases
from widgets.charts.arrays_shown import NOTHING, signed, signed_picture, table
from widgets.dashboard import Dashboard, Heatmap


@pytest.fixture
def opened(heard):
    yield lambda make, **fields: Page(make(ask=False, **fields), heard)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


@pytest.fixture
def asking(heard):
    yield lambda make, **fields: Page(make(**fields), heard)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


def words(page, chart):
    return "\n".join(page.dashboard.session.memories[chart].lines())


def live(page, chart):
    memory = page.dashboard.session.memories[chart]
    memory.arrays()
    return memory.text


def move(page, **values):
    for name, value in values.items():
        page.dashboard.controls[name].value = value


# ---- the layers


def test_the_open_layer_shows_its_arrays(opened):
    page = opened(NN4Layers, layer=2, keep=0.8)
    frame = page.ask()
    run = page.dashboard.session.run
    view = layer_view(run.net, run.data.train_x[:32], 2)
    np.testing.assert_allclose(frame["arrays"]["z", 0, "z"], view.z, rtol=1e-6)
    np.testing.assert_array_equal(frame["arrays"]["mask", 0, "z"], view.mask > 0)
    assert "times 1.25" in live(page, "mask") and f"±{np.abs(view.W).max():.3g}" in live(page, "W")
    assert "relu2" in words(page, "table") and "gamma2" in words(page, "table")


def test_every_control_of_the_layers_acts(opened):
    page = opened(NN4Layers, layer=1)
    page.ask(2)
    move(page, layer=4)
    assert live(page, "W").startswith("W4 (16 × 10)") and live(page, "relu") == NOTHING.text
    move(page, layer=1, keep=1.0)
    assert "kept 100.0%" in live(page, "mask")
    move(page, keep=0.3, mode="test")
    assert "kept 100.0%" in live(page, "mask")
    move(page, mode="train", batchnorm=False)
    assert "gamma1" not in words(page, "table") and "batchnorm" not in words(page, "net")
    move(page, delta=0.01, hidden=(512, 256, 128), classes=2)
    page.dashboard.reset()
    page.ask(1)
    assert page.dashboard.session.run.net.widths == (64, 512, 256, 128, 1)
    assert "sigmoid" in words(page, "net") and page.dashboard.session.run.settings.delta == 0.01


def test_the_weights_that_are_shown_learn(opened):
    page = opened(NN4Layers, layer=4)
    before = np.array(page.ask()["arrays"]["W", 0, "z"])
    page.dashboard.run(3)
    after = page.frames[-1]["arrays"]["W", 0, "z"]
    assert not np.array_equal(before, after) and page.dashboard.session.steps == 3


def test_the_figure_that_is_asked_for_is_counted(asking):
    page = asking(NN4Layers)
    question = page.dashboard.predictions.asked["total"]
    question.commit(4000)
    page.ask()
    assert live(page, "net") == "7,040 parameters"  # of another one, which says nothing of the one that is asked about
    assert "not seen yet" in question.text
    move(page, hidden=(32, 32, 16))
    page.dashboard.reset()
    page.ask()
    net = page.dashboard.session.run.net
    by_hand = 64 * 32 + 32 * 32 + 32 * 16 + 16 * 10 + 2 * (32 + 32 + 16)
    assert question.question.seen(page.dashboard.session.now()) == by_hand == 3904 == net.params.size
    assert sum(sum(each.values()) for each in parameter_counts(net).values()) == by_hand
    assert "3,904" in question.text and page.dashboard.controls["hidden"].disabled is False
    move(page, classes=2)
    page.dashboard.reset()
    assert question.question.seen(page.dashboard.session.now()) is None


# ---- phases


def test_a_step_is_a_phase_and_shows_what_it_computed(opened):
    page = opened(NN4Phases)
    assert "press Step" in live(page, "where") if page.ask() else None
    page.ask(1)
    frame = page.ask(1)
    phase = page.dashboard.session.run.last
    assert phase.name == "forward, layer 1: dropout" and "phase 2 of 32" in live(page, "where")
    np.testing.assert_allclose(frame["arrays"]["first", 0, "z"], phase.arrays["mask1"], rtol=1e-6)
    assert "def dropout(" in words(page, "source") and phase.equation in words(page, "source")
    assert "dropped1" in words(page, "arrays") and "32 × 64" in words(page, "arrays")
    page.ask(1)
    assert live(page, "second") == NOTHING.text  # z alone


def test_what_the_round_does_answers_the_questions(asking):
    page = asking(NN4Phases)
    order, when = (page.dashboard.predictions.asked[name] for name in ("order", "when"))
    order.skip()
    when.commit(when.question.choices[0])
    page.dashboard.run(20)
    assert "not seen yet" in order.text and "not seen yet" in when.text
    page.dashboard.run(12)
    now = page.dashboard.session.now()
    assert when.question.seen(now) == "once, when the whole gradient is there"
    assert "(otherwise)" in when.text
    for _ in range(3):  # also in the next rounds it is what was seen
        assert order.question.seen(page.dashboard.session.now()) == "batchnorm, relu, linear, dropout"
        assert when.question.seen(page.dashboard.session.now()) == "once, when the whole gradient is there"
        page.dashboard.run(15)


def test_every_control_of_the_phases_acts(opened):
    page = opened(NN4Phases)
    page.dashboard.run(31)
    assert page.dashboard.session.run.last.operation == "step" and live(page, "first").startswith("W1")
    move(page, layer=4)
    assert live(page, "first").startswith("W4 (16 × 10)") and words(page, "where").count(">") == 1
    move(page, keep=1.0, K=3, delta=2.0)
    page.dashboard.run(3)
    run = page.dashboard.session.run
    assert run.net.keep == 1 and run.delta == 2.0 and "kept" not in live(page, "where")
    assert run.last.of == 3 * 30 + 3
    move(page, batchnorm=False, classes=2)
    page.dashboard.reset()
    page.dashboard.run(1)
    assert page.dashboard.session.run.net.widths[-1] == 1 and page.dashboard.session.run.last.of == 3 * 24 + 2


# ---- the gradient check


def test_a_right_gradient_and_each_mistake(opened):
    for mistake in ("none", "1/p forgotten"):
        page = opened(NN4GradientCheck, key=mistake, mistake=mistake, entries=8, keep=0.5)
        page.dashboard.run(1000)
        assert page.dashboard.state == "done"
        wrong = [line.split()[0] for line in words(page, "table").splitlines() if line.endswith("WRONG")]
        assert ("W1" in wrong) == (mistake != "none") and "W4" not in wrong
    assert "mistake: 1/p forgotten" in live(page, "table") and "20 entries" not in live(page, "both")


def test_the_check_answers_its_questions_from_the_run(asking):
    page = asking(NN4GradientCheck, entries=8)
    digits, spoiled = (page.dashboard.predictions.asked[name] for name in ("digits", "spoiled"))
    digits.commit(-7), spoiled.commit("only W1")
    page.dashboard.run(1000)
    assert digits.question.seen(page.dashboard.session.now()) < -6 and "not seen yet" in spoiled.text
    move(page, mistake="1/p forgotten")
    page.dashboard.reset()
    page.dashboard.run(1000)
    assert spoiled.question.seen(page.dashboard.session.now()) == "all but W4"


# ---- health


def test_a_healthy_run_says_none_and_a_sick_one_what_to_do(opened):
    page = opened(NN4Health)
    page.dashboard.run(60)
    assert words(page, "alarms") == "None." and live(page, "alarms").startswith("0 at round 60")
    dead = page.dashboard.session.memories["dead"]
    assert dead.last()["limit"] == DEAD and len(dead.points(0)[0]) == 12
    move(page, delta=3.0, batchnorm=False)
    page.dashboard.reset()
    page.dashboard.run(150)
    assert "dead ReLUs" in words(page, "alarms") and "Lower δ" in words(page, "alarms")


def test_what_is_left_after_a_layer_died_is_seen_in_the_run(asking):
    page = asking(NN4Health, delta=2.0, keep=1.0, batchnorm=False)
    dies = page.dashboard.predictions.asked["dies"]
    dies.commit(dies.question.choices[0])
    page.dashboard.run(60)
    for _ in range(5):  # once seen, it stays: nothing comes back, whatever δ is
        assert dies.question.seen(page.dashboard.session.now()) == "those of all four layers"
        move(page, delta=0.1)
        page.dashboard.run(20)


def test_every_control_of_health_acts_at_once_but_the_start(opened):
    page = opened(NN4Health)
    page.dashboard.run(5)
    move(page, delta=0.01, keep=0.4, batchnorm=False)
    page.dashboard.run(6)
    settings, net = page.dashboard.session.run.run.settings, page.dashboard.session.run.run.net
    assert settings.delta == 0.01 and (net.keep, net.batchnorm) == (0.4, False)
    assert "no running statistics" in live(page, "drift")
    start = np.linalg.norm(lab.NN4(net.widths, backend="reference").views(net.params)["W1"])
    move(page, gain=10.0)
    assert "needs a reset" in page.dashboard.controls["gain"].description
    page.dashboard.reset()
    W1 = page.dashboard.session.run.run.net.views(page.dashboard.session.run.run.net.params)["W1"]
    assert np.linalg.norm(W1) > 5 * start


@pytest.mark.parametrize("make", [NN4Layers, NN4Phases, NN4GradientCheck, NN4Health])
def test_every_experiment_begins_and_every_control_is_explained(opened, make):
    page = opened(make)
    for name, button in page.dashboard.experiment_bar.buttons.items():
        button.click()
        page.dashboard.run(5)
        assert page.dashboard.session.state in ("paused", "done"), name
    assert all(control.about for control in page.dashboard._control_set.known.values())


# ---- arrays


def test_a_picture_is_cut_and_says_its_scale():
    array = np.full((100, 200), -0.25)
    array[70, 80] = 9  # not shown, so that it does not count
    panel = signed("W1", array)
    assert panel.arrays.shape == (64, 64) and (panel.arrays == -0.25).all()
    assert panel.text == "W1 (100 × 200, 64 × 64 shown), ±0.25"
    assert signed("beta1", np.zeros(5)).arrays.shape == (1, 5) and signed("relu4", None) is NOTHING


def test_a_picture_has_the_numbers_themselves_and_its_colours_fit_the_largest():
    """Pointing at a cell shows the number: the page gets it as it is, and centres the colours on 0 by itself."""
    (trace,) = signed_picture("z", "Sums z").declare()["data"]
    assert (trace["zauto"], trace["zmid"]) == (True, 0) and not {"zmin", "zmax"} & set(trace)
    assert "%{z:.3g}" in trace["hovertemplate"]
    (plain,) = Heatmap("p", title="p", low=0, high=2, shades=("#000000", "#ffffff")).declare()["data"]
    assert (plain["zmin"], plain["zmax"]) == (0, 2) and "zmid" not in plain


def test_batchnorms_statistics_stand_in_the_table(opened):
    page = opened(NN4Layers, layer=2)
    page.ask(3)
    run = page.dashboard.session.run
    view = layer_view(run.net, run.data.train_x[:32], 2)
    rows = {line.split()[0]: line for line in words(page, "table").splitlines()}
    for kind in ("batch_mean2", "batch_var2", "running_mean2", "running_var2"):
        assert f"{view.arrays[kind].mean():.2g}" in rows[kind]
    move(page, mode="test")
    assert "running_var2" in words(page, "table") and "batch_var2" not in words(page, "table")
    move(page, batchnorm=False)
    assert "running_var2" not in words(page, "table")


def test_a_table_names_every_array():
    lines = table({"a": np.arange(6.0).reshape(2, 3), "b": np.zeros(4)}).splitlines()
    assert lines[1].split() == ["a", "2", "×", "3", "2.5", "1.7", "0", "5"] and len(lines) == 3
