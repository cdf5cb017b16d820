"""Running statistics follow a network that learns: they lag behind it, a batch's are noisy, and one is nearer."""

import pytest

from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen
from widgets import BatchnormDrift
from widgets.batchnorm.drift import NEARER


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
