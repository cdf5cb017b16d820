"""With and without batchnorm: the same steps, and who bears them."""

import pytest

from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen, text
from widgets import BatchnormRace
from widgets.batchnorm.race import WHO, WITH, WITHOUT


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
