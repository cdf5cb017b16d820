"""Changes while a run goes on: they act at the next round, are told, and what is wrong is refused at once."""

import math

import numpy as np
import pytest

import lab
from lab.errors import (
    KeepProbabilityError,
    NotFiniteError,
    SettingError,
    ShardError,
    StepSizeError,
)  # fmt: skip
from lab.events import Changed, Finished


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def make(data, net=None, **settings):
    net = net or lab.NN4((64, 20, 16, 12, 10), keep=0.9, seed=1)
    return lab.train(net, data, **({"delta": 0.3, "K": 4, "batch": 100, "epochs": 2} | settings))


def test_changes_act_at_the_next_round_and_are_told(data):
    run = make(data, epochs=1)
    for _ in range(3):
        next(run)
    before = run.net.params.copy()
    run.change(delta=0.01, keep=0.5, K=2)
    run.change(gamma=(2, 0.5))
    run.change(gamma=(1, 2.0), beta=(3, -1.0), delta=0.02)
    assert np.array_equal(run.net.params, before)
    event = next(run)
    assert event == Changed(3, 1, {"delta": 0.02, "keep": 0.5, "K": 2, "gamma": {2: 0.5, 1: 2.0}, "beta": {3: -1.0}})
    p = run.net.views(run.net.params)
    assert (p["gamma2"] == 0.5).all()
    assert (p["gamma1"] == 2).all()
    assert (p["beta3"] == -1).all()
    assert run.net.keep == 0.5
    done = next(run)
    assert len(done.shards) == 2
    assert run.settings.delta == 0.02
    assert not (p["gamma2"] == 0.5).all()  # training goes on from there
    assert run.history.changes == [event]


def test_workers_can_change_without_changing_the_numbers(data):
    plain, changing = make(data), make(data)
    for number, _ in enumerate(changing):
        if number in (4, 9, 17):
            changing.change(workers=["threads:2", "serial", "threads:3"][number % 3])
    for _ in plain:
        pass
    assert plain.net.sha256() == changing.net.sha256()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"delta": -1}, StepSizeError),
        ({"delta": math.nan}, StepSizeError),
        ({"keep": 1.5}, KeepProbabilityError),
        ({"K": 0}, ShardError),
        ({"K": 101}, ShardError),
        ({"K": 51}, ShardError),
        ({"workers": "gpu"}, lab.LabError),
        ({"gamma": (4, 1.0)}, SettingError),
        ({"gamma": (1, math.nan)}, SettingError),
        ({"beta": 3}, SettingError),
        ({"batch": 5}, SettingError),
        ({"epochs": 5}, SettingError),
    ],
)
def test_a_wrong_change_is_refused_at_once_and_loses_nothing(data, change, error):
    run = make(data, epochs=1)
    next(run)
    run.change(delta=0.2)
    with pytest.raises(error):
        run.change(**{"keep": 0.5, **change})
    event = next(run)
    assert event.changes == {"delta": 0.2}
    assert run.net.keep == 0.9


def test_batchnorm_off_lets_K_grow_and_on_again_checks_it(data):
    run = make(data, epochs=1)
    run.change(batchnorm=False, K=80)
    next(run)
    assert len(next(run).shards) == 80
    with pytest.raises(ShardError, match="at least 2 rows"):
        run.change(batchnorm=True)
    with pytest.raises(SettingError, match="acts only where batchnorm is on"):
        run.change(gamma=(1, 1.0))


def test_a_bias_and_batchnorm_cannot_meet(data):
    run = make(data, net=lab.NN4((64, 9, 8, 7, 10), batchnorm=False, bias=True))
    with pytest.raises(SettingError, match="exclude each other"):
        run.change(batchnorm=True)


def test_a_run_that_diverges_says_so_and_goes_on_with_a_smaller_step(data):
    run = make(data, net=lab.NN4((64, 20, 16, 12, 10), keep=1.0, batchnorm=False), delta=1e30)
    with pytest.raises(NotFiniteError, match="smaller delta"):  # and no RuntimeWarning, which is an error here
        for _ in run:
            pass
    run.net.params[:] = lab.NN4((64, 20, 16, 12, 10)).params
    run.change(delta=0.1)
    assert isinstance(next(run), Changed)
    *_, last = run
    assert isinstance(last, Finished)
    assert np.isfinite(run.net.params).all()


def test_hold_freezes_gamma_and_beta_and_nothing_else(data):
    run = make(data)
    for _ in range(3):
        next(run)
    run.change(hold=True, gamma=(1, 0.5))
    next(run)
    p = run.net.views(run.net.params)
    held = {name: p[name].copy() for name in p if name.startswith(("gamma", "beta"))}
    weights = p["W2"].copy()
    for _ in range(3):
        next(run)
    assert all(np.array_equal(p[name], value) for name, value in held.items())
    assert (p["gamma1"] == 0.5).all()
    assert not np.array_equal(p["W2"], weights)
    run.change(hold=False)
    next(run), next(run)
    assert not np.array_equal(p["gamma1"], held["gamma1"])


def test_a_change_to_what_holds_already_is_no_change_so_a_simple_loop_ends(data):
    run = make(data, epochs=1)
    changed = []
    for event in run:
        if isinstance(event, Changed):
            changed.append(event.changes)
        if run.step == 5:
            run.change(keep=0.5, delta=0.3, gamma=(1, 0.25))
    assert changed == [{"keep": 0.5, "gamma": {1: 0.25}}]
