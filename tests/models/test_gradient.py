"""NN4's gradient against central differences in float64, for every view and all on/off combinations."""

import numpy as np
import pytest

from tests.gradients import central_differences, distance
from tests.models.nets import SWITCHES, batch, shaken, small_net

KINK = 1e-3


def away_from_kinks(make, samples=11):
    """The first of some nets and batches where no hidden z is close to 0, where ReLU has no derivative."""
    for seed in range(500):
        net = shaken(make(seed), seed)
        x, y, rows = batch(net, samples, seed)
        trace = net.trace(x, "train", 5, rows)
        if min(np.abs(trace[f"z{i}"]).min() for i in range(1, net.depth)) > KINK:
            return net, x, y, rows
    raise AssertionError("no batch away from the kinks in 500 tries")


@pytest.mark.parametrize("backend", ["reference", "cpu"])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_every_view_equals_central_differences(keep, batchnorm, outputs, backend):
    net, x, y, rows = away_from_kinks(lambda seed: small_net(keep, batchnorm, outputs, backend=backend, seed=seed))
    _, grad, _ = net.loss_gradient(x, y, 5, rows)
    numeric = central_differences(lambda: net.loss_gradient(x, y, 5, rows)[0], net.params, h=1e-5)
    assert np.linalg.norm(grad) > 0.01
    for name, view in net.views(numeric).items():
        assert distance(net.views(grad)[name], view) < 1e-6, name


@pytest.mark.parametrize("backend", ["reference", "cpu"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_biases_too(outputs, backend):
    net, x, y, rows = away_from_kinks(
        lambda seed: small_net(0.7, False, outputs, backend=backend, bias=True, seed=seed)
    )
    _, grad, _ = net.loss_gradient(x, y, 5, rows)
    numeric = central_differences(lambda: net.loss_gradient(x, y, 5, rows)[0], net.params, h=1e-5)
    assert {"b1", "b2", "b3", "b4"} <= set(net.layout.names)
    for name, view in net.views(numeric).items():
        assert distance(net.views(grad)[name], view) < 1e-6, name


def test_gamma_and_beta_have_gradient_zero_where_batchnorm_is_off():
    net = shaken(small_net(batchnorm=False))
    x, y, rows = batch(net)
    g = net.views(net.loss_gradient(x, y, 0, rows)[1])
    assert all((g[f"{name}{i}"] == 0).all() for name in ("gamma", "beta") for i in (1, 2, 3))


def test_the_backward_pass_uses_the_masks_of_its_forward_pass():
    """A dropped input has no gradient: its row of W1 is zero for a batch of one sample."""
    net = shaken(small_net(keep=0.5, batchnorm=False))
    x, y, rows = batch(net, samples=1)
    mask = net.trace(x, "train", 9, rows)["mask1"][0] > 0
    dW = net.views(net.loss_gradient(x, y, 9, rows)[1])["W1"]
    assert 0 < mask.sum() < len(mask)
    assert (dW[~mask] == 0).all()
    assert (np.abs(dW[mask]).sum(1) > 0).all()


def test_batchnorm_makes_the_loss_blind_to_the_scale_of_a_unit():
    """<W, dW> is about 0 for every unit: scaling its weights changes nothing, so the gradient is across."""
    net = shaken(small_net(keep=1.0))
    net.eps = 1e-12
    x, y, rows = batch(net, samples=40)
    g, p = net.views(net.loss_gradient(x, y, 0, rows)[1]), net.views(net.params)
    for i in (1, 2, 3):
        along = (p[f"W{i}"] * g[f"W{i}"]).sum(0)
        assert np.abs(along).max() < 1e-9 * np.linalg.norm(p[f"W{i}"]) * max(np.linalg.norm(g[f"W{i}"]), 1e-3)
