"""Variance shift: what dropout does to the running statistics, and what statistics without masks bring back."""

import numpy as np
import pytest

from lab.analysis.batchnorm import ShiftSeen
from lab.training.evaluation import Score
from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen, text
from widgets import BatchnormShift
from widgets.batchnorm.shift import GAIN


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
