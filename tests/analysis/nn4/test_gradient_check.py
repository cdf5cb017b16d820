"""The gradient check: right gradients pass in all views, every mistake is found, and the net stays as it was."""

import numpy as np
import pytest

import lab
from lab.analysis.nn4 import MISTAKES, GradientCheck
from lab.analysis.nn4.gradient_check import LIMIT
from lab.errors import LabelError, SettingError, ShapeError, ShardError
from tests.models.nets import SWITCHES, batch, shaken, small_net


def checked(net, samples=11, **settings):
    x, y, _ = batch(net, samples)
    check = GradientCheck(net, x, y, **settings)
    return check, list(check)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_the_right_gradient_passes_in_every_view(keep, batchnorm, outputs):
    net = shaken(small_net(keep, batchnorm, outputs))
    before = net.sha256()
    check, _ = checked(net)
    assert set(check.checked) == {n for n in net.layout.names if batchnorm or n.startswith("W")}
    assert all(each.right for each in check.checked.values()) and check.worst < LIMIT
    assert net.sha256() == before


def test_biases_are_views_too():
    net = shaken(small_net(batchnorm=False, bias=True))
    check, _ = checked(net, views=("b1", "W4"))
    assert list(check.checked) == ["b1", "W4"] and check.worst < LIMIT


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name != "none"])
def test_every_mistake_is_found_where_it_acts(mistake):
    net = shaken(small_net(0.5))
    check, _ = checked(net, mistake=mistake, entries=100)
    wrong = {name for name, each in check.checked.items() if not each.right}
    assert check.worst > 1e-2 and "W1" in wrong
    # Dropout of layer 4 is on its input: a wrong mask backward spoils what is below, and not W4 itself.
    assert ("W4" in wrong) == (mistake == "sum for mean")


def test_a_mask_cannot_be_wrong_where_there_is_none():
    check, _ = checked(shaken(small_net(keep=1.0)), mistake="another mask")
    assert check.worst < LIMIT


def test_entries_come_in_slices_each_once():
    _, events = checked(small_net(), entries=10, views=("W1",))
    assert [len(event.places) for event in events] == [4, 8, 10]
    assert len(set(events[-1].places.tolist())) == 10 and events[-1].size == 42 and events[-1].wanted == 10


def test_all_entries_of_a_small_view_and_its_errors():
    check, _ = checked(small_net(), entries=100, views=("gamma3",))
    gamma = check.checked["gamma3"]
    assert sorted(gamma.places) == [0, 1, 2, 3]
    assert gamma.error == np.abs(gamma.claimed - gamma.differences).max()
    assert gamma.relative == pytest.approx(
        np.linalg.norm(gamma.claimed - gamma.differences) / np.linalg.norm(gamma.differences), rel=1e-3
    )


def test_interrupted_in_the_middle_of_a_difference_the_net_is_as_it_was(monkeypatch):
    net = small_net()
    before = net.sha256()
    x, y, _ = batch(net)
    check = GradientCheck(net, x, y)
    next(check)
    monkeypatch.setattr(check, "_loss", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        next(check)
    assert net.sha256() == before


def test_the_gradient_that_is_checked_is_the_one_that_trains():
    net = shaken(small_net())
    x, y, _ = batch(net)
    np.testing.assert_array_equal(GradientCheck(net, x, y).gradient(), net.loss_gradient(x, y)[1])


def test_figure_of_the_course_on_digits():
    """Numeric check below 1e-6 relative in float64, with all four combinations of the switches."""
    data = lab.load("digits")
    for keep, batchnorm in SWITCHES:
        net = lab.NN4((64, 32, 16, 8, 10), keep, batchnorm, dtype="float64", backend="reference")
        check = GradientCheck(net, data.train_x[:32], data.train_y[:32], entries=8)
        assert len(list(check)) >= 8 and check.worst < 1e-6


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"views": ("W9",)}, SettingError), ({"mistake": "typo"}, SettingError), ({"entries": 0}, SettingError),
        ({"x": np.zeros((11, 3))}, ShapeError), ({"y": np.full(11, 9)}, LabelError), ({"step": -1}, SettingError),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(wrong, error):
    net = small_net()
    x, y, _ = batch(net)
    with pytest.raises(error):
        GradientCheck(net, **({"x": x, "y": y} | wrong))


def test_float32_and_one_row_with_batchnorm_are_refused():
    net = small_net(dtype="float32")
    x, y, _ = batch(net)
    with pytest.raises(SettingError, match="float64"):
        GradientCheck(net, x, y)
    with pytest.raises(ShardError):
        GradientCheck(small_net(), x[:1], y[:1])
