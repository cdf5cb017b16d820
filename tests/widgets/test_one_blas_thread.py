"""Whatever a board computes, no second thread of the BLAS wakes up: it would keep a core busy after each product."""

import gc
import os
import threading
import time

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from lab.bench import live, rungs
from lab.blas import one_blas_thread, set_blas_threads
from tests.widgets.test_every_board import BOARDS
from widgets.controls.controls import controls_of

TASKS = "/proc/self/task"
AWAKE = 0.3  # seconds after which a woken thread sleeps again: it looks for work for some 0.1 s
SOON = 0.03  # seconds after which a woken one has computed longer than MOST
MOST = 1e-3  # seconds that sleeping threads may have computed

HERE = os.path.exists(f"{TASKS}/{os.getpid()}/schedstat")
pytestmark = pytest.mark.skipif(not HERE, reason="needs Linux's schedstat")


def computed():
    """Seconds that the threads computed that are not Python's own, by thread."""
    own = {thread.native_id for thread in threading.enumerate()}
    seconds = {}
    for thread in map(int, os.listdir(TASKS)):
        if thread not in own:
            with open(f"{TASKS}/{thread}/schedstat", encoding="ascii") as file:
                seconds[thread] = int(file.read().split()[0]) / 1e9
    return seconds


def more(before):
    time.sleep(SOON)
    now = computed()
    return max((now[thread] - before.get(thread, 0.0) for thread in now), default=0.0)


@pytest.fixture
def two_threads(monkeypatch):
    """The BLAS as a notebook has it: with two threads, outside of what the lab computes."""
    monkeypatch.setattr(live, "PIECE", 1e-4)
    monkeypatch.setattr(rungs, "LONGEST", 1e-4)
    gc.collect()  # runs that other tests left in the middle of a round
    with one_blas_thread():
        pass  # its libraries are loaded
    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    before = max(library.num_threads for library in libraries)
    set_blas_threads(2)
    end = time.monotonic() + 20 * AWAKE
    while more(computed()) > 0 and time.monotonic() < end:
        pass  # a library that was just loaded is awake
    yield
    set_blas_threads(before)


def test_a_product_of_two_threads_is_seen(two_threads):
    product = np.ones((500, 500)) @ np.ones((500, 500))  # now its threads are there
    time.sleep(AWAKE)  # and sleep again
    before = computed()
    assert (product @ product)[0, 0] > 0
    assert more(before) > MOST


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_computes_with_one_thread(two_threads, board):
    before = computed()
    made = board(ask=False)
    made.run(2)
    for name, control in controls_of(board.spec).items():
        if control.kind == "slider" and control.live:
            made.controls[name].value = made.controls[name].max
    assert more(before) < MOST, "a product outside of `one_blas_thread`"
    made.close()
