"""The backward pass of batchnorm, term by term: stages appear in order, and two samples leave next to nothing."""

import numpy as np

from tests.widgets.reading import arrays as drawn
from tests.widgets.reading import seen, text
from widgets import BatchnormTermsBoard
from widgets.batchnorm.terms import LEFT


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
