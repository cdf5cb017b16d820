"""Scale invariance: longer weights leave the loss as it is, and lengths and angles follow their laws."""

import numpy as np
import pytest

from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen
from widgets import BatchnormScale
from widgets.batchnorm.scale import TIMES_TEN


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
