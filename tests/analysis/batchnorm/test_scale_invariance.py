"""The length of a unit's weights does not matter where batchnorm follows: what is exact in it, and what is not."""

from itertools import pairwise

import numpy as np
import pytest

import lab
from lab.analysis.batchnorm import ScaleInvariance
from lab.errors import KeepProbabilityError, SettingError, ShardError, StepSizeError


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def run(data, batchnorm=True, keep=1.0, **settings):
    net = lab.NN4((64, 32, 16, 8, 10), keep=keep, batchnorm=batchnorm, seed=3, dtype="float64", backend="reference")
    return ScaleInvariance(net, data, keep=keep, **settings)


@pytest.mark.parametrize("keep", [1.0, 0.6])
@pytest.mark.parametrize("eps", [1e-5, 1e-2, 1.0])
def test_the_inner_product_obeys_its_law_for_every_eps_and_mask(data, keep, eps):
    seen = None
    steps = run(data, keep=keep, eps=eps, batch=32)
    for _ in range(5):
        seen = next(steps)
    for layer in (1, 2, 3):
        found = seen.alignment[layer]
        assert len(found.inner) > 3
        assert np.abs(found.inner - found.law).max() < 1e-12 * found.norms.max()
    assert np.abs(seen.alignment[1].cosine).max() > 1e-9  # for these eps it is not nothing


def test_without_eps_the_gradient_is_at_a_right_angle_up_to_rounding(data):
    seen = next(run(data, eps=1e-30, batch=512))
    for layer in (1, 2, 3):
        assert np.abs(seen.alignment[layer].cosine).max() < 1e-13
    assert seen.alignment[4].law is None and np.abs(seen.alignment[4].cosine).max() > 1e-2


def test_without_batchnorm_there_is_no_right_angle(data):
    seen = next(run(data, batchnorm=False))
    assert seen.alignment[1].law is None and np.abs(seen.alignment[1].cosine).max() > 1e-2


def test_the_loss_does_not_know_the_length_of_the_weights(data):
    steps = run(data, eps=1e-12, keep=0.8)
    next(steps)
    for layer in (1, 2, 3):
        assert steps.loss_of(layer, 10.0) == pytest.approx(steps.loss_of(layer, 0.1), rel=1e-6)
    assert abs(steps.loss_of(4, 10.0) - steps.loss_of(4, 1.0)) > 0.1
    assert steps.loss_of(1, 1.0) == next(steps).loss  # of the batch that comes, with its masks
    steps.change(eps=1.0)
    assert abs(steps.loss_of(1, 0.01) - steps.loss_of(1, 1.0)) > 0.01


def test_squared_lengths_grow_by_the_squares_of_the_steps(data):
    steps = run(data, eps=1e-12, delta=0.5)
    squared = []
    for _ in range(40):
        seen = next(steps)
        squared.append(seen.squared[2])
    assert all(a < b for a, b in pairwise(squared))
    for layer in (1, 2, 3):
        assert seen.predicted[layer] == pytest.approx(seen.squared[layer], rel=1e-9)
    assert seen.predicted[4] != pytest.approx(seen.squared[4], rel=1e-3)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"eps": 0.0}, SettingError, "eps = 0"),
        ({"delta": 0.0}, StepSizeError, "delta = 0"),
        ({"keep": 1.5}, KeepProbabilityError, "keep = 1.5"),
    ],
)
def test_what_is_not_allowed_is_refused(data, change, error, says):
    steps = run(data)
    with pytest.raises(error, match=says):
        steps.change(**change)
    assert steps.eps == 1e-5 and steps.delta == 0.1 and steps.net.keep == 1


def test_one_row_and_a_fifth_layer_are_refused(data):
    with pytest.raises(ShardError, match="batch = 1"):
        run(data, batch=1)
    with pytest.raises(SettingError, match="layer = 5"):
        run(data).loss_of(5, 1.0)
