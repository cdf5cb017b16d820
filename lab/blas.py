"""The BLAS at one thread, everywhere and always while the lab computes.

Shards run on threads of their own: a BLAS that starts more of them makes them wait for each other, and its way
of cutting a product into threads changes the last bits. The number before is restored when the last user
has left.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_users = 0
_before: list[tuple[Any, int]] = []


@cache
def _libraries() -> tuple[Any, ...]:
    """Handles of the BLAS libraries of this process: SciPy's (numba's products), NumPy's, MKL, ...

    Looking for them takes milliseconds, a call through a handle microseconds, so they are kept.
    """
    import scipy.linalg.cython_blas  # noqa: F401  loaded now, so that it is found
    from threadpoolctl import ThreadpoolController

    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep every BLAS at one thread within the block. Blocks may nest and overlap; it costs 5 us."""
    global _users, _before
    with _lock:
        if _users == 0:
            _before = [(library, library.num_threads) for library in _libraries()]
        _users += 1
        for library in _libraries():
            library.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                for library, threads in _before:
                    library.set_num_threads(threads)
