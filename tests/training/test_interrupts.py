"""Ctrl-C at every place of a run: it is heard soon, and nothing is lost, done twice or told twice."""

import pkgutil
import signal
import threading

import pytest

import lab
from lab.models.nn4 import NN4
from lab.optim import sync_sgd
from lab.training import train
from lab.training.interrupts import Interrupts


@pytest.fixture(scope="module")
def data():
    return lab.load("digits")


def make(data, **more):
    return train(
        NN4((64, 16, 12, 8, 10), keep=0.8, seed=1), data, K=2, batch=100, epochs=2, delta=0.2, evaluate_every=5, **more
    )


def told(events):
    """What events say, without times; `Waiting` depends on them."""
    named = [(type(event).__name__, event.step, getattr(event, "loss", None)) for event in events]
    return [each for each in named if each[0] != "Waiting"]


# Where an interrupt may come: a function, before or after it, and at which call (the eighth, if none is named).
PLACES = {
    "before the weights change": ("lab.kernels.cpu.update.descend", "before"),
    "after the weights changed": ("lab.kernels.cpu.update.descend", "after"),
    "after the statistics changed": ("lab.optim.sync_sgd.update_running", "after"),
    "while the round is counted": ("lab.training.accounting.EpochSums.add", "before"),
    "after it was counted": ("lab.training.accounting.EpochSums.add", "after"),
    "while the history is written": ("lab.training.history.History.add", "before"),
    "after the history was written": ("lab.training.history.History.add", "after"),
    "in a look": ("lab.training.loop.evaluate", "before", 2),
    "at the end of an epoch": ("lab.training.loop.evaluate", "after", 6),
    "while rows are drawn": ("lab.training.schedule.Schedule.indices", "after"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("workers", ["serial", "threads:2"])
def test_an_interrupt_anywhere_loses_nothing(data, monkeypatch, place, workers):
    plain = told(make(data))
    path, when, at = (*PLACES[place], 8)[:3]
    run, calls, events, interrupts = make(data, workers=workers), [], [], 0
    original = pkgutil.resolve_name(path)

    def pressing(*arguments, **named):
        calls.append(path)
        press = len(calls) == at
        if press and when == "before":
            signal.raise_signal(signal.SIGINT)
        made = original(*arguments, **named)
        if press and when == "after":
            signal.raise_signal(signal.SIGINT)
        return made

    monkeypatch.setattr(path, pressing)
    while True:
        try:
            events.append(next(run))
        except KeyboardInterrupt:
            interrupts += 1
        except StopIteration:
            break
    whole = make(data)
    for _ in whole:
        pass
    assert interrupts == 1 and told(events) == plain
    assert run.net.sha256() == whole.net.sha256()
    assert run.history.epochs[-1].test_loss == whole.history.epochs[-1].test_loss
    assert len(run.history.rounds) == len(whole.history.rounds)


def test_after_a_run_the_handler_is_the_one_from_before(data):
    before = signal.getsignal(signal.SIGINT)
    for event in make(data):
        assert signal.getsignal(signal.SIGINT) is before, event


def test_an_own_handler_is_called_instead(data, monkeypatch):
    """As the command line's, which lets the round end, saves and says so."""
    heard, original = [], sync_sgd.update_running

    def pressing(net, stats):
        if net.step == 3 and not heard:
            signal.raise_signal(signal.SIGINT)
            assert not heard  # not in the middle of an update
        original(net, stats)

    monkeypatch.setattr(sync_sgd, "update_running", pressing)
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        events = list(make(data))
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT] and told(events) == told(make(data))


def test_the_second_signal_acts_at_once():
    done = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        signal.raise_signal(signal.SIGINT)
        done.append(1)
        signal.raise_signal(signal.SIGINT)
        done.append(2)
    assert done == [1]


def test_at_the_end_it_is_raised_and_with_an_error_only_the_error():
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        assert interrupts.heard
    with pytest.raises(ZeroDivisionError), Interrupts():
        signal.raise_signal(signal.SIGINT)
        raise ZeroDivisionError


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_what_no_function_hears_stays_as_it_is(handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        with Interrupts():
            assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_on_another_thread_it_does_nothing(data):
    """Only the main thread may set handlers."""
    steps = []
    thread = threading.Thread(target=lambda: steps.extend(event.step for event in make(data)))
    thread.start()
    thread.join()
    assert steps[-1] == 30
