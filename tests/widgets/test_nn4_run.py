"""What the dashboards of NN4 share: a run that remembers, words for what was changed, and what there is to say."""

from types import SimpleNamespace

import numpy as np
import pytest

import lab
from lab.events import RoundDone, ShardReport
from lab.training import settings
from widgets.nn4.mnist import SAMPLES, UNITS, MnistDashboard
from widgets.nn4_run import WatchedRun, load_at_once, spoken, worker_times


@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_mask_is_that_of_the_last_round_at_the_layers_input(layer):
    net = lab.NN4((20, 16, 12, 8, 10), keep=0.7, seed=5)
    net.step = 4
    rows = np.array([7, 3, 11])
    run = WatchedRun(SimpleNamespace(net=net, rows=rows, change=None, close=None), "cpu")
    trace = net.trace(np.ones((3, 20)), mode="train", step=3, rows=rows)

    assert np.array_equal(run.mask(layer, 0.7, SAMPLES, UNITS), trace[f"mask{layer}"] > 0)


def test_times_are_summed_by_worker_and_the_idle_one_waits():
    a, b = ShardReport(0, 0, "cpu", 64, 1.0, 0.0, 0.001, 0.002), ShardReport(1, 0, "cpu", 64, 1.0, 0.0, 0.001, 0.002)
    c = ShardReport(2, 1, "cpu", 64, 1.0, 0.0, 0.001, 0.001, wait=0.004)
    event = RoundDone(0, 1, 11, 0, 128, 1.0, 1.0, (a, b, c), 0.0, 0.0, 0.0, 0.006)

    assert worker_times(event, 3) == pytest.approx(np.array([[6.0, 2.0, 0.0], [0.0, 4.0, 6.0]]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"keep": 0.5, "K": 8}, "keep p = 0.5, K = 8"),
        ({"gamma": {1: 2.0, 3: 0.0}, "beta": {2: -1.5}}, "gamma1 = 2, gamma3 = 0, beta2 = -1.5"),
        ({"workers": "serial"}, "P = 1"),
        ({"workers": "threads:4", "batchnorm": False, "delta": 0.05}, "P = 4, batchnorm = off, delta = 0.05"),
    ],
)
def test_changes_are_told_in_the_words_of_the_controls(changes, words):
    assert spoken(changes) == words


def test_data_are_read_once():
    assert load_at_once("digits", 10) is load_at_once("digits", 10)


def test_more_workers_than_cores_or_mini_batches_are_said_on_the_screen_as_soon_as_they_are_there(monkeypatch):
    monkeypatch.setattr(settings, "cores", lambda: 2)
    board = MnistDashboard(data="digits", K=4, P=2)
    board.run(1)
    assert "workers" not in board.session.status()
    board.controls["P"].value = 3
    board.run(1)
    assert "3 workers share 2 cores" in board.session.status() and "nothing to do" not in board.session.status()
    board.controls["P"].value = 8
    board.run(1)
    assert "8 workers share 2 cores" in board.session.status()
    assert "K = 4 mini-batches: 4 have nothing to do" in board.session.status()
    board.controls["P"].value = 1
    board.run(1)
    assert "workers" not in board.session.status()
