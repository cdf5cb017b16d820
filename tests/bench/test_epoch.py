"""A whole epoch: every row once, beside torch, on data that are named."""

import numpy as np
import pytest

from lab.bench import epoch
from lab.bench.workloads import Workload, make_task


def test_an_epoch_takes_every_row_once_and_the_last_batch_is_smaller():
    task = make_task(Workload("tiny", 16), rows=300)
    taken = []

    class Recorder:
        def take(self, index):
            taken.append(index)

    train = epoch.lab_epoch(task, Recorder())
    train(), train()
    assert [len(index) for index in taken] == [128, 128, 44] * 2
    first, second = np.concatenate(taken[:3]), np.concatenate(taken[3:])
    assert sorted(first) == sorted(second) == list(range(300)) and not np.array_equal(first, second)


def test_an_epoch_is_compared_with_torch_and_says_on_which_data(session, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.delenv("LAB_DATA", raising=False)
    session.peers = ["torch"]
    epoch.epoch_rows(session, rows=256, rounds=2)
    (row,) = session.rows
    assert (row["peer"], row["batch"], row["goal"], row["stretch"]) == ("torch", 128, 3.0, 4.0)
    assert row["note"].startswith("256 rows of random numbers of MNIST's shape")


def test_real_mnist_is_used_where_it_is(mnist_folder):
    task, data = epoch.epoch_task(500)
    assert data == "MNIST" and task.x.shape == (500, 784) and set(task.y) <= set(range(10))


def test_an_epoch_without_torch_is_left_out_and_said(session):
    epoch.epoch_rows(session, rows=256, rounds=1)
    assert session.rows == [] and "torch" in session.notes[0]
