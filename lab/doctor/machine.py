"""Python, NumPy with its BLAS, the processor, numba and the compiled kernels."""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

from lab.doctor.finding import Finding

FLOOR = (3, 11)


def python() -> list[Finding]:
    """New enough, and 64 bits."""
    bits = 64 if sys.maxsize > 2**32 else 32
    name = f"Python {'.'.join(map(str, sys.version_info[:3]))}, {bits} bits ({sys.executable})"
    if sys.version_info[:2] < FLOOR or bits == 32:
        needed = ".".join(map(str, FLOOR))
        return [Finding("Python", False, f"{name}: {needed} or newer with 64 bits is needed.", "conda env create")]
    return [Finding("Python", True, f"{name}.")]


def blas() -> list[Finding]:
    """Which library multiplies NumPy's matrices, and with how many threads."""
    import numpy as np
    from threadpoolctl import threadpool_info

    loaded = [library for library in threadpool_info() if library["user_api"] == "blas"]
    loaded.sort(key=lambda library: "numpy" not in library["filepath"])  # SciPy brings its own
    if loaded:
        threads = loaded[0]["num_threads"]
        says = f"{_describe(loaded[0])}, {threads} thread{'s' if threads != 1 else ''} (the lab trains with one each)"
    else:
        built: Any = np.show_config(mode="dicts")
        says = f"BLAS {built['Build Dependencies']['blas']['name']}, whose threads cannot be counted"
    return [Finding("NumPy", True, f"NumPy {np.__version__} with {says}.")]


def _describe(library: dict[str, Any]) -> str:
    kind = f" for {library['architecture']}" if library.get("architecture") else ""
    return f"{library['internal_api']} {library['version'] or 'of unknown version'}{kind}"


def cpu() -> list[Finding]:
    """Cores that this process may use, and the width of their vectors, as numba's compiler sees them."""
    from llvmlite import binding

    features = {name for name, has in binding.get_host_cpu_features().items() if has}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    bits, names = vectors(features)
    machine = f"{cores} core{'s' if cores != 1 else ''} of {os.cpu_count()} ({binding.get_host_cpu_name()})"
    says = f"{machine}, vectors of {bits} bits: {', '.join(names) or 'no extension known here'}"
    if bits == 128 and "NEON" not in names:
        return [Finding("CPU", None, f"{says}; the lab runs, but slower than on a processor with AVX2.")]
    return [Finding("CPU", True, f"{says}.")]


def vectors(features: set[str]) -> tuple[int, list[str]]:
    """Width in bits of the widest vectors, and the names of the extensions that matter here."""
    known = {"avx512f": "AVX-512", "avx2": "AVX2", "fma": "FMA", "sve": "SVE", "neon": "NEON", "asimd": "NEON"}
    names = [name for feature, name in known.items() if feature in features]
    bits = 512 if "avx512f" in features else 256 if "avx2" in features else 128
    return bits, list(dict.fromkeys(names))


def numba() -> list[Finding]:
    """numba can be imported, and SciPy with it: numba's `@` calls the BLAS that SciPy brings."""
    import numba as compiler

    scipy = version("scipy")
    return [Finding("numba", True, f"numba {compiler.__version__}, whose matrix products use SciPy {scipy}.")]


def kernels() -> list[Finding]:
    """Whether the fast kernels are compiled already: the first training waits for them otherwise."""
    warm = import_module("lab.kernels.cpu.cache").is_warm()
    if warm:
        return [Finding("kernels", True, "The kernels for the CPU are compiled and in the cache.")]
    says = "The kernels for the CPU are not compiled yet: the first training does it, and starts later."
    return [Finding("kernels", None, says, "python -m lab warmup")]
