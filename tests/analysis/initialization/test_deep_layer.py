"""One layer and whole passes: every gradient against finite differences, and sizes that cannot be held."""

import numpy as np
import pytest

from lab import rng
from lab.analysis.initialization import Drawn, Draws, deep_pass, layer, layer_grad, rms
from lab.analysis.initialization.deep_layer import ACTIVATIONS
from lab.errors import SettingError, ShapeError
from lab.events import Waiting
from tests.gradients import central_differences, distance

N, IN, OUT = 7, 5, 4
ON = pytest.mark.parametrize("norm", [False, True], ids=["plain", "batchnorm"])
EACH = pytest.mark.parametrize("activation", ACTIVATIONS)


def ended(generator):
    """What a sliced computation returns."""
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            return stop.value


def small(depth=4, width=6, rows=9):
    return ended(Draws(3, depth, width, rows).net(1))


@ON
@EACH
def test_every_gradient_of_a_layer_is_that_of_differences(activation, norm):
    x, W, b = rng.normals(1, (N, IN), 1), rng.normals(1, (IN, OUT), 2), rng.normals(1, (1, OUT), 3)[0]
    gamma, beta = 1 + 0.3 * rng.normals(1, (2, OUT), 4)
    g = rng.normals(1, (N, OUT), 5)
    affine = (gamma, beta) if norm else None

    def loss():
        return float((g * layer(x, W, activation, b, affine)[0]).sum())

    grad = layer_grad(g, layer(x, W, activation, b, affine)[1])
    pairs = [(grad.dx, x), (grad.dW, W)] + ([(grad.dgamma, gamma), (grad.dbeta, beta)] if norm else [(grad.db, b)])
    for given, by in pairs:
        assert distance(given, central_differences(loss, by)) < 1e-7
    if norm:  # a bias before batchnorm moves the mean, which is taken away again: its gradient is nothing
        assert np.abs(grad.db).max() < 1e-12 and np.abs(central_differences(loss, b)).max() < 1e-8


@EACH
def test_delta_is_the_gradient_by_what_the_activation_gets(activation):
    u, g = rng.normals(2, (N, OUT), 1), rng.normals(2, (N, OUT), 2)
    grad = layer_grad(g, layer(u, np.eye(OUT), activation)[1])
    numeric = central_differences(lambda: float((g * ACTIVATIONS[activation][0](u)[0]).sum()), u)
    assert distance(grad.delta, numeric) < 1e-7 and distance(grad.delta, grad.dx) < 1e-12


@ON
@EACH
def test_a_whole_pass_has_the_gradients_of_differences(activation, norm):
    net, scale = small(), 1.7
    passed = ended(deep_pass(net, scale, activation, norm))

    def loss():
        last = ended(deep_pass(net, scale, activation, norm)).x[-1]
        return float((net.dy * last).sum())

    assert distance(passed.dx, central_differences(loss, net.x)) < 1e-6
    deviation = np.sqrt(scale / net.x.shape[1])
    for i, W in enumerate(net.weights):
        by_weight = central_differences(loss, W) / deviation / len(net.x)  # by W_l = deviation x what was drawn
        assert passed.gradients[i] == pytest.approx(rms(by_weight), rel=1e-6)


def test_sizes_are_those_of_the_arrays_and_the_gradient_enters_with_its_own():
    net = small()
    passed = ended(deep_pass(net, 1.0, "linear"))
    assert passed.sizes == pytest.approx([np.sqrt((x**2).mean()) for x in passed.x])
    assert passed.deltas[-1] == pytest.approx(np.sqrt((net.dy**2).mean()))
    assert (passed.x[0] == net.x).all() and len(passed.x) == 5 and passed.deltas.shape == (4,)


def test_sizes_too_large_and_too_small_for_squares():
    """1e200 squared overflows, 1e-200 squared is 0: neither does in rms."""
    assert rms(np.full((3, 2), 1e200)) == pytest.approx(1e200) and rms(np.full(4, 1e-200)) == pytest.approx(1e-200)
    assert rms(np.array([3.0, 4.0])) == pytest.approx(np.sqrt(12.5)) and rms(np.zeros(3)) == 0
    assert rms(np.array([1.0, np.inf])) == rms(np.array([np.nan, 1.0])) == np.inf


def test_beyond_the_numbers_a_pass_says_inf_and_warns_of_nothing():
    net = ended(Draws(0, 60, 8, 4).net(1))
    passed = ended(deep_pass(net, 1e30, "relu"))
    assert passed.sizes[1] > 1e14 and np.isinf(passed.sizes[-1])
    gone = ended(deep_pass(net, 1e-30, "relu"))
    assert gone.sizes[1] < 1e-13 and gone.sizes[-1] == 0 and gone.deltas[0] == 0


def test_networks_have_their_own_numbers_whatever_was_drawn_before():
    draws = Draws(0, 3, 16, 4)
    second = ended(draws.net(2))
    assert (ended(Draws(0, 3, 16, 4).net(2)).weights[1] == second.weights[1]).all()
    nets = [ended(Draws(seed, 3, 16, 4).net(number)) for seed, number in ((0, 1), (0, 2), (1, 1))]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(nets[a].weights[0] - nets[b].weights[0]).max() > 1
    assert np.abs(nets[0].weights[0] - nets[0].weights[1]).max() > 1
    assert np.abs(nets[0].x - nets[0].dy).max() > 1


@pytest.mark.parametrize("how", ["normal", "uniform"])
def test_weights_have_mean_0_and_variance_1(how):
    W = np.stack(ended(Draws(5, 8, 128, 2).net(1, how)).weights)
    n = W.size
    assert abs(W.mean()) < 4 / np.sqrt(n)
    assert abs(W.var() - 1) < 4 * np.sqrt(((W**4).mean() - 1) / n)
    assert (np.abs(W).max() <= np.sqrt(3)) == (how == "uniform")


def test_a_large_network_is_drawn_and_passed_in_slices():
    draws = Draws(0, 32, 256, 4)
    slices = list(draws.net(1))
    assert len(slices) >= 6 and all(isinstance(event, Waiting) and 0 < event.done < 1 for event in slices)
    assert list(draws.net(1)) == []  # the first is kept
    net = ended(draws.net(1))
    assert isinstance(net, Drawn) and 2 <= len(list(deep_pass(net, 2.0, "relu"))) <= 8


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((-1, 3, 4, 5), "seed = -1"),
        ((0, 0, 4, 5), "depth = 0"),
        ((0, 3, 2000, 5), "width = 2000"),
        ((0, 3, 4, 1), "rows = 1"),
    ],
)
def test_impossible_networks_are_refused(given, says):
    with pytest.raises(SettingError, match=says):
        Draws(*given)


def test_what_does_not_fit_is_refused():
    with pytest.raises(SettingError, match="weights = 'glorot'"):
        ended(Draws(0, 2, 3, 4).net(1, "glorot"))
    with pytest.raises(ShapeError, match="needs"):
        layer(np.ones((2, 3)), np.ones((4, 5)), "relu")
    with pytest.raises(ShapeError, match="one gamma"):
        layer(np.ones((2, 4)), np.ones((4, 5)), "relu", norm=(np.ones(4), np.ones(5)))
