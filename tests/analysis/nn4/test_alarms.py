"""Alarms: each sign, with each of its causes, is there before; what it says is done, and it is gone."""

import numpy as np
import pytest

import lab
from lab.analysis.nn4 import Health, HealthWatch, look
from lab.analysis.nn4.alarms import RATIO_HIGH
from lab.errors import NotFiniteError

DIGITS = lab.load("digits")
SAMPLE = DIGITS.train_x[:256], DIGITS.train_y[:256]
EVERY = 5
USUAL = {"delta": 0.1, "keep": 0.95, "gain": 1.0, "batchnorm": True}
ON, OFF = {}, {"batchnorm": False}
RESET = "then Reset."

# sign, control that is named, what is not usual, rounds until one looks, what the control is set to; other seeds
CAUSES = (
    ("dead ReLUs", "delta", OFF | {"delta": 2.0}, 30, 0.1),
    ("dead ReLUs", "delta", ON | {"delta": 10.0}, 30, 0.1),
    ("dead ReLUs", "gain", OFF | {"gain": 5.0}, 30, 1.0),
    ("dead ReLUs", "gain", ON | {"gain": 0.1, "delta": 0.2, "keep": 1.0}, 60, 1.0, (0, 2, 3)),
    ("dead ReLUs", "keep", OFF | {"keep": 0.3}, 30, 0.95),
    ("gradient exploded", "delta", ON | {"delta": 10.0}, 30, 0.1),
    ("gradient exploded", "gain", OFF | {"gain": 10.0, "delta": 1e-4}, 30, 1.0),
    ("gradient vanished", "gain", OFF | {"gain": 0.1}, 30, 1.0),
    ("gradient vanished", "delta", OFF | {"delta": 2.0, "keep": 1.0}, 60, 0.1),
    ("step too large", "delta", ON | {"delta": 4.0}, 10, 0.1),
    ("step too large", "delta", ON | {"delta": 10.0}, 30, 0.1),
    ("step too large", "gain", ON | {"gain": 0.1}, 20, 1.0),
    ("step too small", "delta", ON | {"delta": 1e-4}, 30, 0.1),
    ("step too small", "delta", OFF | {"delta": 2.0, "keep": 1.0}, 60, 0.1),
    ("step too small", "gain", ON | {"gain": 10.0, "delta": 0.01}, 60, 1.0),
    ("step too small", "gain", OFF | {"gain": 0.1, "delta": 0.02}, 30, 1.0),
    ("drift", "keep", ON | {"keep": 0.3}, 30, 0.95),
    ("drift", "delta", ON | {"delta": 4.0}, 10, 0.1),
    ("drift", "delta", ON | {"delta": 10.0}, 30, 0.1),
    ("drift", "gain", ON | {"gain": 0.1, "delta": 0.3}, 10, 1.0),
)
ALL = {"dead ReLUs", "gradient exploded", "gradient vanished", "step too large", "step too small", "drift"}


def made(keep, batchnorm, gain, seed):
    net = lab.NN4((64, 64, 32, 16, 10), keep, batchnorm, seed=seed, dtype="float64", backend="reference")
    for name, view in net.views(net.params).items():
        view *= gain if name.startswith("W") else 1
    return net


def watch(seed, delta, **settings):
    run = lab.train(made(**settings, seed=seed), DIGITS, delta=delta, K=4, batch=128, epochs=12)
    return HealthWatch(run, *SAMPLE, every=EVERY)


def seen_after(watched, rounds):
    """The look after so many rounds more, or the last one of a run that left the finite numbers."""
    looks = 0
    try:
        while looks < rounds // EVERY:
            looks += isinstance(next(watched), Health)
    except NotFiniteError:
        assert watched.last.alarms
    return watched.last


def named(seen, sign):
    return [alarm for alarm in seen.alarms if alarm.sign == sign]


RUNS = [(*row[:5], seed) for row in CAUSES for seed in (row[5] if len(row) > 5 else (0, 1, 2))]


@pytest.mark.parametrize(("sign", "control", "sick", "rounds", "value", "seed"), RUNS)
def test_what_an_alarm_says_mends_it(sign, control, sick, rounds, value, seed):
    settings = USUAL | sick
    watched = watch(seed, **settings)
    found = [alarm for alarm in named(seen_after(watched, rounds), sign) if alarm.control == control]
    assert found
    (cure,) = {alarm.cure for alarm in found}
    raises = {"Raise": True, "Lower": False}.get(cure.split()[0], value > settings[control])
    assert (value > settings[control]) == raises, "it is moved as it says"
    if cure.endswith(RESET):
        mended = seen_after(watch(seed, **settings | {control: value}), 30)
    else:
        watched.change(**{control: value})
        mended = seen_after(watched, 30)
    assert mended.step >= 30 and not named(mended, sign)
    if "switch batchnorm on" in cure:
        other = watch(seed, **settings | {"batchnorm": True})
        assert not named(seen_after(other, 30), sign)


def test_every_sign_is_among_them_and_says_its_limit():
    assert {row[0] for row in CAUSES} == ALL
    for sign, _, sick, rounds, *_ in CAUSES:
        alarm = named(seen_after(watch(0, **USUAL | sick), rounds), sign)[0]
        said = str(alarm)
        assert said.startswith(f"Layer {alarm.layer}, {sign}: ") and f"limit {alarm.limit:.2g}" in said
        assert alarm.cause in said and said.endswith(alarm.cure)


def test_a_smaller_start_does_not_mend_what_a_large_step_does():
    """delta = 10 with batchnorm on: gradients explode at every scale of the start, so delta is what is named."""
    for gain in (1.0, 0.3):
        seen = seen_after(watch(0, **USUAL | {"delta": 10.0, "gain": gain}), 30)
        assert {alarm.control for alarm in named(seen, "gradient exploded")} == {"delta"}


WRONG = ((10.0, 0.3, 10.0), (1e-4, 0.3, 0.1), (2.0, 0.95, 3.0), (1e-4, 0.95, 10.0), (2.0, 0.3, 0.3))
SICK = [
    {"delta": delta, "keep": keep, "gain": gain, "batchnorm": batchnorm}
    for delta, keep, gain in WRONG
    for batchnorm in (True, False)
]


@pytest.mark.parametrize("sick", SICK)
def test_who_follows_one_alarm_after_the_other_comes_to_a_run_without(sick):
    """Whatever is wrong at once: no alarm names a control that is as usual, so that three moves are enough."""
    settings = dict(sick)
    for _ in range(4):
        seen = seen_after(watch(0, **settings), 30)
        if not seen.alarms:
            return
        control = seen.alarms[0].control
        assert settings[control] != USUAL[control], seen.told
        settings[control] = USUAL[control]
    raise AssertionError(seen.told)


def test_one_layer_that_lets_nothing_through_is_mended_by_batchnorm_or_a_usual_start():
    net = made(1.0, False, 1.0, 0)
    net.views(net.params)["W3"][:] *= 1e-4
    found = named(look(net, *SAMPLE), "gradient vanished")
    assert {alarm.control for alarm in found} == {"batchnorm"} and "Switch batchnorm on" in found[0].cure
    net.batchnorm = True
    assert not named(look(net, *SAMPLE), "gradient vanished")
    net.views(net.params)["W4"][:] *= 1e-4
    found = named(look(net, *SAMPLE), "gradient vanished")
    assert {alarm.control for alarm in found} == {"gain"}
    assert not named(look(made(1.0, True, 1.0, 0), *SAMPLE), "gradient vanished")


def test_alarms_with_one_sign_and_cure_stand_in_one_line():
    seen = seen_after(watch(0, **USUAL | {"delta": 4.0}), 10)
    lines = seen.told.splitlines()
    assert len(lines) == len({(alarm.sign, alarm.cure) for alarm in seen.alarms})
    large = next(line for line in lines if line.startswith("step too large"))
    layers = [alarm.layer for alarm in named(seen, "step too large")]
    assert all(f" {layer} (" in large for layer in layers) and f"limit {RATIO_HIGH:.2g}." in large
    assert look(made(0.95, True, 1.0, 0), *SAMPLE).told == "None." and np.isnan(seen.drift).sum() == 0
