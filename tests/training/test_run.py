"""A run as its iterator shows it: events, snapshots, looks, endings."""

import gc
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import lab
from lab.errors import (
    NotFiniteError,
    SettingError,
    ShapeError,
    ShardError,
    StepSizeError,
)  # fmt: skip
from lab.events import EpochDone, Evaluated, Finished, RoundDone, Waiting


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def make(data, net=None, **settings):
    net = net or lab.NN4((64, 20, 16, 12, 10), keep=0.9, seed=1)
    return lab.train(net, data, **({"delta": 0.3, "K": 4, "batch": 100, "epochs": 2} | settings))


def test_events_tell_the_whole_run(data):
    events = [event for event in make(data) if not isinstance(event, Waiting)]
    rounds = [event for event in events if isinstance(event, RoundDone)]
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert len(rounds) == 2 * 15  # 14 of 100 samples and the rest of 37
    assert [event.round for event in rounds] == [*range(15), *range(15)]
    assert [event.step for event in rounds] == list(range(30))
    assert {event.rounds for event in rounds} == {15}
    assert [event.samples for event in rounds[:15]] == [100] * 14 + [37]
    assert [event.epoch for event in epochs] == [1, 2]
    assert epochs[0].samples == 1437
    assert epochs[0].loss == pytest.approx(sum(e.loss * e.samples for e in rounds[:15]) / 1437)
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 30
    for event in rounds:
        parts = (
            max(s.start + s.copy_in + s.compute for s in event.shards) + event.reduce + event.update + event.overhead
        )
        assert parts == pytest.approx(event.seconds)
        assert event.gradient_norm > 0


def test_events_are_frozen(data):
    event = next(make(data))
    with pytest.raises(FrozenInstanceError):
        event.step = 3


def test_evaluation_is_in_test_mode_on_the_net_as_it_is(data):
    run = make(data, epochs=1)
    *_, epoch, _ = run
    assert epoch.test_loss == pytest.approx(run.net.loss(data.test_x, data.test_y), rel=1e-6)
    assert epoch.test_accuracy == (run.net(data.test_x).argmax(1) == data.test_y).mean()
    assert epoch.train_accuracy == (run.net(data.train_x).argmax(1) == data.train_y).mean()


def test_every_sample_is_seen_once_an_epoch_in_another_order_each(data, monkeypatch):
    from lab.training import loop as module

    seen = []
    original = module.Round
    monkeypatch.setattr(module, "Round", lambda *args: seen.append(args[3].copy()) or original(*args))
    list(make(data))
    first, second = np.concatenate(seen[:15]), np.concatenate(seen[15:])
    assert np.array_equal(np.sort(first), np.arange(1437))
    assert np.array_equal(np.sort(second), np.arange(1437))
    assert (first == second).mean() < 0.05


def test_a_rest_smaller_than_two_rows_a_shard_is_dropped(data):
    rounds = [event for event in make(data, batch=200, K=20, epochs=1) if isinstance(event, RoundDone)]
    assert [event.samples for event in rounds] == [200] * 7  # 37 < 2 * 20 are left
    assert rounds[0].rounds == 7
    kept = [event for event in make(data, batch=200, K=18, epochs=1) if isinstance(event, RoundDone)]
    assert [event.samples for event in kept] == [200] * 7 + [37]


def test_whole_set_rounds_are_the_courses_loop(data):
    run = make(data, batch=None, epochs=3)
    rounds = [event for event in run if isinstance(event, RoundDone)]
    net = lab.NN4((64, 20, 16, 12, 10), keep=0.9, seed=1)
    losses = lab.sync_sgd(net, data.train_x, data.train_y, delta=0.3, K=4, rounds=3)
    assert [event.loss for event in rounds] == list(losses)
    assert net.sha256() == run.net.sha256()


def test_snapshot_is_a_copy(data):
    run = make(data)
    next(run)
    params, running = run.snapshot()
    kept = params.copy()
    next(run)
    assert np.array_equal(params, kept)
    assert not np.array_equal(params, run.net.params)
    assert running.shape == run.net.running.shape


def test_a_finished_run_stays_finished(data):
    run = make(data, epochs=1)
    *_, last = run
    assert isinstance(last, Finished)
    assert list(run) == []


def test_a_closed_run_can_go_on(data):
    a, b = make(data), make(data, workers="threads:2")
    for _ in range(5):
        next(b)
    b.close()
    b.close()
    for run in (a, b):
        for _ in run:
            pass
    assert a.net.sha256() == b.net.sha256()


def test_blas_has_one_thread_in_a_round_and_its_own_number_between_rounds(data, monkeypatch):
    from lab.blas import _libraries, set_blas_threads
    from lab.training import loop as module

    def threads():
        return [library.num_threads for library in _libraries()]

    gc.collect()  # runs that other tests left in the middle of a round
    set_blas_threads(2)
    inside = []
    original = module.Round
    monkeypatch.setattr(module, "Round", lambda *args: inside.append(threads()) or original(*args))
    watched = module.sync_sgd_round

    def spied(*args):
        inside.append(threads())
        return (yield from watched(*args))

    monkeypatch.setattr(module, "sync_sgd_round", spied)
    run = make(data, workers="threads:2")
    next(run)
    assert [set(numbers) for numbers in inside] == [{2}, {1}]
    assert set(threads()) == {2}


def test_a_long_round_yields_while_it_computes():
    """A whole-set round of 1,437 rows through wide layers is cut; how often depends on the machine."""
    data = lab.load("digits")
    net = lab.NN4((64, 1500, 1500, 1500, 10), keep=0.9)
    events = [type(event) for event in lab.train(net, data, delta=0.1, K=1, batch=None, epochs=1)]
    assert events.count(Waiting) >= 3
    assert events.index(Waiting) < events.index(RoundDone)


def test_history_is_bounded(data):
    from lab.training.history import MOST_POINTS

    run = make(data, batch=10, K=1, epochs=15)
    for _ in run:
        pass
    assert run.history.seen == 15 * 144
    assert len(run.history.rounds) <= MOST_POINTS
    steps = [step for step, _ in run.history.rounds]
    assert steps == sorted(steps)
    assert steps[-1] >= 15 * 144 - 2 * run.history.every


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"K": 101}, ShardError, "K <= 100"),
        ({"K": 51}, ShardError, "at least 2 rows"),
        ({"batch": 1438}, SettingError, "from 1 to 1437"),
        ({"batch": 0}, SettingError, "batch = 0"),
        ({"epochs": 0}, SettingError, "epochs = 0"),
        ({"delta": 0}, StepSizeError, "delta = 0"),
        ({"workers": "threads:0"}, SettingError, "from 1 to 64"),
        ({"checkpoint_every": 0}, SettingError, "checkpoint_every"),
    ],
)
def test_wrong_settings_are_refused(data, settings, error, message):
    with pytest.raises(error, match=message):
        make(data, **settings)


def test_data_that_do_not_fit_the_net_are_refused(data):
    with pytest.raises(ShapeError, match=r"\(64,\).*\(784,\)"):
        make(data, net=lab.NN4())
    with pytest.raises(ShapeError, match="10 classes"):
        make(data, net=lab.NN4((64, 9, 8, 7, 1)))


def test_nan_in_the_data_is_refused(data):
    from dataclasses import replace

    bad = data.train_x.copy()
    bad[3, 4] = np.nan
    with pytest.raises(NotFiniteError, match=r"train_x holds nan at \[3, 4\]"):
        make(replace(data, train_x=bad))


def test_notes_name_what_a_learner_should_know(data):
    assert make(data).notes == []
    said = make(data, workers="threads:64").notes
    assert any("64 workers share" in note for note in said)
    assert any("60 have nothing to do" in note for note in said)


def test_looks_within_an_epoch_come_when_asked_for_and_change_nothing(data):
    plain, looked = make(data), make(data, evaluate_every=5)
    looks = [event for event in looked if isinstance(event, Evaluated)]
    for _ in plain:
        pass
    assert [event.step for event in looks] == [5, 10, 20, 25]  # 15 and 30 are ends of epochs
    assert {event.samples for event in looks} == {1437}
    assert looks[-1].test_loss < looks[0].test_loss
    assert plain.net.sha256() == looked.net.sha256()
    with pytest.raises(SettingError, match="evaluate_every = 0"):
        make(data, evaluate_every=0)


def test_an_interrupt_in_a_round_loses_nothing(data, monkeypatch):
    from lab.training import loop as module

    plain, interrupted = make(data), make(data)
    original = module.sync_sgd_round

    def breaking(task, *rest):
        if task.step == 7 and not broken:
            broken.append(True)
            raise KeyboardInterrupt
        return (yield from original(task, *rest))

    broken: list[bool] = []
    for _ in plain:
        pass
    monkeypatch.setattr(module, "sync_sgd_round", breaking)
    with pytest.raises(KeyboardInterrupt):
        for _ in interrupted:
            pass
    assert interrupted.step == 7
    for _ in interrupted:
        pass
    assert interrupted.net.sha256() == plain.net.sha256()


def test_rows_are_those_of_the_last_round(data):
    run = make(data)
    done = next(run)
    assert len(run.rows) == done.samples
    assert len(np.unique(run.rows)) == 100
    first = run.rows
    next(run)
    assert not np.intersect1d(first, run.rows).size
