"""What the processor has, as far as the kernels ask: the width of its vectors, and whether they are fused."""

from functools import cache

import llvmlite.binding as llvm
from numba.core import config


@cache
def _features() -> frozenset[str]:
    """What the processor can do, as LLVM names it; NUMBA_CPU_FEATURES counts where it is set."""
    if config.CPU_FEATURES is not None:
        return frozenset(name[1:] for name in config.CPU_FEATURES.split(",") if name.startswith("+"))
    return frozenset(name for name, there in llvm.get_host_cpu_features().items() if there)


def vector_bytes() -> int:
    """Bytes of the widest vectors: 64 with AVX-512, 32 with AVX, else 16."""
    return 64 if "avx512f" in _features() else 32 if "avx" in _features() else 16


def has_fma() -> bool:
    """Whether a product and a sum are one instruction here; without it the BLAS is the better choice."""
    return bool(_features() & {"fma", "neon", "asimd"}) or llvm.get_process_triple().startswith(("aarch64", "arm64"))
