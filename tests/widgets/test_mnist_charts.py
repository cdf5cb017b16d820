"""Charts of the first dashboard: what they draw and say is what was trained."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab.events import Changed, EpochDone, RoundDone, ShardReport
from tests.widgets.mnist_reading import marks, mask, move, net_of, text
from widgets.dashboard import Now
from widgets.nn4.mnist import MnistDashboard, MnistSpec


def test_mask_is_another_one_in_every_round_and_its_kept_share_follows_p(board):
    for keep in (0.9, 0.5, 0.2):
        move(board, keep=keep)
        seen = []
        for _ in range(4):
            board.run(1)
            seen.append(mask(board).tobytes())
            assert mask(board).mean() == pytest.approx(keep, abs=0.03)
        assert len(set(seen)) == 4
        assert f"kept {mask(board).mean():.1%}" in text(board, "mask")


def test_mask_follows_p_at_once_while_paused_and_nothing_is_trained(board):
    before, params = mask(board), net_of(board).params.copy()
    move(board, keep=0.5)

    assert (mask(board) <= before).all() and mask(board).sum() < before.sum()  # the same draw, a higher bar
    assert np.array_equal(net_of(board).params, params)


def test_every_card_has_its_live_number(board):
    board.run(12)

    for panel in MnistDashboard.panels:
        assert any(sign.isdigit() for sign in text(board, panel.name)), panel.name


def test_error_of_nothing_has_a_place_on_the_logarithmic_axis():
    perfect = EpochDone(1, 11, 1437, 0.1, 0.1, 1.0, 0.1, 1.0, 1.0, 0.1, (1.0,), (0.0,))
    run = SimpleNamespace(data="small digits", rounds=11)
    frame = MnistDashboard.frame(perfect, Now(MnistSpec(), 0, run, 11))

    assert frame["accuracy"].arrays == (11, 0.01)
    assert frame["accuracy"].text == {"": "small digits: 100.0 %, error 0.0 %"}


def test_curves_do_not_mix_the_looks_within_an_epoch_with_its_end():
    """On MNIST a look takes 2,000 test digits, the end of an epoch all 10,000."""
    end = EpochDone(1, 469, 60000, 0.3, 0.1, 0.97, 0.1, 0.963, 2.0, 0.2, (2.0,), (0.0,))
    frame = MnistDashboard.frame(end, Now(MnistSpec(), 0, SimpleNamespace(data="MNIST", rounds=469), 469))

    assert list(frame) == ["accuracy"]
    assert frame["accuracy"].arrays is None and frame["accuracy"].text == {"all": "96.3 %"}


def test_history_is_bounded(board):
    shards = (ShardReport(0, 0, "cpu", 64, 1.0, 0.0, 1e-4, 1e-3),)
    for step in range(2, 5002):
        board.session.take(RoundDone(step, 1, 11, 0, 128, 1.0 / step, 1.0, shards, 0.0, 0.0, 0.0, 1e-3))
        if step % 10 == 0:
            board.session.take(Changed(step, 1, {"delta": step / 100}))

    x, y = board.session.memories["loss"].points(0)
    assert len(x) <= 1001 and x[-1] == 5001 and (np.diff(x) > 0).all() and np.isfinite(y).all()
    assert len(marks(board)) <= 40


def test_bars_follow_the_number_of_workers(board):
    move(board, P=3)
    board.run(1)

    assert board.session.run.times.shape == (2, 3)
    assert (board.session.run.times[0] > 0).all()
