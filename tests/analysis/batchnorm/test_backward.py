"""The backward pass of batchnorm in its parts: they are the paper's, their sum is the layer's gradient."""

import numpy as np
import pytest

import lab
from lab.analysis.batchnorm import BatchnormBackward, batchnorm_terms
from lab.analysis.batchnorm.backward import STAGES
from lab.errors import SettingError, ShardError
from lab.layers import batchnorm, batchnorm_grad
from tests.gradients import central_differences, distance


def run(**settings):
    net = lab.NN4((64, 32, 16, 8, 10), keep=0.8, seed=3, dtype="float64", backend="reference")
    return BatchnormBackward(net, lab.load("digits"), **settings)


@pytest.mark.parametrize("seed", range(20))
def test_the_terms_add_up_to_the_gradient(seed):
    rng = np.random.default_rng(seed)
    n, d = rng.integers(2, 10), rng.integers(1, 6)
    x, dy, gamma, beta = rng.normal(size=(n, d)), rng.normal(size=(n, d)), rng.normal(size=d), rng.normal(size=d)
    _, cache = batchnorm(x, gamma, beta)
    terms = batchnorm_terms(dy, cache)
    scale = np.linalg.norm(terms.direct)
    assert np.linalg.norm(terms.dx - batchnorm_grad(dy, cache)[0]) < 1e-12 * scale
    # Each part is the derivative with the others held: the direct one at fixed mean and variance, ...
    np.testing.assert_allclose(terms.direct, dy * gamma / np.sqrt(x.var(axis=0) + 1e-5))
    np.testing.assert_allclose(terms.dvar, _by_statistic(x, dy, gamma, "var"), rtol=1e-5, atol=1e-7 * scale)
    np.testing.assert_allclose(terms.dmean, _by_statistic(x, dy, gamma, "mean"), rtol=1e-5, atol=1e-7 * scale)
    np.testing.assert_allclose(terms.by_mean.sum(axis=0), terms.dmean)


def _by_statistic(x, dy, gamma, which):
    """Central differences of sum(dy y) by the mean or the variance, the other one and x held."""
    held = {"mean": x.mean(axis=0), "var": x.var(axis=0)}
    one = np.ones(x.shape[1])

    def per_unit():
        return (dy * gamma * (x - held["mean"]) / np.sqrt(held["var"] + 1e-5)).sum(axis=0)

    h = 1e-6 * (one if which == "mean" else held["var"] + 1e-5)
    held[which] = held[which] + h
    above = per_unit()
    held[which] = held[which] - 2 * h
    return (above - per_unit()) / (2 * h)


def test_the_layers_gradient_meets_central_differences():
    rng = np.random.default_rng(0)
    x, dy, gamma, beta = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=3)
    terms = batchnorm_terms(dy, batchnorm(x, gamma, beta)[1])
    seen = central_differences(lambda: float((dy * batchnorm(x, gamma, beta)[0]).sum()), x)
    assert distance(terms.dx, seen) < 1e-6


def test_stages_follow_each_other_through_a_batch_and_then_comes_the_next():
    steps = run(batch=8)
    seen = [next(steps) for _ in range(2 * len(STAGES))]
    assert [event.stage for event in seen] == 2 * list(range(1, len(STAGES) + 1))
    assert [event.batch for event in seen] == len(STAGES) * [1] + len(STAGES) * [2]
    assert len(seen[0].x) == 8 and (seen[0].x != seen[-1].x).any()


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_units_numbers_are_those_of_the_net(layer):
    steps = run(layer=layer, batch=16)
    t = steps._seen.trace
    for _ in range(3):
        event = next(steps)
        assert event.off < 1e-12 and event.off_differences < 1e-6
        np.testing.assert_allclose(event.dz, np.where(event.x > 0, event.terms.dx[:, 0], 0), atol=1e-18)
        assert event.dgamma == pytest.approx((event.dy * event.x_hat).sum())
        assert event.dbeta == pytest.approx(event.dy.sum())
    column = t[f"relu{layer}"].var(axis=0).argmax()
    np.testing.assert_allclose(event.dz, t[f"dz{layer}"][:, column], atol=1e-12 * np.abs(event.dz).max())


def test_of_two_samples_next_to_nothing_is_left():
    """x_hat is +-1 then: whatever dy says is taken back through mean and variance, but for eps."""
    steps = run(batch=2)
    event = next(steps)
    terms = event.terms
    assert np.abs(terms.direct).max() > 1e-3
    assert np.abs(terms.dx).max() < 1e-2 * np.abs(terms.direct).max()
    shrinks = 1e-5 / (event.var + 1e-5)
    np.testing.assert_allclose(
        np.abs(terms.dx[:, 0]).max(), shrinks * np.abs(np.diff(terms.direct[:, 0])) / 2, rtol=1e-6
    )


def test_units_and_layers_change_at_once_and_a_batch_size_begins_a_batch():
    steps = run(batch=8)
    first = next(steps)
    steps.change(unit=2)
    assert steps.last.stage == 1 and (steps.last.dz != first.dz).any() and steps.last.var <= first.var
    steps.change(batch=4)
    assert steps.last.stage == 0 and steps.last.batch == 2 and len(steps.last.x) == 4


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"batch": 1}, ShardError, "batch = 1 has no variance"),
        ({"batch": 65}, SettingError, "batch = 65"),
        ({"layer": 0}, SettingError, "layer = 0"),
        ({"unit": 33}, SettingError, "unit = 33"),
    ],
)
def test_what_is_not_allowed_is_refused(change, error, says):
    with pytest.raises(error, match=says):
        run(**change)
    steps = run()
    with pytest.raises(error, match=says):
        steps.change(**change)
    assert steps.layer == 1 and steps.unit == 1 and steps.batch == 8


def test_a_net_without_batchnorm_is_refused():
    with pytest.raises(SettingError, match="batchnorm is off"):
        BatchnormBackward(lab.NN4((64, 8, 8, 8, 10), batchnorm=False), lab.load("digits"))
