"""The BLAS: found alone, with SciPy whole for everybody who wants it later; at one thread while the lab computes."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest

from lab.blas import one_blas_thread, set_blas_threads

HERE = """
import json, sys
{before}
from lab.blas import load_blas
load_blas()
alone = "scipy.linalg" not in sys.modules and "scipy.linalg.cython_blas" in sys.modules
import numba, numpy as np
product = numba.njit(lambda a, b: a @ b)
a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
equal = bool(np.array_equal(product(a, b), a @ b))
still = "scipy.linalg" not in sys.modules
import scipy.linalg
from scipy.linalg import cython_blas, lapack
solved = scipy.linalg.solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.ones(2)).tolist()
address = numba.extending.get_cython_function_address("scipy.linalg.cython_blas", "dgemm") > 0
print(json.dumps([alone, equal, still, solved, address]))
"""


def found(before=""):
    done = subprocess.run(
        [sys.executable, "-c", HERE.format(before=before)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_numba_finds_its_blas_without_the_rest_of_the_package():
    assert found() == [True, True, True, [0.5, 0.25], True]


@pytest.mark.parametrize(
    "broken",
    [
        "blas.PathFinder = type('None', (), {'find_spec': staticmethod(lambda *names: None)})",
        "blas.module_from_spec = lambda spec: 1 / 0",
    ],
)
def test_where_that_fails_the_usual_import_does_it(broken):
    alone, equal, _, solved, address = found(f"import lab.blas as blas; {broken}")
    assert not alone and (equal, solved, address) == (True, [0.5, 0.25], True)


@pytest.fixture
def two_threads():
    from threadpoolctl import ThreadpoolController

    def threads():
        return [library.num_threads for library in libraries]

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    before = threads()
    set_blas_threads(2)
    yield threads
    for number in before:
        set_blas_threads(number)


@pytest.mark.parametrize("first", ["set", "block"])
def test_a_block_acts_on_every_thread_whoever_was_first(two_threads, first):
    """In a notebook a subshell may compute first, and the thread of the cells after it."""
    inside, done, seen = threading.Event(), threading.Event(), []

    def another():
        if first == "set":
            set_blas_threads(2)
        else:
            with one_blas_thread():
                seen.append(two_threads())
        inside.set()
        done.wait(60)

    thread = threading.Thread(target=another)
    thread.start()
    try:
        assert inside.wait(60)
        with one_blas_thread():
            seen.append(two_threads())
        seen.append(two_threads())
    finally:
        done.set()
        thread.join()
    *within, after = seen
    assert {number for numbers in within for number in numbers} == {1} and set(after) == {2}


def test_blocks_that_overlap_on_two_threads_end_when_the_last_one_ends(two_threads):
    inside, leave = threading.Event(), threading.Event()

    def another():
        with one_blas_thread():
            inside.set()
            leave.wait(60)

    thread = threading.Thread(target=another)
    with one_blas_thread():
        thread.start()
        assert inside.wait(60)
    assert set(two_threads()) == {1}
    leave.set()
    thread.join()
    assert set(two_threads()) == {2}


def test_others_may_set_the_number_after_the_lab_did(two_threads):
    """threadpoolctl lets one thread set it; the lab keeps nobody out."""
    from threadpoolctl import threadpool_limits

    seen = []

    def another():
        with threadpool_limits(1, user_api="blas"):
            np.ones((64, 64)) @ np.ones((64, 64))
            seen.extend(two_threads())

    with one_blas_thread():
        pass
    thread = threading.Thread(target=another)
    thread.start()
    thread.join()
    assert set(seen) == {1} and set(two_threads()) == {2}
