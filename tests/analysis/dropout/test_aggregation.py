"""Model aggregation: T masked networks against the whole one."""

from itertools import pairwise

import numpy as np
import pytest

import lab
from lab.analysis.dropout import Aggregation, Member
from lab.errors import SettingError, ShapeError
from lab.events import Waiting


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def net(outputs=10, **settings):
    usual = {"keep": 0.8, "batchnorm": False, "bias": True, "seed": 1}
    return lab.NN4((64, 32, 32, 32, outputs), **usual | settings)


def members(run):
    return [event for event in run if isinstance(event, Member)]


@pytest.fixture(scope="module")
def learned(data):
    run = Aggregation(net(), data, epochs=12, most=128)
    return run, list(run)


def test_it_learns_first_and_then_asks_one_masked_network_after_the_other(learned):
    run, events = learned
    waits = [event for event in events if isinstance(event, Waiting)]
    assert waits and events[: len(waits)] == waits
    assert min(w.done for w in waits) >= 0 and max(w.done for w in waits) == 1
    assert [event.number for event in events[len(waits) :]] == list(range(1, 129))
    assert run.whole_score.error < 0.25  # guessing is 0.9


def test_masked_networks_differ_and_their_mean_is_the_mean_of_the_last(learned):
    run, events = learned
    last = [event.probabilities for event in events[-5:]]
    assert all((a != b).any() for a, b in pairwise(last))
    np.testing.assert_allclose(run.mean(5), np.mean(last, axis=0))
    np.testing.assert_allclose(run.mean(500), run.mean(64))
    np.testing.assert_allclose(run.mean(64).sum(axis=1), 1, rtol=1e-6)


def test_ensembles_of_each_size_share_no_member(learned):
    run, events = learned
    assert {T: len(scores) for T, scores in run.scores.items()} == {T: 128 // T for T in (1, 2, 4, 8, 16, 32, 64)}
    four = [event.probabilities for event in events if isinstance(event, Member)][4:8]
    assert run.scores[4][1].loss == pytest.approx(run.score(np.mean(four, axis=0)).loss)


def test_more_members_make_a_lower_loss_with_less_spread(learned):
    """The loss of a mean is never above the mean of the losses (-log is convex)."""
    run, _ = learned
    losses = {T: [score.loss for score in scores] for T, scores in run.scores.items()}
    means = [np.mean(losses[T]) for T in (1, 2, 4, 8, 16, 32, 64)]
    assert (np.diff(means) < 0).all()
    assert np.std(losses[16]) < np.std(losses[1]) / 2


def test_with_keep_1_every_member_is_the_whole(data):
    run = Aggregation(net(keep=1.0), data, epochs=1, most=2)
    for member in members(run):
        np.testing.assert_allclose(member.probabilities, run.whole, rtol=1e-5)


def test_dropout_before_the_last_layer_alone_makes_the_test_pass_the_geometric_mean():
    """Of all 2^n masks, for one softmax layer with its logits scaled by p (Baldi & Sadowski 2013, section 3)."""
    random = np.random.default_rng(0)
    x, W, p = random.normal(size=6), random.normal(size=(6, 3)), 0.5
    masks = np.array(np.meshgrid(*[[0, 1]] * 6)).reshape(6, -1).T
    logs = np.array([x * mask / p @ W for mask in masks])
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    geometric = np.exp(logs.mean(axis=0))
    whole = np.exp(x @ W)
    np.testing.assert_allclose(geometric / geometric.sum(), whole / whole.sum())


def test_even_or_odd_has_two_probabilities(data):
    two = lab.load("digits", classes=2)
    run = Aggregation(net(outputs=1), two, epochs=1, most=1)
    (member,) = members(run)
    assert member.probabilities.shape == (360, 2)
    np.testing.assert_allclose(member.probabilities.sum(axis=1), 1)


def test_the_same_seed_predicts_the_same(data):
    means = [members(Aggregation(net(), data, epochs=1, most=3))[-1].probabilities for _ in range(2)]
    assert (means[0] == means[1]).all()


def test_what_is_not_allowed_is_refused(data):
    with pytest.raises(SettingError, match="batchnorm is on"):
        Aggregation(net(batchnorm=True, bias=False), data)
    with pytest.raises(SettingError, match="most = 0"):
        Aggregation(net(), data, most=0)
    with pytest.raises(ShapeError, match="2 classes"):
        Aggregation(net(), lab.load("digits", classes=2))
    run = Aggregation(net(), data)
    with pytest.raises(SettingError, match="no masked network"):
        run.mean(1)
    run.close()
    assert list(run) == []
