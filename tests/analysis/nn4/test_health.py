"""Health of a run: what is measured is what it says, and a healthy run raises no alarm. Sick ones: test_alarms.py."""

import math

import numpy as np
import pytest

import lab
from lab.analysis.nn4 import Health, HealthWatch, look, step_ratio, weight_scale
from lab.analysis.nn4.alarms import DEAD, DRIFTED, RATIO_HIGH, RATIO_LOW
from lab.errors import SettingError, ShapeError
from lab.events import RoundDone

DIGITS = lab.load("digits")
SAMPLE = DIGITS.train_x[:256], DIGITS.train_y[:256]


def made(keep=0.9, batchnorm=True, gain=1.0, dtype="float64"):
    net = lab.NN4(
        (64, 64, 32, 16, 10), keep, batchnorm, bias=not batchnorm, dtype=dtype, backend="reference",
    )  # fmt: skip
    for name, view in net.views(net.params).items():
        view *= gain if name.startswith("W") else 1
    return net


def looks(delta=0.5, epochs=4, every=5, **settings):
    run = lab.train(made(**settings), DIGITS, delta=delta, K=4, batch=128, epochs=epochs)
    return [event for event in HealthWatch(run, *SAMPLE, every=every) if isinstance(event, Health)]


def signs(health):
    return {alarm.sign for alarm in health.alarms}


def test_a_healthy_run_raises_no_alarm():
    seen = looks(delta=0.2, epochs=8)
    assert len(seen) >= 19 and [health.alarms for health in seen] == [()] * len(seen)


def test_dead_units_are_those_that_answer_no_sample():
    net = made()
    net.views(net.params)["W1"][:, :32] = -1  # digits are never below 0
    seen = look(net, *SAMPLE)
    relu = made().trace(SAMPLE[0], "train", step=0)["relu1"]
    others = (net.trace(SAMPLE[0], "train", step=0)["relu1"][:, 32:] == 0).all(axis=0).mean()
    assert seen.dead[0] >= 0.5 > DEAD and seen.dead[0] == pytest.approx(0.5 + others / 2, abs=0.05)
    assert relu.shape == (256, 64) and "dead ReLUs" in signs(seen)


def test_norms_are_those_of_the_gradient_and_of_the_step():
    net = made()
    grad = net.loss_gradient(*SAMPLE, net.step)[1]
    before = net.params + 0.1 * grad
    seen = look(net, *SAMPLE, step_ratio(net, before))
    for i in range(1, 5):
        g, w = net.views(grad)[f"W{i}"], net.views(net.params)[f"W{i}"]
        assert seen.gradient[i - 1] == pytest.approx(np.linalg.norm(g))
        assert seen.ratio[i - 1] == pytest.approx(0.1 * np.linalg.norm(g) / np.linalg.norm(w))
    assert np.isnan(look(net, *SAMPLE).ratio).all() and RATIO_LOW < RATIO_HIGH


def test_drift_is_the_distance_of_the_normalized_values():
    """Against its definition, unit by unit, on a net whose running statistics were shifted by hand."""
    net = made(keep=1.0)
    list(lab.train(net, DIGITS, delta=0.5, K=4, batch=128, epochs=2))
    net.running_views(net.running)["mean2"][:] += 3
    seen = look(net, *SAMPLE)
    relu = net.trace(SAMPLE[0], "train", step=0)["relu2"]
    running = net.running_views(net.running)
    own = (relu - relu.mean(0)) / np.sqrt(relu.var(0) + net.eps)
    other = (relu - running["mean2"]) / np.sqrt(running["var2"] + net.eps)
    live = (relu > 0).any(axis=0)
    assert seen.drift[1] == pytest.approx(math.sqrt(np.median(((own - other) ** 2).mean(0)[live])), rel=1e-9)
    assert seen.drift[1] > DRIFTED and [a.layer for a in seen.alarms if a.sign == "drift"] == [2]


def test_masks_are_told_from_the_rest():
    """With masks of the same p the running statistics fit; units that only masks wake are not dead then."""
    list(lab.train(net := made(keep=0.3), DIGITS, delta=0.1, K=4, batch=128, epochs=4))
    seen = look(net, *SAMPLE)
    assert (seen.drift > DRIFTED).all() and (seen.drift_masked < seen.drift / 2).all()
    noisy = made(keep=0.3, batchnorm=False)
    noisy.views(noisy.params)["b1"][:] = -1
    seen = look(noisy, *SAMPLE)
    silent = [(noisy.trace(SAMPLE[0], "train", 0)[f"relu{i}"] == 0).all(axis=0).mean() for i in (1, 2, 3)]
    np.testing.assert_array_equal(seen.dead_masked, silent)
    assert seen.dead_masked[0] < seen.dead[0]


@pytest.mark.parametrize("gain", [0.1, 1.0, 10.0])
def test_the_scale_of_the_start_is_that_of_the_weights(gain):
    assert weight_scale(made(gain=gain)) == pytest.approx(gain, rel=0.05)
    assert look(made(gain=gain), *SAMPLE).start == weight_scale(made(gain=gain))
    run = lab.train(net := made(gain=gain), DIGITS, delta=0.5, batch=128, epochs=1)
    first = weight_scale(net)
    list(watch := HealthWatch(run, *SAMPLE))
    assert watch.last.start == first != weight_scale(net)  # the first ones, not those of now


def test_there_is_no_drift_without_running_statistics():
    assert np.isnan(look(made(batchnorm=False), *SAMPLE).drift).all()
    assert np.isnan(look(made(), *SAMPLE).drift).all()


def test_looks_come_with_every_so_many_rounds_and_change_nothing():
    run = lab.train(made(), DIGITS, delta=0.5, K=2, batch=128, epochs=2)
    watch = HealthWatch(run, *SAMPLE, every=4)
    order = [type(event).__name__ for event in watch if isinstance(event, RoundDone | Health)]
    assert (
        order[:6] == ["RoundDone"] * 3 + ["Health"] + ["RoundDone"] * 2
        and order.count("Health") == order.count("RoundDone") // 4
    )
    twin = made()
    list(lab.train(twin, DIGITS, delta=0.5, K=2, batch=128, epochs=2))
    assert run.net.sha256() == twin.sha256()


def test_one_long_step_among_short_ones_is_no_alarm():
    """The median of the steps since the last look counts: here every fifth one is made by hand."""
    run = lab.train(made(), DIGITS, delta=0.1, K=2, batch=128, epochs=1)
    watch = HealthWatch(run, *SAMPLE, every=5)
    for _ in range(3):
        next(watch)
    watch._before *= 2  # as if the next step were as long as the weights
    seen = next(event for event in watch if isinstance(event, Health))
    assert seen.ratio.max() < RATIO_HIGH and max(ratios.max() for ratios in watch._ratios) > 0.5


def test_what_is_not_allowed_is_refused():
    run = lab.train(made(), DIGITS, delta=0.5, batch=128)
    with pytest.raises(SettingError, match="every = 0"):
        HealthWatch(run, *SAMPLE, every=0)
    with pytest.raises(ShapeError):
        HealthWatch(run, SAMPLE[0][:, :3], SAMPLE[1])
    run.close()
