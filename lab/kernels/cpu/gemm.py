"""Matrix products behind one name: tiles in registers, the machine's BLAS, or a plain loop.

All write into the array they are given. A product's shape comes from the rows of a shard, never from the
number of workers, and each runs on one thread: so the same bits come out for every P. The matrices of
activations may be wider than what is read of them or written to them: the sizes m, n and k are those of the weights.
"""

from lab.kernels.cpu import blas, loop, register
from lab.kernels.cpu.cache import kernel

BLAS, LOOP, REGISTER = 0, 1, 2
NAMES = {"register": REGISTER, "blas": BLAS, "loop": LOOP}


def workspace_size(itemsize: int) -> int:
    """Entries of the workspace that a product needs, whichever it is."""
    return max(8, register.panel_size(itemsize))


@kernel
def matmul(gemm, a, b, c, workspace):
    """c = a b, with a (m, >= k), b (k, n), c (m, >= n)."""
    if gemm == REGISTER:
        register.multiply(a, b, c, workspace)
    elif gemm == BLAS:
        blas.multiply(a, b, c, workspace)
    else:
        loop.multiply(a, b, c)


@kernel
def matmul_nt(gemm, a, b, c, workspace):
    """c = a b^T, with a (m, >= k), b (n, k), c (m, >= n)."""
    if gemm == REGISTER:
        register.multiply_nt(a, b, c, workspace)
    elif gemm == BLAS:
        blas.multiply_nt(a, b, c, workspace)
    else:
        loop.multiply_nt(a, b, c, workspace)


@kernel
def matmul_tn(gemm, a, b, c, accumulate, workspace):
    """c = a^T b, or c += a^T b where `accumulate`, with a (k, >= m), b (k, >= n), c (m, n)."""
    if gemm == REGISTER:
        register.multiply_tn(a, b, c, accumulate, workspace)
    elif gemm == BLAS:
        blas.multiply_tn(a, b, c, accumulate, workspace)
    else:
        loop.multiply_tn(a, b, c, accumulate)
