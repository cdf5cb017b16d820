"""Where a measurement was taken: without it, a factor says nothing."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import lab
from lab.bench.timing import allowed_cores
from lab.models.nn4 import NN4

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "threadpoolctl", "torch", "jax", "jaxlib")


def machine() -> dict[str, Any]:
    """Processor, cores, BLAS libraries, and what was forced upon them."""
    import scipy.linalg.cython_blas  # noqa: F401  the one that the kernels use is loaded now, so that it is found
    from threadpoolctl import threadpool_info

    blas = {
        f"{library['internal_api']} {library['version'] or '?'} {library.get('architecture') or ''}".strip()
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }
    return {
        "cpu": cpu_name(),
        "cores": len(allowed_cores()),
        "system": f"{platform.system()} {platform.machine()}",
        "blas": sorted(blas),
        "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE"),
    }


def lab_settings() -> dict[str, str]:
    """The lab's version, and by what it computes here: backend and matrix product.

    Raises:
        BackendError: the kernels for the CPU cannot run here; the message says why.
    """
    net = NN4((2, 2, 2, 2, 1), backend="cpu")
    return {"version": lab.__version__, "backend": net.backend.name, "gemm": net.backend.gemm}


def versions() -> dict[str, str | None]:
    """Versions of Python and of every package that takes part; None: not installed."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def cpu_name() -> str:
    """The processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
