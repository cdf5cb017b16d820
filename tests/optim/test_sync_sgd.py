"""Synchronous SGD against its mathematics: the mean of K gradients at the same weights, and one step."""

import numpy as np
import pytest

import lab
from lab.errors import LabelError, NotFiniteError, SettingError, ShardError, StepSizeError
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import sync_sgd_round
from lab.workers import Round, make_workers
from tests.gradients import distance
from tests.models.nets import batch, shaken, small_net


def averaged(net, x, y, K, workers="serial", step=3):
    """Mean gradient of one round by workers, without the step."""
    team = make_workers(workers)
    work = team.gradients(Round(net, x, y, np.arange(len(x)), step, K))
    try:
        while True:
            next(work)
    except StopIteration as end:
        return end.value
    finally:
        team.close()


@pytest.mark.parametrize("backend", ["reference", "cpu"])
@pytest.mark.parametrize("keep", [1.0, 0.6])
@pytest.mark.parametrize("K", range(1, 17))
def test_the_averaged_gradient_is_the_full_one_without_batchnorm(K, keep, backend):
    net = shaken(small_net(keep, batchnorm=False, backend=backend))
    x, y, _ = batch(net, samples=37)
    loss, full, _ = net.loss_gradient(x, y, 3, np.arange(37))
    outcome = averaged(net, x, y, K)
    assert outcome.loss == pytest.approx(loss, rel=1e-12)
    for name, view in net.views(full).items():
        assert distance(net.views(outcome.grad.copy())[name], view) < 1e-12, name


def test_with_batchnorm_it_is_not_because_statistics_are_per_mini_batch():
    net = shaken(small_net(keep=1.0))
    x, y, _ = batch(net, samples=40)
    _, full, _ = net.loss_gradient(x, y, 3)
    assert distance(averaged(net, x, y, 1).grad, full) < 1e-14
    assert distance(averaged(net, x, y, 8).grad, full) > 1e-2


def test_every_mini_batch_sees_the_weights_of_the_round_before():
    """One round equals one step along the mean; stepping after every mini-batch would end elsewhere."""
    net, other = (shaken(small_net(batchnorm=False)) for _ in range(2))
    x, y, _ = batch(net, samples=30)
    before = net.params.copy()
    _, full, _ = net.loss_gradient(x, y, 0)
    lab.sync_sgd(net, x, y, delta=0.5, K=3, rounds=1)
    assert distance(net.params, before - 0.5 * full) < 1e-14
    for k in range(3):
        part = slice(10 * k, 10 * k + 10)
        _, grad, _ = other.loss_gradient(x[part], y[part], 0, np.arange(30)[part])
        other.params -= 0.5 / 3 * grad
    assert distance(net.params, other.params) > 1e-4


def test_running_statistics_copy_the_first_round_and_move_by_a_tenth():
    net = shaken(small_net(keep=1.0))
    x, y, _ = batch(net, samples=31)
    K = 4
    expected = np.zeros_like(net.running)
    for part in np.array_split(np.arange(31), K):
        _, _, stats = net.loss_gradient(x[part], y[part])
        n = len(part)
        for name, view in net.running_views(stats).items():
            net.running_views(expected)[name][:] += n / 31 * view * (n / (n - 1) if "var" in name else 1)
    weights = net.params.copy()
    lab.sync_sgd(net, x, y, 1e-9, K, 1)
    np.testing.assert_allclose(net.running, expected, rtol=1e-12)
    net.running[:] = 1.0
    net.params[:] = weights
    lab.sync_sgd(net, x, y, 1e-9, K, 1)
    np.testing.assert_allclose(net.running, 1.0 + 0.1 * (expected - 1.0), rtol=1e-6)
    assert net.running_rounds == 2


def test_it_learns():
    net = NN4((2, 16, 16, 16, 1), keep=1.0, seed=1, dtype="float64", backend="reference")
    x = np.random.default_rng(0).standard_normal((200, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    losses = lab.sync_sgd(net, x, y, delta=0.5, K=4, rounds=100)
    assert losses.shape == (100,)
    assert losses[-10:].mean() < 0.25 < losses[0]
    assert ((net(x)[:, 0] > 0.5) == y).mean() > 0.9


def test_two_calls_go_on_where_one_would():
    a, b = (small_net(keep=0.5, backend="cpu") for _ in range(2))
    x, y, _ = batch(a, samples=30)
    lab.sync_sgd(a, x, y, 0.1, 3, 6)
    lab.sync_sgd(b, x, y, 0.1, 3, 2)
    lab.sync_sgd(b, x, y, 0.1, 3, 4)
    assert a.sha256() == b.sha256()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"K": 0}, ShardError, "K = 0"),
        ({"K": 41}, ShardError, "K <= 40"),
        ({"K": 21}, ShardError, "K <= 20"),
        ({"K": 2.0}, ShardError, "K = 2.0"),
        ({"delta": -1}, StepSizeError, "delta = -1"),
        ({"delta": float("nan")}, StepSizeError, "delta = nan"),
        ({"delta": float("inf")}, StepSizeError, "delta = inf"),
        ({"rounds": 0}, SettingError, "rounds = 0"),
        ({"y": np.full(40, 9)}, LabelError, "0 to 2"),
        ({"X": np.full((40, 7), np.nan)}, NotFiniteError, r"\[0, 0\]"),
    ],
)
def test_wrong_input_is_refused_before_anything_changes(change, error, message):
    net = small_net()
    x, y, _ = batch(net, samples=40)
    before = net.sha256()
    arguments = {"X": x, "y": y, "delta": 0.1, "K": 4, "rounds": 1} | change
    with pytest.raises(error, match=message):
        lab.sync_sgd(net, **arguments)
    assert net.sha256() == before


@pytest.mark.parametrize("backend", ["reference", "cpu"])
def test_a_step_too_large_is_noticed_and_the_last_good_weights_stay(backend):
    net = shaken(small_net(keep=1.0, batchnorm=False, backend=backend))
    x, y, _ = batch(net, samples=40)
    net.params *= 1e150
    before = net.sha256()
    task = Round(net, x, y, np.arange(40), 0, 4)
    with pytest.raises(NotFiniteError, match="smaller delta"):  # and no RuntimeWarning, which is an error here
        for _ in sync_sgd_round(task, 0.1, make_workers("serial")):
            pass
    assert net.sha256() == before
