"""Slices of long vectors: every entry once, cuts that no number of workers moves, and work on all of them at once."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.models.nn4 import NN4
from lab.optim.sync_sgd import sync_sgd_round
from lab.workers import Round, make_workers
from lab.workers.slices import SLICE, cut, deal

SIZES = st.one_of(st.integers(0, 10), st.integers(SLICE - 2, SLICE + 2), st.integers(0, 20 * SLICE))


@given(size=SIZES, workers=st.integers(1, 30))
def test_every_entry_lies_in_one_slice_whoever_gets_it(size, workers):
    dealt = [each for share in deal(size, workers) for each in share]
    assert dealt == list(cut(size))
    assert [each.start for each in dealt] == [0, *(each.stop for each in dealt[:-1])] and dealt[-1].stop == size
    assert max(len(share) for share in deal(size, workers)) <= -(-len(dealt) // workers)


@pytest.mark.parametrize("name", ["serial", "threads:1", "threads:2", "threads:3", "threads:7"])
def test_all_workers_give_what_was_found_from_left_to_right(name):
    numbers = np.random.default_rng(0).standard_normal(5 * SLICE + 3)
    workers = make_workers(name)
    try:
        found = workers.each_slice(len(numbers), lambda part: float(numbers[part] @ numbers[part]))
    finally:
        workers.close()
    assert found == [float(numbers[part] @ numbers[part]) for part in cut(len(numbers))] and len(found) == 6


def test_threads_work_at_the_same_time():
    meeting = threading.Barrier(2, timeout=20)  # broken, if one worker did both
    workers = make_workers("threads:2")
    try:
        assert sorted(workers.each_slice(2 * SLICE, lambda part: meeting.wait())) == [0, 1]
    finally:
        workers.close()


def test_an_error_in_a_slice_comes_out_when_all_have_ended():
    def work(part):
        if part.start:
            raise ValueError(f"slice {part.start}")

    workers = make_workers("threads:2")
    try:
        with pytest.raises(ValueError, match=f"slice {SLICE}"):
            workers.each_slice(2 * SLICE, work)
        assert workers.each_slice(2 * SLICE, lambda part: part.start) == [0, SLICE]
    finally:
        workers.close()


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_a_round_over_several_slices_gives_the_same_bits_and_norm_for_every_p(backend):
    random = np.random.default_rng(0)
    x, y = random.random((40, 500), np.float32), random.integers(0, 10, 40)
    found = set()
    for name in ("serial", "threads:2", "threads:3", "threads:5"):
        net, workers = NN4((500, 300, 64, 32, 10), keep=0.8, dtype="float32", backend=backend), make_workers(name)
        assert len(cut(net.params.size)) > 2
        try:
            for number in range(3):
                work = sync_sgd_round(Round(net, x, y, np.arange(40), number, 5), 0.1, workers)
                try:
                    while True:
                        next(work)
                except StopIteration as end:
                    step = end.value
        finally:
            workers.close()
        found.add((net.sha256(), step.gradient_norm))
    assert len(found) == 1
