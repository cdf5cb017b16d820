"""Moments over masks: what the scaling keeps, within stated standard errors, and what it does not."""

import numpy as np
import pytest
from scipy.special import ndtr

from lab import rng
from lab.analysis.dropout import DropoutMoments, normal_layer, relu_mean_if_normal
from lab.errors import KeepProbabilityError, NotFiniteError, SettingError, ShapeError


def seen_after(moments, passes):
    return next(seen for seen in moments if seen.passes >= passes)


def layer(seed=0, inputs=64, outputs=32):
    return normal_layer(seed, inputs, outputs)


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_inverted_dropout_keeps_the_mean_of_units_and_sums(keep):
    """E[out] = x: no unit and no sum is more than four standard errors off."""
    seen = seen_after(DropoutMoments(*layer(), keep, seed=1), 2048)
    assert seen.passes == 2048
    assert seen.unit.share_within(4) == seen.z.share_within(4) == 1
    assert abs(seen.unit.off).max() > 0.5  # and the errors are no looser than they have to be


def test_about_68_percent_of_the_units_lie_within_one_standard_error():
    """Over 20 layers of 256 units: 68.3 % +- 4 standard errors of that share itself."""
    shares = [
        seen_after(DropoutMoments(*layer(seed, 256, 4), 0.5, seed=seed), 512).unit.share_within() for seed in range(20)
    ]
    normal = ndtr(1) - ndtr(-1)
    # In 512 passes a share of 1/2 comes in whole steps of 0.09 standard errors, some of which is on the border.
    assert abs(np.mean(shares) - normal) < 4 * np.sqrt(normal * (1 - normal) / 5120) + 0.035 / 2


def test_the_mean_of_relu_is_not_kept_and_is_what_a_bell_would_give():
    moments = DropoutMoments(*layer(), 0.5, seed=1)
    seen = seen_after(moments, 5120)
    relu, z = seen.relu, seen.z
    assert relu.share_within(4) < 0.5
    assert (relu.mean - relu.without > -4 * relu.standard_error).all()  # Jensen: never below, but by chance
    expected = relu_mean_if_normal(z.without, z.std)
    middle = np.abs(z.without) < z.std
    assert np.abs(relu.mean - expected)[middle].max() < 0.03 * z.std.max()


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.8])
def test_without_the_factor_means_shrink_by_p(keep):
    seen = seen_after(DropoutMoments(*layer(), keep, inverted=False, seed=1), 2048)
    for moments in (seen.unit, seen.z):
        error = np.where(moments.std > 0, moments.standard_error, 1)
        assert (np.abs(moments.mean - keep * moments.without) <= 4 * error).all()
    assert seen.unit.share_within(4) == 0


@pytest.mark.parametrize("inverted", [True, False])
def test_closed_deviations_are_those_of_the_passes(inverted):
    """The sample's deviation over 4,096 passes is within 8 % of the closed form, for units and for sums."""
    x, W = layer()
    moments = DropoutMoments(x, W, 0.4, inverted, seed=3, block=4096)
    bits = rng.words(3, np.arange(4096), len(x), rng.FREE_PASSES)
    unit = x * (bits < rng.keep_threshold(0.4)) / (0.4 if inverted else 1)
    seen = next(moments)
    np.testing.assert_allclose(seen.unit.mean, unit.mean(axis=0))
    np.testing.assert_allclose(seen.unit.std, unit.std(axis=0), rtol=0.08)
    np.testing.assert_allclose(seen.z.std, (unit @ moments.W).std(axis=0), rtol=0.08)


def test_a_unit_has_two_bars_and_a_sum_a_bell():
    seen = seen_after(DropoutMoments(*layer(), 0.3, seed=1), 2048)
    for unit in range(5):
        filled = np.flatnonzero(seen.unit.counts[unit])
        assert list(filled) == [0, seen.unit.counts.shape[1] - 1]
        assert seen.unit.edges[unit, -1] == pytest.approx(seen.unit.without[unit] / 0.3)
        assert abs(seen.unit.counts[unit, -1] / 2048 - 0.3) < 4 * np.sqrt(0.21 / 2048)
    assert (seen.z.counts > 0).sum(axis=1).min() > 15
    assert (seen.z.counts.sum(axis=1) == 2048).all() and (seen.relu.counts.sum(axis=1) == 2048).all()


def test_keep_1_varies_nothing():
    seen = next(DropoutMoments(*layer(), 1.0))
    np.testing.assert_allclose(seen.z.mean, seen.z.without)
    assert seen.z.std.max() == 0 and seen.unit.share_within() == 1


def test_a_change_begins_to_count_anew_and_events_of_before_stay_as_they_were():
    moments = DropoutMoments(*layer(), 0.5)
    before = next(moments)
    counts = before.z.counts.copy()
    moments.change(keep=0.9)
    assert moments.seen.passes == 0 and next(moments).passes == 64
    assert (before.z.counts == counts).all() and before.passes == 64
    moments.change(inverted=False)
    assert next(moments).unit.mean.mean() < before.unit.mean.mean()


def test_the_same_seed_gives_the_same_passes_and_another_one_others():
    means = [seen_after(DropoutMoments(*layer(), 0.5, seed=seed), 192).z.mean for seed in (5, 5, 6)]
    assert (means[0] == means[1]).all() and (means[0] != means[2]).any()


def test_sums_are_sorted_by_mean_over_deviation():
    z = DropoutMoments(*layer(), 0.5).seen.z
    assert (np.diff(z.without / z.std) >= 0).all()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"keep": 1.5}, KeepProbabilityError, r"keep = 1.5"),
        ({"block": 0}, SettingError, r"block = 0"),
        ({"seed": -1}, SettingError, r"seed = -1"),
        ({"x": np.ones(3)}, ShapeError, r"x has shape \(3,\)"),
        ({"x": np.full(64, np.nan)}, NotFiniteError, r"x holds nan"),
        ({"W": np.full((64, 2), np.inf)}, NotFiniteError, r"W holds inf"),
    ],
)
def test_what_is_not_allowed_is_refused(change, error, says):
    x, W = layer()
    with pytest.raises(error, match=says):
        DropoutMoments(**{"x": x, "W": W} | change)


@pytest.mark.parametrize(
    "sizes", [{"inputs": 0, "outputs": 3}, {"inputs": 3, "outputs": -1}, {"inputs": 2.5, "outputs": 3}]
)
def test_a_layer_without_units_is_refused(sizes):
    with pytest.raises(SettingError, match=r"(in|out)puts = "):
        normal_layer(seed=0, **sizes)
