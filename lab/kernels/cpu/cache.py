"""Where compiled kernels are kept between processes, and the decorator that compiles them.

Numba's on-disk cache looks only at the file of the function itself: change a function that it calls
from another file, and the old machine code is loaded. So the folder's name carries a hash of all
sources of this package, and a changed kernel starts from an empty folder. It carries the processor, too: a home folder
may be shared by several machines, and machine code cannot.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core import config

from lab.blas import load_blas
from lab.folders import cache_folder

load_blas()  # before numba does it, which takes longer


@cache
def folder() -> Path:
    """The cache folder of exactly these kernels, this numba and this processor (it may not exist yet)."""
    processor = f"{llvm.get_host_cpu_name()} {sorted(llvm.get_host_cpu_features().items())}"
    asked_for = f"{config.CPU_NAME} {config.CPU_FEATURES}"  # NUMBA_CPU_NAME, NUMBA_CPU_FEATURES
    digest = hashlib.sha256(f"{numba.__version__} {processor} {asked_for}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    named = os.environ.get("NUMBA_CACHE_DIR")
    home = Path(named) if named else cache_folder() / "numba"
    return home / f"nn4-lab-{digest.hexdigest()[:16]}"


def choice_file() -> Path:
    """Where the fastest product is noted: the last thing that a warm-up does."""
    return folder() / "fastest.json"


def is_warm() -> bool:
    """Whether a process has gone through a whole warm-up before (a fresh one then only loads the kernels)."""
    return choice_file().is_file()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile for the CPU at first call, without the GIL, kept on disk.

    `contract` lets a product and a sum become one fused instruction; nothing else of IEEE 754 is given
    up, so NaN spreads as it should. `error_model="numpy"`: x / 0 is inf, as in NumPy.
    """
    return _compile(function, nogil=True, cache=True, error_model="numpy", fastmath={"contract"})


def exact(function: Callable[..., Any]) -> Any:
    """The same without `contract`: every operation is rounded as in NumPy, so the bits are its bits."""
    return _compile(function, nogil=True, cache=True, error_model="numpy")


def reordered(function: Callable[..., Any]) -> Any:
    """The same for a sum whose order does not matter: it may be added up in several parts, as wide as a vector."""
    return _compile(function, nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc"})


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
