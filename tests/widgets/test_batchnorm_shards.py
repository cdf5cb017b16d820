"""Batchnorm in a split round: every shard has statistics of its own, and small shards leave another gradient."""

from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen, text
from widgets import BatchnormShards
from widgets.batchnorm.shards import OFF


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
