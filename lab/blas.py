"""The BLAS at one thread, everywhere and always while the lab computes.

Shards run on threads of their own: a BLAS that starts more of them makes them wait for each other, and its way
of cutting a product into threads changes the last bits. The number before is restored when the last user
has left.
"""

import contextlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

_BLAS = "scipy.linalg.cython_blas"
_lock = threading.Lock()
_users = 0
_before: list[tuple[Any, int]] = []


def load_blas() -> None:
    """Load the BLAS that numba calls, SciPy's, by the one module that leads to it.

    Numba imports it before its first kernel, and with it all of scipy.linalg: a quarter of the time that a fresh
    process needs until it can compute. The lab needs nothing else of that package, so its one extension is loaded
    alone; who imports the package later gets it whole. Where that fails, the usual import does it.
    """
    if _BLAS in sys.modules:
        return
    with contextlib.suppress(Exception):
        package = import_module("scipy")
        spec = PathFinder.find_spec(_BLAS, [str(Path(folder) / "linalg") for folder in package.__path__])
        if spec is not None and spec.loader is not None:
            sys.modules[_BLAS] = module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return
    sys.modules.pop(_BLAS, None)
    import_module(_BLAS)


@cache
def _libraries() -> tuple[Any, ...]:
    """Handles of the BLAS libraries of this process: SciPy's (numba's products), NumPy's, MKL, ...

    Looking for them takes milliseconds, a call through a handle microseconds, so they are kept.
    """
    from threadpoolctl import ThreadpoolController

    load_blas()  # now, so that it is found

    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


def set_blas_threads(count: int) -> None:
    """Threads of every BLAS of this process, whichever thread asks for it; until the last block is left."""
    for library in _libraries():
        _set_threads(library, count)


def _set_threads(library: Any, count: int) -> None:
    """Set it from any thread: threadpoolctl 3.8 obeys the first thread that sets it, and ignores all others.

    In a notebook the first one may be a subshell, and the next one the thread of the cells: two threads of the BLAS
    would then compute, of which one keeps a core busy while it waits.
    """
    release = getattr(library, "clear_controlling_thread", lambda force: None)
    release(force=True)
    library.set_num_threads(count)
    release(force=True)  # and nobody is held up by the lab


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep every BLAS at one thread within the block. Blocks may nest, and overlap on threads; it costs 12 us."""
    global _users, _before
    with _lock:
        if _users == 0:
            _before = [(library, library.num_threads) for library in _libraries()]
        _users += 1
        set_blas_threads(1)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                for library, threads in _before:
                    _set_threads(library, threads)
