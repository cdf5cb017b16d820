"""Matrix products behind one name: tiles in registers, the machine's BLAS, or a plain loop.

All write into the array they are given. A product's shape comes from the rows of a shard, never from the
number of workers, and each runs on one thread: so the same bits come out for every P.
"""

from lab.kernels.cpu import blas, loop, register
from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.forms import NN, NT, TN

BLAS, LOOP, REGISTER = 0, 1, 2
NAMES = {"register": REGISTER, "blas": BLAS, "loop": LOOP}


def workspace_size(itemsize: int) -> int:
    """Entries of the workspace that a product needs, whichever it is."""
    return max(8, register.panel_size(itemsize))


@kernel
def product(gemm, form, a, b, c, accumulate, workspace):
    """c = op(a) op(b), or c += where `accumulate`; see `lab.kernels.cpu.forms`.

    One function for all forms: every caller of a product holds a copy of its machine code. So call it once, with a form
    that is not a constant there: numba would compile one for each.
    """
    if gemm == REGISTER:
        register.product(form, a, b, c, accumulate, workspace)
    elif gemm == BLAS:
        blas.product(form, a, b, c, accumulate, workspace)
    else:
        loop.product(form, a, b, c, accumulate, workspace)


@kernel
def matmul(gemm, a, b, c, workspace):
    """c = a b, with a (m, >= k), b (k, n), c (m, >= n)."""
    product(gemm, NN, a, b, c, False, workspace)


@kernel
def matmul_nt(gemm, a, b, c, workspace):
    """c = a b^T, with a (m, >= k), b (n, k), c (m, >= n)."""
    product(gemm, NT, a, b, c, False, workspace)


@kernel
def matmul_tn(gemm, a, b, c, accumulate, workspace):
    """c = a^T b, or c += a^T b where `accumulate`, with a (k, >= m), b (k, >= n), c (m, n)."""
    product(gemm, TN, a, b, c, accumulate, workspace)
