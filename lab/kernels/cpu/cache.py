"""Where compiled kernels are kept between processes, and the decorator that compiles them.

Numba's on-disk cache looks only at the file of the function itself: change a function that it calls
from another file, and the old machine code is loaded. So the folder's name carries a hash of all
sources of this package, and a changed kernel starts from an empty folder.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config

from lab.folders import cache_folder


@cache
def folder() -> Path:
    """The cache folder of exactly these kernels and this numba (it may not exist yet)."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    named = os.environ.get("NUMBA_CACHE_DIR")
    home = Path(named) if named else cache_folder() / "numba"
    return home / f"nn4-lab-{digest.hexdigest()[:16]}"


def is_warm() -> bool:
    """Whether a process has compiled the training pass before (a fresh one then only loads it)."""
    return any(folder().rglob("passes.run-*.nbc"))


def kernel(function: Callable[..., Any]) -> Any:
    """Compile for the CPU at first call, without the GIL, kept on disk.

    `contract` lets a product and a sum become one fused instruction; nothing else of IEEE 754 is given
    up, so NaN spreads as it should. `error_model="numpy"`: x / 0 is inf, as in NumPy.
    """
    return _compile(function, nogil=True, cache=True, error_model="numpy", fastmath={"contract"})


def inline(function: Callable[..., Any]) -> Any:
    """A helper that is pasted into the kernels which call it, so that their loops can vectorise."""
    return numba.njit(inline="always", error_model="numpy")(function)


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    """Numba picks a function's cache folder when it is decorated: set ours for just that moment."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder())
    try:
        return numba.njit(**options)(function)
    finally:
        config.CACHE_DIR = before
