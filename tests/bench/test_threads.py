"""Two workers beside one: a ratio, and weights that are equal to the bit."""

import pytest

from lab.bench import ddp, threads
from lab.bench.lab_step import LabStep
from lab.bench.workloads import Workload, make_task


def test_two_workers_are_compared_with_one_and_end_with_the_same_weights(session):
    session.rounds = 2
    threads.thread_rows(session, Workload("tiny", 256))
    (row,) = session.rows
    assert row["ratio"] > 0 and row["threads"] == 2 and (row["goal"], row["stretch"]) == (1.6, 1.9)
    assert row["note"].startswith("weights equal to the bit after 5 steps")
    assert session.calibration.result()["count"] == 2


def test_weights_that_differ_are_an_error():
    task = make_task(Workload("tiny", 16))
    with LabStep(task, shards=2, workers=1) as one, LabStep(task, shards=2, workers=2) as two:
        one(), one(), two()
        assert threads.check_equal(one, two) == 2
        two.net.params[0] += 1
        with pytest.raises(threads.UnequalWeightsError, match=r"after 2 steps .* differ"):
            threads.check_equal(one, two)


def test_where_threads_share_a_core_no_goal_is_judged(session, monkeypatch):
    monkeypatch.setattr("lab.bench.timing.allowed_cores", lambda: [0])
    threads.thread_rows(session, Workload("tiny", 256))
    ddp.ddp_rows(session, "tiny", 64)
    assert [row["reached"] for row in session.rows] == [None, None]
    assert all("share 1 core" in row["note"] for row in session.rows)
