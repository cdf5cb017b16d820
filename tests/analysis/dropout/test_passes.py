"""A batch through a network, pass by pass: new masks forward, the same one backward."""

import numpy as np
import pytest

import lab
from lab.analysis.dropout import DropoutPasses
from lab.errors import KeepProbabilityError, SettingError, ShapeError


@pytest.fixture
def batch():
    data = lab.load("digits")
    return data.train_x[:32], data.train_y[:32]


def passes(batch, **settings):
    net = lab.NN4((64, 32, 16, 8, 10), batchnorm=False, bias=True, seed=3, dtype="float64", backend="reference")
    return DropoutPasses(net, *batch, **settings)


def test_every_pass_has_another_mask_and_keeps_its_share(batch):
    seen = [event for event, _ in zip(passes(batch, keep=0.3), range(50), strict=False)]
    assert len({event.mask.tobytes() for event in seen}) == 50
    deviation = np.sqrt(0.3 * 0.7 / (50 * seen[0].mask.size))
    assert abs(seen[-1].mean_share - 0.3) < 4 * deviation
    assert seen[-1].mean_share == pytest.approx(np.mean([event.share for event in seen]))
    assert len({event.share for event in seen}) > 10


def test_what_is_kept_is_divided_by_p_and_the_rest_is_nought(batch):
    event = next(passes(batch, keep=0.25))
    np.testing.assert_allclose(event.dropped, np.where(event.mask, 4 * event.x, 0))


def test_the_backward_pass_takes_the_same_mask_and_is_the_gradient(batch):
    run = passes(batch, keep=0.5)
    for _ in range(3):
        event = next(run)
        assert (event.mask == event.mask_back).all() and (event.dx[~event.mask] == 0).all()
        assert max(run.check(sample) for sample in (0, 7, 31)) < 1e-6


def test_another_mask_in_the_backward_pass_is_found_out(batch):
    run = passes(batch, keep=0.5, redraw=True)
    event = next(run)
    assert (event.mask != event.mask_back).any() and abs(event.mask_back.mean() - 0.5) < 0.05
    assert min(run.check(sample) for sample in range(8)) > 0.1


def test_test_mode_is_the_identity(batch):
    run = passes(batch, keep=0.2, mode="test", redraw=True)
    event = next(run)
    assert event.keep == 1 and event.share == 1 and (event.dropped == event.x).all()
    assert run.check() < 1e-6
    assert next(run).loss == event.loss


def test_looking_again_moves_nothing(batch):
    run = passes(batch, keep=0.5)
    event = next(run)
    for again in (run.look(), run.look()):
        assert (again.mask == event.mask).all() and again.step == 1
    run.change(keep=0.25)
    less = run.look()
    assert (less.mask <= event.mask).all() and less.mask.sum() < event.mask.sum()  # the same draw, another bar


def test_means_begin_anew_where_p_changes(batch):
    run = passes(batch, keep=0.5)
    for _ in range(5):
        next(run)
    run.change(keep=1.0)
    assert next(run).mean_share == 1
    run.change(mode="test", redraw=True)
    assert next(run).share == 1 and run.last.keep == 1


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"keep": 0}, KeepProbabilityError, "keep = 0"),
        ({"mode": "learn"}, SettingError, "mode = 'learn'"),
        ({"x": np.ones((32, 5))}, ShapeError, r"x has shape \(32, 5\)"),
        ({"y": np.ones(5, int)}, ShapeError, r"y has shape \(5,\)"),
    ],
)
def test_what_is_not_allowed_is_refused(batch, change, error, says):
    settings = {"x": batch[0], "y": batch[1]} | change
    x, y = settings.pop("x"), settings.pop("y")
    with pytest.raises(error, match=says):
        passes((x, y), **settings)
    run = passes(batch)
    for name in ("keep", "mode"):
        if name in change:
            with pytest.raises(error, match=says):
                run.change(**change)
