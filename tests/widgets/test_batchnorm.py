"""The boards of the page on batchnorm: every control acts, and what is said was seen."""

import math
from dataclasses import fields

import numpy as np
import pytest

from lab.analysis.batchnorm import ShiftSeen
from lab.errors import SettingError, ShardError
from lab.training.evaluation import Score
from tests.widgets.conftest import Page
from widgets import (
    BatchnormBatches,
    BatchnormDrift,
    BatchnormRace,
    BatchnormScale,
    BatchnormShards,
    BatchnormShift,
    BatchnormTermsBoard,
)
from widgets.batchnorm.batches import TWO
from widgets.batchnorm.drift import NEARER
from widgets.batchnorm.race import WHO, WITH, WITHOUT
from widgets.batchnorm.scale import TIMES_TEN
from widgets.batchnorm.shards import OFF
from widgets.batchnorm.shift import GAIN
from widgets.batchnorm.terms import LEFT
from widgets.dashboard import Dashboard

BOARDS = (
    BatchnormBatches, BatchnormRace, BatchnormShift, BatchnormTermsBoard, BatchnormDrift, BatchnormScale,
    BatchnormShards,
)  # fmt: skip


@pytest.fixture
def make(heard):
    """Boards without questions; they are closed at the end."""
    yield lambda kind, **fields: kind(**{"ask": False} | fields)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


def drawn(board, panel):
    """Arrays of a chart by (trace, key)."""
    return {(trace, key): values for trace, key, values in board.session.memories[panel].arrays()}


def text(board, panel):
    board.session.memories[panel].arrays()
    return board.session.memories[panel].text


def seen(board, name):
    question = next(each for each in board.questions if each.name == name)
    return question.seen(board.session.now())


# ---- what all of them keep


@pytest.mark.parametrize("kind", BOARDS)
def test_every_control_has_its_line_in_the_legend_and_every_experiment_runs(make, heard, kind):
    board = make(kind)
    assert all(field.metadata["control"].about for field in fields(kind.spec))
    page = Page(board, heard)
    for experiment in kind.experiments:
        board.experiment_bar.buttons[experiment.name].click()
        assert {name: getattr(board.values, name) for name in experiment.fields} == experiment.fields
        while page.ask(2)["t"] == {} or board.session.steps == 0:
            assert board.session.state != "error", board.session.says
        assert all(np.isfinite(m.ranges["y"]).all() for m in board.session.memories.values())


@pytest.mark.parametrize("kind", BOARDS)
def test_questions_hold_play_until_one_commits_and_nothing_is_seen_before_it_begins(make, kind):
    board = make(kind, ask=True)
    assert board.held
    board.session.start()
    assert [question.seen(board.session.now()) for question in kind.questions] == [None] * len(kind.questions)
    for asked in board.predictions.asked.values():
        asked.skip()
    assert not board.held


@pytest.mark.parametrize("kind", BOARDS)
def test_no_event_takes_long(make, kind):
    """Between two events Pause answers: the median of some dozens, which a busy machine disturbs the least."""
    import time

    board = make(kind)
    board.run(1)
    times = []
    for _ in range(40):
        start = time.perf_counter()
        event = next(board.session._iterator)
        times.append(time.perf_counter() - start)
        assert event is not None
    assert np.median(times) < 0.03


# ---- batch after batch


def test_after_batchnorm_is_gamma_and_beta_whatever_came_before(make):
    board = make(BatchnormBatches, gamma=2.0, beta=-1.0)
    board.run(3)
    edges_and_heights = drawn(board, "after")
    middle, heights = edges_and_heights[0, "x"], edges_and_heights[0, "y"]
    mean = (middle * heights).sum()
    assert heights.sum() == pytest.approx(1) and mean == pytest.approx(-1, abs=0.1)
    assert math.sqrt((middle**2 * heights).sum() - mean**2) == pytest.approx(2, rel=0.1)
    assert text(board, "after") == "mean -1.00, deviation 2.00"


def test_two_samples_stand_at_plus_and_minus_one(make):
    board = make(BatchnormBatches, batch=2, values="all")
    board.run(5)
    last = drawn(board, "after")
    places = last[0, "x"][last[0, "y"] > 0.02]
    assert all(min(abs(place - where) for where in (-1, 0, 1)) < 0.2 for place in places) and len(places) >= 2
    assert seen(board, "two") == TWO[1]
    board.controls["gamma"].value = 2.0
    board.run(1)
    assert seen(board, "two") is None


def test_one_sample_is_refused_on_the_control_and_after_a_reset(make):
    board = make(BatchnormBatches)
    board.run(1)
    board.controls["batch"].value = 1
    assert "at least 2 samples" in board.session.wrong and board.session.run.batch == 64
    with pytest.raises(ShardError, match="no variance"):
        board.reset()
    assert board.state == "error" and "no variance" in board.session.says
    board.controls["batch"].value = 16
    board.reset()
    board.run(1)
    assert len(board.session.run.last.before) == 16


def test_moved_controls_are_seen_at_once_while_it_is_paused(make):
    board = make(BatchnormBatches)
    board.run(2)
    for name, value, panel in (
        ("beta", 1.5, "after"), ("gamma", -2.0, "after"), ("eps", 5.0, "after"), ("unit", 7, "before"),
        ("layer", 3, "before"), ("values", "all", "before"), ("batch", 128, "before"), ("delta", 0.5, None),
    ):  # fmt: skip
        before = {key: values.copy() for key, values in drawn(board, panel or "after").items()}
        board.controls[name].value = value
        after = drawn(board, panel or "after")
        if panel:
            assert any(not np.array_equal(before[key], after[key]) for key in before), name
    weights = board.session.run.net.params.copy()
    board.run(1)
    assert (board.session.run.net.params != weights).any() and board.session.run.delta == 0.5


def test_mnist_that_is_not_here_is_not_waited_for(no_mnist, make, monkeypatch):
    monkeypatch.delenv("LAB_DATA", raising=False)
    from lab.errors import DataMissingError

    with pytest.raises(DataMissingError, match="not on this machine"):
        make(BatchnormBatches, data="mnist").run(1)


# ---- with and without


def test_large_steps_are_borne_by_batchnorm_only(make):
    board = make(BatchnormRace)
    found = board.run(90)
    assert found[f"error: {WITH}"] < 10 < 40 < found[f"error: {WITHOUT}"]
    assert seen(board, "who") == WHO[1]
    silent = drawn(board, "silent")
    assert silent[0, "x"].tolist() == [1, 2, 3] and silent[1, "y"].mean() > 2 * silent[0, "y"].mean()


def test_a_network_that_has_gone_is_named_and_the_other_goes_on(make):
    board = make(BatchnormRace, delta=4.0)
    board.run(30)
    gone = board.session.run.left
    assert set(gone) == {WITHOUT} and f"gone at round {gone[WITHOUT]}" in text(board, "loss")
    assert board.session.steps == 30 and seen(board, "who") is None


def test_delta_and_keep_are_of_both_networks(make):
    board = make(BatchnormRace)
    board.run(1)
    board.controls["delta"].value = 0.1
    board.controls["keep"].value = 0.7
    board.run(2)
    for run in board.session.run.runs.values():
        assert run.settings.delta == pytest.approx(0.1) and run.net.keep == 0.7


# ---- variance shift


def test_statistics_without_masks_bring_the_accuracy_back_in_every_network(make):
    board = make(BatchnormShift, samples=200, epochs=30)
    board.run(2)
    study = board.session.run
    assert study.ended == 0 and len(drawn(board, "accuracy")[2, "y"]) == 2, "the first network's looks, at once"
    board.run(8 * 12 - 2)
    assert study.ended == 8 and text(board, "ends") == "8 of 8", "with its last look the last network has ended"
    board.run(1)
    assert board.state == "done" and study.ended == len(study.ends("running")) == 8
    assert len(drawn(board, "accuracy")[5, "y"]) == 0 and len(drawn(board, "ends")[1, "y"]) == 0
    assert seen(board, "gain") is None  # nothing was shown yet
    board.controls["recompute"].value = True
    bands = drawn(board, "accuracy")  # low, high, median, of either
    for kind, first in (("running", 0), ("recomputed", 3)):
        ends = 100 * study.ends(kind)
        last = [bands[first + i, "y"][-1] for i in range(3)]
        np.testing.assert_allclose(last, [ends.min(), ends.max(), np.median(ends)], rtol=1e-5)
    dots = drawn(board, "ends")
    assert (dots[1, "y"] > dots[0, "y"] + 10).all() and dots[0, "x"].tolist() == list(range(1, 9))
    assert seen(board, "gain") == GAIN[0] and "8 of 8: recomputed +" in text(board, "ends")
    ratios = drawn(board, "ratio")
    assert np.median(ratios[0, "y"]) < 0.2 and (ratios[3, "y"] == 1).all()


def test_the_gain_is_judged_by_its_interval_and_only_of_enough_networks(make):
    board = make(BatchnormShift, samples=200, epochs=5, recompute=True)
    board.run(1)
    study = board.session.run
    judged = {}
    for name, recomputed in {"rises": 0.6, "falls": 0.1, "same": 0.3}.items():
        for noise in (0.001, 0.5):
            study.ended, study.looks = 8, [look(0.3, recomputed + noise * (-1) ** i) for i in range(8)]
            judged[name, noise] = seen(board, "gain")
    assert [judged[name, 0.001] for name in ("rises", "falls", "same")] == [GAIN[0], GAIN[2], GAIN[1]]
    assert {judged[name, 0.5] for name in ("rises", "falls", "same")} == {None}, "a wide band says neither"
    study.looks = [look(0.3, 0.6) for _ in range(8)]
    study.ended = 3
    assert seen(board, "gain") is None
    study.ended = 4
    assert seen(board, "gain") == GAIN[0]


def look(running, recomputed):
    scores = (Score(1.0, accuracy) for accuracy in (running, recomputed))
    return [ShiftSeen(10, *scores, {i: np.ones(3) for i in (1, 2, 3)})]


def test_without_dropout_nothing_is_shifted(make):
    board = make(BatchnormShift, keep=1.0, recompute=True, samples=500)
    board.run(12)
    study = board.session.run
    assert seen(board, "gain") is None  # asked for p = 0.3
    np.testing.assert_allclose(study.ends("recomputed"), study.ends("running"), atol=0.02)
    assert abs(np.median(drawn(board, "ratio")[0, "y"]) - 1) < 0.1


def test_another_p_step_size_or_number_of_samples_begins_with_the_first_network(make):
    board = make(BatchnormShift)
    board.run(1)
    for name, value in (("keep", 0.5), ("delta", 0.1), ("samples", 500), ("epochs", 5)):
        board.controls[name].value = value
        assert "needs a reset" in board.controls[name].description
    board.reset()
    board.run(1)
    study = board.session.run
    training = study._training
    assert (study.keep, training["delta"], study._samples, training["epochs"]) == (0.5, pytest.approx(0.1), 500, 5)


# ---- backward


def test_stages_appear_one_after_the_other(make):
    board = make(BatchnormTermsBoard)
    shown = []
    for _ in range(8):
        board.run(1)
        panels = {name: drawn(board, name) for name in ("given", "terms", "sum")}
        places = [("given", 0), ("given", 1), ("terms", 0), ("terms", 1), ("terms", 2), ("sum", 0), ("sum", 2)]
        shown.append([bool(panels[panel][trace, "y"].any()) for panel, trace in places])
    assert [sum(row) for row in shown] == [1, 2, 2, 2, 3, 4, 6, 7]
    board.session.memories["sum"].arrays()
    assert "off by" in text(board, "sum") and "dσ²" in text(board, "terms") and "dμ" in text(board, "terms")


def test_of_two_samples_next_to_nothing_is_left(make):
    board = make(BatchnormTermsBoard, batch=2)
    board.run(6)
    assert seen(board, "left") is None
    board.run(1)
    assert seen(board, "left") == LEFT[2]
    board.controls["batch"].value = 1
    assert "at least 2 samples" in board.session.wrong


def test_layer_and_unit_are_drawn_at_once(make):
    board = make(BatchnormTermsBoard)
    board.run(8)
    for name, value in (("unit", 5), ("layer", 3), ("batch", 4)):
        before = drawn(board, "values")[1, "y"].copy()
        board.controls[name].value = value
        assert not np.array_equal(before, drawn(board, "values")[1, "y"])


# ---- drift, scale, shards


def test_running_means_are_the_nearer_ones_where_nothing_drifts(make):
    board = make(BatchnormDrift, delta=0.01)
    found = board.run(120)
    assert seen(board, "nearer") == NEARER[1]
    assert found["lag: layer 1"] < found["noise: layer 1"]
    slow = found["lag: layer 1"]
    board.controls["delta"].value = 2.0
    assert board.run(30)["lag: layer 1"] > 2 * slow
    board.controls["layer"].value, board.controls["unit"].value = 3, 2
    board.run(1)
    run = board.session.run
    of_layer = run.net.running_views(run.last.running)["mean3"]
    assert drawn(board, "mean")[1, "y"][-1] == pytest.approx(of_layer[run.order[3][1]], rel=1e-5)


def test_dots_lie_on_the_law_and_the_loss_is_flat(make):
    board = make(BatchnormScale, eps=0.1)
    board.run(5)
    dots = drawn(board, "angle")
    np.testing.assert_allclose(dots[0, "y"], dots[1, "y"], atol=1e-4)
    flat = make(BatchnormScale, key="flat", eps=1e-12)
    flat.run(1)
    assert np.ptp(drawn(flat, "loss")[0, "y"]) < 1e-4 and seen(flat, "ten") == TIMES_TEN[0]
    flat.controls["layer"].value = 4
    assert np.ptp(drawn(flat, "loss")[0, "y"]) > 1 and seen(flat, "ten") is None


def test_lengths_follow_pythagoras(make):
    board = make(BatchnormScale, eps=1e-6, delta=0.5)
    found = board.run(30)
    assert found["length: seen"] == pytest.approx(found["length: Σ δ²|dW|²"], rel=1e-2)
    for name, value in (("eps", 0.1), ("delta", 0.1), ("keep", 0.5)):
        board.controls[name].value = value
    run = board.session.run
    board.run(1)
    assert (run.eps, run.delta, run.net.keep) == (0.1, 0.1, 0.5)
    board.controls["batchnorm"].value = False
    board.reset()
    board.run(2)
    assert board.session.run.net.bias and drawn(board, "angle")[1, "y"].size == 0


def test_another_round_than_the_one_that_is_asked_about_is_not_judged(make):
    board = make(BatchnormShards, batch=256)
    board.run(16)
    assert board.session.run.distances[128] and seen(board, "off") is None


def test_two_samples_a_shard_leave_another_gradient(make):
    board = make(BatchnormShards)
    board.run(14)
    assert seen(board, "off") == OFF[2]
    gradient = drawn(board, "gradient")
    assert gradient[2, "x"].tolist() == [2, 4, 8, 16, 32, 64] and "without batchnorm" in text(board, "gradient")
    for K in (64, 1):
        board.controls["K"].value = K
        assert len(drawn(board, "mean")[3, "y"]) == K == len(drawn(board, "variance")[1, "y"])
    before = drawn(board, "mean")[3, "y"].copy()
    board.controls["unit"].value = 9
    assert (before != drawn(board, "mean")[3, "y"]).any()


def test_what_no_control_can_take_is_refused(make):
    for kind, wrong in ((BatchnormBatches, {"batch": 257}), (BatchnormShards, {"K": 3}), (BatchnormScale, {"eps": 0})):
        with pytest.raises(SettingError, match="is not allowed"):
            make(kind, **wrong)
