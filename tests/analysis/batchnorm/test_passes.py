"""Batches at a batchnorm: what it makes of them, and what test mode makes of them."""

import numpy as np
import pytest

import lab
from lab.analysis.batchnorm import BatchnormPasses
from lab.errors import SettingError, ShardError, StepSizeError


def small_net(**settings):
    return lab.NN4(
        (64, 32, 16, 8, 10), **{"keep": 1.0, "seed": 3, "dtype": "float64", "backend": "reference"} | settings
    )


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def test_after_batchnorm_every_unit_has_the_mean_beta_and_the_deviation_gamma(data):
    run = BatchnormPasses(small_net(), data, layer=2, batch=64, gamma=-1.5, beta=0.25, eps=1e-30)
    seen = next(run)
    varies = seen.before.var(axis=0) > 0
    assert varies.sum() > 8
    np.testing.assert_allclose(seen.after[:, varies].mean(axis=0), 0.25, atol=1e-12)
    np.testing.assert_allclose(seen.after[:, varies].std(axis=0), 1.5, rtol=1e-12)
    np.testing.assert_allclose(seen.var, seen.before.var(axis=0), atol=1e-15)  # population variance
    assert (seen.after[:, ~varies] == 0.25).all() or varies.all()


def test_eps_shrinks_the_deviation_by_the_known_factor(data):
    seen = next(BatchnormPasses(small_net(), data, batch=64, eps=0.5))
    np.testing.assert_allclose(seen.after.std(axis=0), np.sqrt(seen.var / (seen.var + 0.5)), atol=1e-12)


def test_two_samples_become_plus_and_minus_one(data):
    run = BatchnormPasses(small_net(), data, batch=2, eps=1e-12)
    values = np.concatenate([next(run).after.ravel() for _ in range(20)])
    assert {-1.0, 0.0, 1.0} == set(np.round(values, 4))
    assert abs((np.abs(values) > 0.5).mean() - 0.5) < 0.45 and (values > 0.5).sum() == (values < -0.5).sum()


def test_one_sample_is_refused_and_nothing_is_changed(data):
    run = BatchnormPasses(small_net(), data, batch=8)
    with pytest.raises(ShardError, match=r"batch = 1 has no variance.*at least 2"):
        run.change(batch=1, gamma=3.0)
    assert run.batch == 8 and run.gamma == 1 and len(next(run).before) == 8


def test_running_statistics_follow_the_rule_of_training(data):
    """The first batch is copied with N/(N-1), later ones count 0.1: as lab.train does it."""
    run = BatchnormPasses(small_net(), data, layer=1, batch=32)
    first = next(run)
    np.testing.assert_allclose(first.running_mean, first.mean)
    np.testing.assert_allclose(first.running_var, first.var * 32 / 31)
    second = next(run)
    np.testing.assert_allclose(second.running_mean, 0.9 * first.mean + 0.1 * second.mean)
    np.testing.assert_allclose(second.running_var, (0.9 * first.var + 0.1 * second.var) * 32 / 31)


def test_test_mode_takes_the_running_statistics(data):
    net = small_net()
    run = BatchnormPasses(net, data, layer=1, batch=16, gamma=2.0)
    for _ in range(5):
        seen = next(run)
    rows = run._rows
    np.testing.assert_allclose(seen.tested, net.trace(data.train_x[rows], "test")["y1"], rtol=1e-6)


def test_delta_0_keeps_the_weights_and_another_one_learns_around_gamma_and_beta(data):
    net = small_net()
    start = net.params.copy()
    run = BatchnormPasses(net, data, layer=2, batch=64, gamma=0.5, beta=1.0)
    losses = [next(run).step for _ in range(3)]
    assert losses == [1, 2, 3]
    views, before = net.views(net.params), net.views(start)
    assert all((views[f"W{i}"] == before[f"W{i}"]).all() for i in (1, 2, 3, 4))
    run.change(delta=0.3)
    loss = net.loss_gradient(data.train_x, data.train_y)[0]
    for _ in range(30):
        next(run)
    assert net.loss_gradient(data.train_x, data.train_y)[0] < 0.5 * loss
    assert (views["gamma2"] == 0.5).all() and (views["beta2"] == 1).all() and (views["gamma1"] != 1).any()


def test_looking_again_changes_nothing(data):
    run = BatchnormPasses(small_net(), data, batch=16)
    assert run.last.step == 0 and len(run.last.before) == 16
    seen, running = next(run), run.net.running.copy()
    for _ in range(2):
        np.testing.assert_array_equal(run.look().before, seen.before)
    run.change(batch=4)
    np.testing.assert_allclose(run.look().before, seen.before[:4])
    run.change(batch=40)
    np.testing.assert_allclose(run.look().before[:4], seen.before[:4])
    assert run.look().before.shape == (40, 32) and (run.net.running == running).all() and run.step == 1


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"layer": 4}, SettingError, "layer = 4"),
        ({"batch": 0}, SettingError, "batch = 0"),
        ({"batch": 5000}, SettingError, "batch = 5000"),
        ({"delta": -1.0}, StepSizeError, "delta = -1"),
        ({"eps": 0.0}, SettingError, "eps above 0"),
        ({"gamma": np.nan}, SettingError, "finite"),
    ],
)
def test_what_is_not_allowed_is_refused(data, change, error, says):
    with pytest.raises(error, match=says):
        BatchnormPasses(small_net(), data, **change)
    run = BatchnormPasses(small_net(), data)
    with pytest.raises(error, match=says):
        run.change(**change)
    assert run.layer == 1 and run.batch == 64 and run.delta == 0 and run.net.eps == 1e-5


def test_a_net_without_batchnorm_is_refused(data):
    with pytest.raises(SettingError, match="batchnorm is off"):
        BatchnormPasses(small_net(batchnorm=False), data)
