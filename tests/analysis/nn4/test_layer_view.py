"""A layer that is opened shows the arrays of the pass, and how many parameters it has."""

import numpy as np
import pytest

import lab
from lab.analysis.nn4 import layer_view, parameter_counts
from lab.errors import KeepProbabilityError, SettingError, ShapeError
from tests.models.nets import SWITCHES, batch, shaken, small_net


@pytest.mark.parametrize("mode", ["train", "test"])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_it_shows_the_arrays_of_the_pass(layer, keep, batchnorm, mode):
    net = shaken(small_net(keep, batchnorm))
    x, _, _ = batch(net)
    view, trace = layer_view(net, x, layer, mode), net.trace(x, mode, step=net.step)
    for name, array in view.arrays.items():
        if name not in view.statistics:
            np.testing.assert_array_equal(array, trace[name] if name in trace else net.views(net.params)[name])
    assert (view.relu is None) == (layer == 4) and (f"gamma{layer}" in view.arrays) == (batchnorm and layer < 4)
    np.testing.assert_allclose(view.dropped @ view.W, view.z)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_statistics_are_those_that_normalize(layer):
    net = shaken(small_net(0.7, True))
    x, _, _ = batch(net)
    p, eps = net.views(net.params), net.eps
    for mode, kind in (("train", "batch"), ("test", "running")):
        view = layer_view(net, x, layer, mode)
        mean, var = (view.arrays[f"{kind}_{name}{layer}"] for name in ("mean", "var"))
        by_hand = p[f"gamma{layer}"] * (view.relu - mean) / np.sqrt(var + eps) + p[f"beta{layer}"]
        np.testing.assert_allclose(view.y, by_hand, rtol=1e-9, atol=1e-12)
        assert (f"batch_mean{layer}" in view.arrays) == (mode == "train") and f"running_var{layer}" in view.arrays
    assert layer_view(net, x, 4).statistics == {} == layer_view(net, x, layer, batchnorm=False).statistics


def test_other_settings_are_those_of_a_net_made_with_them():
    net, other = small_net(0.7, True), small_net(0.4, False)
    x, _, _ = batch(net)
    before = (net.keep, net.batchnorm, net.sha256())
    np.testing.assert_array_equal(layer_view(net, x, 3, keep=0.4, batchnorm=False).y, layer_view(other, x, 3).y)
    assert (net.keep, net.batchnorm, net.sha256()) == before


def test_parameter_counts_add_up_to_those_that_learn():
    net = lab.NN4((784, 512, 256, 128, 10), backend="reference")
    counts = parameter_counts(net)
    assert counts[1] == {"W1": 401_408, "gamma1": 512, "beta1": 512} and counts[4] == {"W4": 1280}
    assert sum(sum(layer.values()) for layer in counts.values()) == net.params.size == 568_320
    plain = small_net(batchnorm=False, bias=True)
    assert parameter_counts(plain)[1] == {"W1": 42, "b1": 6}


def test_what_is_not_allowed_is_refused():
    net = small_net(batchnorm=False, bias=True)
    x, _, _ = batch(net)
    for wrong, error in (
        ({"layer": 5}, SettingError), ({"layer": 0}, SettingError), ({"keep": 0}, KeepProbabilityError),
        ({"mode": "both"}, SettingError), ({"batchnorm": True}, SettingError), ({"x": x[:, :2]}, ShapeError),
    ):  # fmt: skip
        with pytest.raises(error):
            layer_view(net, **({"x": x, "layer": 1} | wrong))
