"""Batch after batch: what batchnorm makes of a batch is drawn, whatever came before."""

import math

import numpy as np
import pytest

from lab.errors import ShardError
from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen, text
from widgets import BatchnormBatches
from widgets.batchnorm.batches import TWO


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
