"""Statistics of shards: how far they spread, and what they do to the gradient."""

from itertools import islice

import numpy as np
import pytest

import lab
from lab.analysis.batchnorm import ShardsSeen, ShardStatistics, expected_spread
from lab.errors import SettingError, ShardError


def run(keep=1.0, batchnorm=True, widths=(64, 32, 16, 8, 10), **settings):
    net = lab.NN4(widths, keep, batchnorm, seed=3, dtype="float64", backend="reference")
    return ShardStatistics(net, lab.load("digits"), **settings)


def seen_of(shards, batches):
    """For each K the events of some batches."""
    seen = {K: [] for K in shards.shards}
    events = (event for event in shards if isinstance(event, ShardsSeen))
    for event in islice(events, batches * len(shards.shards)):
        seen[event.K].append(event)
    return seen


def test_without_batchnorm_splitting_is_rounding_and_with_it_is_not():
    for events in seen_of(run(batch=64), 2).values():
        assert max(event.without for event in events) < 1e-13
        assert all((event.distance == 0) if event.K == 1 else (event.distance > 0.05) for event in events)


def test_the_distance_grows_with_k_down_to_two_samples():
    shards = run(batch=64, widths=(64, 128, 64, 32, 10))
    assert shards.shards == (1, 2, 4, 8, 16, 32)
    seen_of(shards, 4)
    middle = [np.median(shards.distances[K]) for K in shards.shards]
    assert middle == sorted(middle) and shards.last[32].rows == 2 and middle[-1] > 0.5


def test_means_of_shards_spread_as_samples_without_putting_back_do():
    for K, events in seen_of(run(batch=64), 30).items():
        expected = expected_spread(64, 64 // K)
        measured = np.sqrt(np.mean([event.spread**2 for event in events]))
        # 30 batches of K - 1 free means, some ten independent units at least: 4 standard errors of a variance.
        error = 4 / np.sqrt(2 * 30 * max(K - 1, 1) * 10)
        assert measured == pytest.approx(expected, rel=error, abs=1e-12), K


def test_shard_statistics_belong_to_the_whole():
    """The mean of the means is the whole mean; whole variance = mean variance + variance of the means."""
    for K, (event,) in seen_of(run(batch=64), 1).items():
        assert event.mean.shape == (K, 32)
        np.testing.assert_allclose(event.mean.mean(axis=0), event.whole_mean, atol=1e-12)
        np.testing.assert_allclose(event.var.mean(axis=0) + event.mean.var(axis=0), event.whole_var, atol=1e-12)


def test_the_gradient_is_that_of_a_round_of_training():
    """As lab.train computes it for K shards: the distance is that of its gradients."""
    shards = run(batch=32, shards=(1, 4))
    (event,) = seen_of(shards, 1)[4]
    net, data = shards.net, shards.data
    parts = [net.loss_gradient(data.train_x[part], data.train_y[part])[1] for part in np.array_split(shards.rows, 4)]
    whole = net.loss_gradient(data.train_x[shards.rows], data.train_y[shards.rows])[1]
    assert event.distance == pytest.approx(np.linalg.norm(np.mean(parts, axis=0) - whole) / np.linalg.norm(whole))


def test_expected_spread_ends_at_nought_and_at_one():
    assert expected_spread(64, 64) == 0 and expected_spread(64, 1) == 1 and expected_spread(1, 1) == 0


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"batch": 1}, ShardError, "batch = 1"),
        ({"batch": 64, "shards": (1, 64)}, ShardError, "K = 64 leaves a mini-batch of 1 row"),
        ({"keep": 0.5}, SettingError, "dropout off"),
        ({"batchnorm": False}, SettingError, "switch batchnorm on"),
    ],
)
def test_what_is_not_allowed_is_refused(settings, error, says):
    with pytest.raises(error, match=says):
        run(**settings)
