"""Var[y] = d sigma^2 / 2 over fresh x and fresh w, within its standard error; one fixed w gives another number."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.initialization import OneLayer, fixed_weights_variance, one_layer_variance
from lab.analysis.initialization.one_layer import Tally
from lab.errors import SettingError


def drawn(blocks=100, **settings):
    layer = OneLayer(**settings)
    for _ in range(blocks):
        seen = next(layer)
    return layer, seen


@pytest.mark.parametrize(("d", "sigma"), [(1, 1.0), (16, 0.3), (128, 0.125), (200, 0.1)])
def test_the_variance_is_d_sigma_squared_over_2_within_four_standard_errors(d, sigma):
    layer, seen = drawn(d=d, sigma=sigma, seed=1)
    assert layer.law == one_layer_variance(d, sigma) == d * sigma**2 / 2
    assert seen.draws == 25_600 and abs(seen.variance - layer.law) < 4 * seen.error
    assert seen.error < (0.05 if d == 1 else 0.02) * layer.law


def test_sigma_sqrt_2_over_d_gives_variance_1():
    assert one_layer_variance(128, math.sqrt(2 / 128)) == pytest.approx(1)
    _, seen = drawn(d=128, sigma=math.sqrt(2 / 128))
    assert abs(seen.variance - 1) < 4 * seen.error < 0.05


def test_one_fixed_w_gives_another_number_and_0_73_is_among_them():
    """seeds.md saw 0.73: Var[y | w] = ||w||^2 (1/2 - 1/(2 pi)), about 0.68 and different for every w."""
    layer, seen = drawn(d=128, sigma=0.125)
    assert (np.abs(seen.fixed_variance - layer.fixed_law) < 4.5 * seen.fixed_error).all()
    assert seen.fixed_variance.mean() == pytest.approx(0.6817, abs=0.02)
    assert layer.fixed_law.min() < 0.6 < 0.73 < 0.8 < layer.fixed_law.max()
    assert np.mean(layer.fixed_law > layer.law) < 0.02  # hardly any w gives what fresh ones give
    assert layer.fixed_law == pytest.approx(fixed_weights_variance(layer.w))


def test_what_is_missing_is_the_variance_of_the_means():
    layer, seen = drawn(d=64, sigma=0.2, seed=2)
    between = 64 * 0.2**2 / (2 * math.pi)
    share = math.sqrt(2 / (len(seen.fixed_mean) - 1))  # relative standard error of a variance of 256 normal means
    assert abs(seen.between - between) < 4 * share * between
    assert seen.within + seen.between == pytest.approx(layer.law, rel=0.15)
    assert seen.within < 0.75 * layer.law


def test_standard_errors_are_honest():
    """Of 200 estimates, about 68 % lie within one standard error of the law."""
    off = [(s.variance - layer.law) / s.error for layer, s in (drawn(8, d=16, sigma=0.3, seed=k) for k in range(200))]
    assert 0.68 - 4 * math.sqrt(0.68 * 0.32 / 200) < np.mean(np.abs(off) < 1) < 0.68 + 4 * math.sqrt(0.68 * 0.32 / 200)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=40), st.integers(1, 2))
def test_a_tally_in_parts_is_the_tally_of_all(values, parts):
    y = np.array(values)[:, None]
    tally = Tally(1)
    for part in np.array_split(y, parts):
        tally.add(part)
    assert tally.mean[0] == pytest.approx(y.mean(), abs=1e-9)
    assert tally.variance[0] == pytest.approx(y.var(ddof=1), abs=1e-7)
    fourth = ((y - y.mean()) ** 4).mean() - y.var(ddof=1) ** 2
    assert tally.variance_error[0] ** 2 * len(y) == pytest.approx(max(fourth, 0), rel=1e-5, abs=1e-3)


def test_before_anything_was_drawn_nothing_is_known():
    seen = OneLayer().seen
    assert seen.draws == 0 and math.isnan(seen.variance) and seen.fresh.sum() == 0


def test_histograms_count_every_draw_and_a_change_counts_anew():
    layer, seen = drawn(4, d=16, sigma=0.3)
    assert seen.fresh.sum() == seen.draws == 1024 and (seen.fixed.sum(axis=1) == 1024).all()
    middle = (seen.edges[1:] + seen.edges[:-1]) / 2
    assert (seen.fresh @ middle**2) / 1024 == pytest.approx(seen.variance, rel=0.05)
    assert [n for n, _, _ in layer.trail] == [256, 512, 768, 1024]
    before = seen.fresh.copy()
    layer.change(sigma=0.6)
    again = next(layer)
    assert again.draws == 256 and layer.trail[0][0] == 256 and (seen.fresh == before).all()
    first = next(OneLayer(d=16, sigma=0.3))
    assert again.variance == pytest.approx(4 * first.variance)  # the same draws, twice as large


def test_seeds_are_other_draws():
    variances = [drawn(1, d=8, sigma=0.5, seed=seed)[1].variance for seed in (0, 0, 1)]
    assert variances[0] == variances[1] != variances[2]


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"d": 0}, "d = 0"), ({"sigma": 0.0}, "sigma = 0.0"), ({"sigma": -1}, "sigma = -1"),
        ({"sigma": math.inf}, "sigma = inf"), ({"block": 0}, "block = 0"), ({"seed": -1}, "seed = -1"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(given_, says):
    with pytest.raises(SettingError, match=says):
        OneLayer(**given_)
    if "d" in given_ or "sigma" in given_:
        with pytest.raises(SettingError, match=says):
            one_layer_variance(**{"d": 4, "sigma": 1.0} | given_)


def test_only_sigma_can_be_changed():
    layer = OneLayer(d=4)
    with pytest.raises(SettingError, match="d cannot be changed"):
        layer.change(d=5)
    with pytest.raises(SettingError, match="sigma = 0"):
        layer.change(sigma=0)
    assert layer.sigma == 0.125
