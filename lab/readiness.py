"""Whether the compiled kernels are there, and how they are made without anybody waiting.

Compiling takes some 15 seconds, once. The command line and the tests wait for it. A page does not: it computes
with NumPy until the next run begins after the kernels are ready.
"""

import subprocess
import sys
import time

from lab.errors import BackendError

LOOK_EVERY = 1.0  # seconds: it is asked in every frame of a page, and looks at the disk

_compiler: subprocess.Popen[bytes] | None = None
_looked, _ready = -LOOK_EVERY, False


def kernels_ready() -> bool:
    """Whether a fresh process would load the kernels of the cpu backend instead of compiling them."""
    global _looked, _ready
    if not _ready and time.perf_counter() - _looked >= LOOK_EVERY:
        try:
            from lab.kernels.cpu.cache import is_warm
        except ImportError as error:
            raise BackendError(
                f"the kernels for the CPU need numba and scipy, but: {error}. Install them: "
                "python -m pip install numba scipy. The reference backend runs without."
            ) from error
        _ready = is_warm() and not compiling()
        _looked = time.perf_counter()
    return _ready


def compile_kernels() -> None:
    """Compile them beside, in a process of their own; nothing happens where they are ready or being made."""
    global _compiler
    if not kernels_ready() and not compiling():
        _compiler = subprocess.Popen(
            [sys.executable, "-m", "lab", "warmup"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


def compiling() -> bool:
    """Whether `compile_kernels` is at work."""
    return _compiler is not None and _compiler.poll() is None
