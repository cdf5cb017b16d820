"""NN4 as a learner meets it: what it is made of, its modes and passes, and what it refuses."""

import numpy as np
import pytest

from lab.errors import KeepProbabilityError, LabelError, NotFiniteError, SettingError, ShapeError, ShardError
from lab.models.nn4 import NN4
from tests.models.nets import batch, shaken, small_net


def test_layer_by_layer_it_is_what_the_course_defines():
    net = shaken(small_net(keep=0.6))
    x, _, rows = batch(net)
    t, p = net.trace(x, "train", 3, rows), net.views(net.params)
    y = x
    for i in (1, 2, 3):
        z = (y * t[f"mask{i}"]) @ p[f"W{i}"]
        relu = np.where(z > 0, z, 0)
        y = p[f"gamma{i}"] * (relu - relu.mean(0)) / np.sqrt(relu.var(0) + 1e-5) + p[f"beta{i}"]
        np.testing.assert_allclose(t[f"y{i}"], y, rtol=1e-12)
    z = (y * t["mask4"]) @ p["W4"]
    np.testing.assert_allclose(t["y4"], np.exp(z) / np.exp(z).sum(1, keepdims=True), rtol=1e-12)
    for i in (1, 2, 3, 4):
        assert set(np.round(np.unique(t[f"mask{i}"]), 12)) == {0, round(1 / 0.6, 12)}


def test_weights_start_with_variance_two_over_fan_in():
    p = NN4((784, 512, 256, 128, 10), seed=1).views(NN4(seed=1).params)
    for i, d_in in enumerate((784, 512, 256, 128), start=1):
        n = p[f"W{i}"].size
        assert abs(p[f"W{i}"].var() * d_in / 2 - 1) < 4 * np.sqrt(2 / n)
    assert (p["gamma2"] == 1).all()
    assert (p["beta2"] == 0).all()


def test_the_same_seed_gives_the_same_net_and_another_seed_another():
    assert small_net(seed=5).sha256() == small_net(seed=5).sha256() != small_net(seed=6).sha256()


def test_passes_in_train_mode_differ_unless_one_is_asked_for():
    net = shaken(small_net())
    x, _, _ = batch(net)
    assert not np.array_equal(net(x, "train"), net(x, "train"))
    assert np.array_equal(net(x, "train", step=3), net(x, "train", step=3))
    assert np.array_equal(net(x), net(x))


def test_free_passes_never_meet_the_masks_of_training():
    net = shaken(small_net(keep=0.5))
    x, _, rows = batch(net, samples=40)
    free = net.trace(x, "train", rows=rows)["mask1"]
    assert not any(np.array_equal(free, net.trace(x, "train", step, rows)["mask1"]) for step in range(100))


def test_two_classes_have_one_output_and_ten_have_ten():
    x = np.random.default_rng(0).random((5, 7))
    assert small_net(outputs=1)(x).shape == (5, 1)
    np.testing.assert_allclose(small_net(outputs=10)(x).sum(1), 1)


def test_views_and_flat_vector_are_the_same_memory():
    net = small_net()
    net.views(net.params)["gamma2"][:] = 7
    assert (net.params == 7).sum() == 5


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        ({"keep": 0}, KeepProbabilityError, "keep = 0 "),
        ({"keep": float("nan")}, KeepProbabilityError, "keep = nan"),
        ({"widths": (784, 10)}, SettingError, "4 layers"),
        ({"widths": (784, 0, 1, 1, 10)}, SettingError, r"widths\[1\] = 0"),
        ({"widths": (784, 2.5, 1, 1, 10)}, SettingError, r"widths\[1\] = 2.5"),
        ({"bias": True}, SettingError, "exclude each other"),
        ({"seed": -1}, SettingError, "seed = -1"),
        ({"dtype": "float16"}, SettingError, "float32, float64"),
    ],
)
def test_wrong_settings_are_refused(setting, error, message):
    with pytest.raises(error, match=message):
        NN4(**setting)


@pytest.mark.parametrize("backend", ["reference", "cpu"])
def test_wrong_data_are_refused(backend):
    net = small_net(backend=backend)
    x, y, rows = batch(net)
    before = net.sha256()
    with pytest.raises(ShapeError, match=r"\(11, 6\).*\(N, 7\)"):
        net.loss_gradient(x[:, :6], y)
    with pytest.raises(ShapeError, match=r"\(7,\)"):
        net(x[0])
    with pytest.raises(ShapeError, match=r"\(0, 7\)"):
        net(x[:0])
    with pytest.raises(ShapeError, match="one label a sample"):
        net.loss_gradient(x, y[:-1])
    with pytest.raises(LabelError, match=r"y\[0\] = 3 .* 0 to 2"):
        net.loss_gradient(x, np.full(11, 3))
    with pytest.raises(LabelError, match="-1"):
        net.loss_gradient(x, -np.ones(11, int))
    with pytest.raises(LabelError, match="whole numbers"):
        net.loss_gradient(x, y + 0.5)
    with pytest.raises(NotFiniteError, match=r"\[2, 3\]"):
        bad = x.copy()
        bad[2, 3] = np.nan
        net.loss_gradient(bad, y)
    with pytest.raises(ShardError, match="at least 2"):
        net.loss_gradient(x[:1], y[:1])
    with pytest.raises(SettingError, match="train, test"):
        net(x, "training")
    with pytest.raises(ShapeError, match="rows"):
        net.loss_gradient(x, y, rows=rows[:3])
    with pytest.raises(ShapeError, match="rows"):
        net.loss_gradient(x, y, rows=rows - 70_000)
    assert net.sha256() == before
