"""The figures of exercise 8 of EPFL: flat at sqrt(2/d), bands over seeds, batchnorm's growth; and the laws behind."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.analysis.initialization import NetSeen, ScaleSweep, ThroughLayers, moments, wide_network
from lab.analysis.initialization.deep_layer import ACTIVATIONS
from lab.errors import SettingError

NETS = 24
EACH = pytest.mark.parametrize("activation", ACTIVATIONS)


def seen(nets=NETS, **settings):
    run = ThroughLayers(**settings)
    for _ in range(nets):
        run.look()
    return run


def test_relu_at_sqrt_2_over_d_is_flat_as_a_band_over_24_networks():
    """Depth 32, width 128: activations and deltas neither vanish nor explode, though single nets range widely."""
    run = seen()
    for field in ("sizes", "deltas"):
        logs = np.log(run.all(field))
        slope = (logs[:, -1] - logs[:, 0]) / (logs.shape[1] - 1)  # a layer, in logarithms
        error = slope.std(ddof=1) / math.sqrt(NETS)
        assert abs(slope.mean()) < 0.012 and 0 < error < 0.006
    last = run.all("sizes")[:, -1]
    assert last.min() < 0.6 and last.max() > 1.5  # one network is not the law
    assert run.law.activations == pytest.approx(np.ones(33))


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_other_scales_vanish_or_explode_by_sqrt_of_half_the_scale_a_layer(scale):
    run = seen(8, scale=scale)
    factor = math.sqrt(scale / 2)
    last, first = run.all("sizes")[:, -1], run.all("deltas")[:, 0]
    assert (last ** (1 / 32)).mean() == pytest.approx(factor, rel=0.03)
    assert (first ** (1 / 32)).mean() == pytest.approx(factor, rel=0.03)


def test_with_batchnorm_activations_are_flat_and_gradients_grow_about_1_2_a_layer():
    """seeds.md: about 1.2x; in theory sqrt(pi / (pi - 1)) = 1.211, at every scale."""
    assert math.sqrt(math.pi / (math.pi - 1)) == pytest.approx(1.211, abs=1e-3)
    for scale in (0.5, 2.0, 8.0):
        run = seen(12, batchnorm=True, scale=scale)
        sizes, deltas = run.all("sizes")[:, 1:], run.all("deltas")
        assert np.abs(sizes / math.sqrt(0.5) - 1).max() < 0.03
        growth = (deltas[:, 0] / deltas[:, -1]) ** (1 / 31)
        assert growth.min() > 1.18 and growth.max() < 1.25 and growth.mean() == pytest.approx(1.211, abs=0.015)


@EACH
@pytest.mark.parametrize("batchnorm", [False, True])
def test_wide_networks_follow_the_law(activation, batchnorm):
    """Width 256, depth 8, 12 networks: median sizes are within 6 % of those of an infinitely wide network."""
    run = seen(12, depth=8, width=256, scale=1.5, activation=activation, batchnorm=batchnorm)
    assert run.band("sizes")[0] == pytest.approx(run.law.activations, rel=0.06)
    # Batchnorm's gradient loses what goes along the mean and along x_hat: a few % at 64 rows.
    assert run.band("deltas")[0] == pytest.approx(run.law.deltas, rel=0.12 if batchnorm else 0.08)


def test_the_mean_square_of_relu_is_exact_at_any_width():
    """Depth 4, width 16, 500 networks: E[x_l^2] = 1 at every layer, within four standard errors."""
    run = seen(500, depth=4, width=16, rows=4)
    squares = run.all("sizes") ** 2
    error = squares.std(axis=0, ddof=1) / math.sqrt(len(squares))
    assert (np.abs(squares.mean(axis=0) - 1) < 4 * error).all() and error[-1] < 0.06


def test_sigmoid_keeps_its_activations_and_loses_its_gradient():
    run = seen(4, activation="sigmoid", scale=1.0)
    assert (run.all("sizes")[:, -1] > 0.45).all() and (run.all("deltas")[:, 0] < 1e-18).all()


def test_zeros_give_zeros_and_have_no_law():
    for activation in ACTIVATIONS:
        run = seen(2, weights="zeros", activation=activation, depth=4, width=8)
        assert run.law is None and (run.all("deltas")[:, :-1] == 0).all()
        assert (run.all("sizes")[:, 1:] == (0.5 if activation == "sigmoid" else 0)).all()


def test_only_the_variance_of_the_weights_counts():
    normal, uniform = (np.log(seen(16, weights=how, depth=8).all("sizes")[:, -1]) for how in ("normal", "uniform"))
    error = math.sqrt((normal.var(ddof=1) + uniform.var(ddof=1)) / 16)
    assert abs(normal.mean() - uniform.mean()) < 4 * error


def test_the_band_holds_all_networks_and_a_change_begins_with_the_first_again():
    run = ThroughLayers(depth=4, width=16)
    assert run.band("sizes") is None and run.last is None
    first = run.look()
    assert isinstance(first, NetSeen) and first.number == 1
    run.look()
    middle, low, high = run.band("sizes")
    assert (low <= middle).all() and (middle <= high).all() and (low < high).any() and run.seen == 2
    run.change(scale=4.0)
    again = run.look()
    assert again.number == run.seen == 1
    assert again.passed.sizes[-1] == pytest.approx(4 * first.passed.sizes[-1])  # the same draws, sqrt(2)^4 as large


@given(st.sampled_from(list(ACTIVATIONS)), st.floats(0.01, 100))
@settings(max_examples=40, deadline=None)
def test_moments_are_those_of_a_sample(activation, q):
    """Mean, square and squared slope, each within five standard errors of 20,000 draws."""
    u = math.sqrt(q) * np.random.default_rng(1).standard_normal(20_000)
    forward, backward = ACTIVATIONS[activation]
    phi, cache = forward(u)
    for value, sample in zip(moments(activation, q), (phi, phi**2, backward(np.ones_like(u), cache) ** 2), strict=True):
        assert abs(value - sample.mean()) < 5 * sample.std() / math.sqrt(len(u)) + 1e-12


@given(st.floats(0.05, 20), st.integers(1, 64))
def test_relu_and_linear_go_by_a_power_of_the_scale(scale, depth):
    for activation, share in (("relu", 0.5), ("linear", 1.0)):
        law = wide_network(activation, scale, depth)
        assert law.activations == pytest.approx((share * scale) ** (np.arange(depth + 1) / 2), rel=1e-9)
        expected = math.sqrt(share) * (share * scale) ** ((depth - np.arange(1, depth + 1)) / 2)
        assert law.deltas == pytest.approx(expected, rel=1e-9)


# ---- the sweep


@pytest.mark.parametrize(("activation", "flat"), [("relu", 2.0), ("linear", 1.0)])
def test_the_sweep_crosses_1_at_2_for_relu_and_at_1_for_linear(activation, flat):
    sweep = ScaleSweep(depth=16, width=128, activation=activation, scales=(0.5, 1.0, 2.0, 4.0))
    while len(sweep.nets) < 6:
        next(sweep)
    # One network's size at depth 16 may be off by a factor of 2, which is 2^(2/16) = 1.09 of its scale.
    assert sweep.crossing("activations") == pytest.approx(flat, rel=0.06)
    law = sweep.law("activations")
    assert np.interp(0, np.log(law), np.log(sweep.scales)) == pytest.approx(np.log(flat), abs=1e-9)
    factor = sweep.band("activations", a_layer=True)[0]
    assert factor == pytest.approx(np.sqrt(np.array(sweep.scales) / flat), rel=0.04)


def test_a_sweep_is_the_same_network_at_every_scale_and_ends_where_it_should():
    sweep = ScaleSweep(depth=4, width=16, scales=(4.0, 1.0))
    assert sweep.band("deltas") is None and sweep.crossing("deltas") is None and sweep.scales == (1.0, 4.0)
    while not sweep.nets:
        next(sweep)
    assert sweep.nets[0].activations[1] == pytest.approx(16 * sweep.nets[0].activations[0])
    sweep.change(activation="sigmoid")
    while not sweep.nets:
        next(sweep)
    assert sweep.crossing("activations") is None  # 0.5 and more at every scale, and never 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ThroughLayers(scale=0), "scale = 0"),
        (lambda: ThroughLayers(scale=float("nan")), "scale = nan"),
        (lambda: ThroughLayers(scale=True), "scale = True"),
        (lambda: ThroughLayers(activation="gelu"), "activation = 'gelu' is unknown"),
        (lambda: ThroughLayers(weights="ones"), "weights = 'ones' is unknown"),
        (lambda: ThroughLayers(depth=4).change(depth=5), "depth cannot be changed"),
        (lambda: ThroughLayers(depth=4).all("x"), "field = 'x' is unknown"),
        (lambda: ScaleSweep(scales=()), "at least one"),
        (lambda: ScaleSweep(scales=(1.0, -1.0)), "scale = -1.0"),
        (lambda: ScaleSweep(depth=2).change(scale=1.0), "scale cannot be changed"),
        (lambda: ScaleSweep(depth=2).law("top"), "end = 'top'"),
        (lambda: wide_network("relu", 2.0, 0), "depth = 0"),
        (lambda: moments("gelu", 1.0), "activation = 'gelu'"),
    ],
)
def test_what_is_not_allowed_is_refused(make, says):
    with pytest.raises(SettingError, match=says):
        make()


def test_a_refused_change_changes_nothing():
    run = ThroughLayers(depth=3, width=8)
    run.look()
    with pytest.raises(SettingError):
        run.change(scale=1.0, activation="gelu")
    assert (run.scale, run.activation, run.seen) == (2.0, "relu", 1)
