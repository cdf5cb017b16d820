"""Where a measurement was taken: without it, a factor says nothing."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "threadpoolctl", "torch", "jax", "jaxlib")


def machine() -> dict[str, Any]:
    """Processor, cores, BLAS libraries, and what was forced upon them."""
    from threadpoolctl import threadpool_info

    blas = {
        f"{library['internal_api']} {library['version'] or '?'} {library.get('architecture') or ''}".strip()
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }
    return {
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "blas": sorted(blas),
        "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE"),
    }


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
