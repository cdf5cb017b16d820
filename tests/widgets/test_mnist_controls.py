"""Controls of the first dashboard: what is moved acts at the next round and is marked, or waits for a reset."""

import numpy as np
import pytest

from tests.widgets.mnist_reading import marks, mask, move, net_of
from widgets.nn4.mnist import MnistDashboard


def views(board):
    return net_of(board).views(net_of(board).params)


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("keep", 0.5, lambda run: run.net.keep == 0.5),
        ("dropout", False, lambda run: run.net.keep == 1.0),
        ("batchnorm", False, lambda run: not run.net.batchnorm),
        ("delta", 0.5, lambda run: run.settings.delta == 0.5),
        ("K", 16, lambda run: run.settings.K == 16),
        ("P", 3, lambda run: run.settings.workers == "threads:3"),
        ("hold", True, lambda run: run.settings.hold),
    ],
)
def test_control_acts_at_the_next_round_and_is_marked(board, field, value, seen):
    run = board.session.run.run
    assert not seen(run)
    move(board, **{field: value})
    board.run(1)

    assert seen(run)
    (mark,) = marks(board)
    assert mark.startswith({"dropout": "keep p"}.get(field, field))


@pytest.mark.parametrize("name", ["gamma", "beta"])
@pytest.mark.parametrize("layer", [1, 3])
def test_gamma_and_beta_are_written_to_all_features_of_one_layer_and_learned_from_there(board, name, layer):
    before = {n: v.copy() for n, v in views(board).items()}
    move(board, layer=layer, hold=True, **{name: 2.5})
    board.run(1)

    assert marks(board) == [f"hold = on, {name}{layer} = 2.5"]
    assert (views(board)[f"{name}{layer}"] == 2.5).all()
    other = 4 - layer
    assert np.array_equal(views(board)[f"{name}{other}"], before[f"{name}{other}"])
    move(board, hold=False)
    board.run(3)
    assert not (views(board)[f"{name}{layer}"] == 2.5).all()


def test_choosing_a_layer_alone_changes_nothing(board):
    move(board, layer=1, mask=3)
    board.run(1)

    assert marks(board) == []


def test_keep_waits_while_dropout_is_off(board):
    move(board, dropout=False, keep=0.4)
    board.run(1)
    assert net_of(board).keep == 1.0 and mask(board).all()
    move(board, dropout=True)
    board.run(1)
    assert net_of(board).keep == 0.4


@pytest.mark.parametrize("name", MnistDashboard.presets)
def test_preset_begins_anew_and_trains(board, name):
    move(board, keep=0.3, delta=3.0)
    board.preset(name)
    assert board.session.steps == 0

    assert board.run(2)["rounds"] == 2
    assert board.values.keep != 0.3 and board.values.data == "digits"


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("batch", None, lambda run: run.settings.batch is None),
        ("classes", 2, lambda run: run.net.outputs == 1),
        ("backend", "reference", lambda run: run.net.dtype == np.float64 and run.net.backend.name == "reference"),
    ],
)
def test_what_needs_a_reset_says_so_and_acts_then(board, field, value, seen):
    move(board, **{field: value})
    board.run(1)
    assert not seen(board.session.run.run)
    assert "reset" in board.controls[field].description

    board.reset()
    board.run(1)
    assert seen(board.session.run.run)
    assert "reset" not in board.controls[field].description


def test_reset_writes_gamma_again_as_the_slider_shows_it(board):
    move(board, layer=2, gamma=0.5, hold=True)
    board.reset()
    board.run(1)

    assert (views(board)["gamma2"] == 0.5).all()


def test_gamma_without_batchnorm_is_refused_and_the_run_goes_on(board):
    move(board, batchnorm=False)
    board.run(1)
    move(board, gamma=2.0)

    assert "batchnorm" in str(board.session.refused)
    assert board.run(1)["rounds"] == 4
