"""Matrix products behind one name: the machine's BLAS, or a plain loop.

Both write into the array they are given. A product's shape comes from the rows of a shard, never
from the number of workers, and each runs on one thread: so the same bits come out for every P.
"""

import numpy as np
from numba import types
from numba.extending import overload

from lab.kernels.cpu.cache import kernel

BLAS, LOOP = 0, 1
NAMES = {"blas": BLAS, "loop": LOOP}

_N, _T = ord("n"), ord("t")


def _blas_function(real):
    """Numba's own entry to the BLAS that SciPy carries (what `a @ b` calls inside a kernel).

    Called directly it takes leading dimensions and beta, which `np.dot(a, b, out)` hides; bound as an
    external symbol it can be cached on disk, which a ctypes function cannot.
    """
    pointer = types.CPointer(real)
    size = types.intp
    return types.ExternalFunction(
        "numba_xxgemm",
        types.intc(
            *(types.char, types.char, types.char, size, size, size),
            *(pointer, pointer, size, pointer, size, pointer, pointer, size),
        ),
    )


_GEMM_32, _GEMM_64 = _blas_function(types.float32), _blas_function(types.float64)


def _blas(trans_a, trans_b, m, n, k, factors, a, lda, b, ldb, c, ldc):
    """c (m, n) = factors[0] op(a) op(b) + factors[1] c, all row-major with leading dimensions."""
    raise NotImplementedError("only callable from compiled code")


@overload(_blas, inline="never")
def _blas_compiled(trans_a, trans_b, m, n, k, factors, a, lda, b, ldb, c, ldc):
    if a.dtype == types.float32:
        function, kind = _GEMM_32, ord("s")
    else:
        function, kind = _GEMM_64, ord("d")

    # BLAS is column-major: a row-major c = a b is the column-major c^T = b^T a^T.
    def call(trans_a, trans_b, m, n, k, factors, a, lda, b, ldb, c, ldc):
        function(
            kind, trans_b, trans_a, n, m, k, factors[0:].ctypes, b.ctypes, ldb, a.ctypes, lda,
            factors[1:].ctypes, c.ctypes, ldc,
        )  # fmt: skip

    return call


@kernel
def matmul(gemm, a, b, c):
    """c = a b, with a (m, k), b (k, n), c (m, n)."""
    m, k = a.shape
    n = b.shape[1]
    if gemm == BLAS:
        factors = np.array([1, 0], a.dtype)
        _blas(_N, _N, m, n, k, factors, a, k, b, n, c, n)
        return
    for i in range(m):
        row = c[i]
        row[:] = 0
        for p in range(k):
            factor = a[i, p]
            for j in range(n):
                row[j] += factor * b[p, j]


@kernel
def matmul_nt(gemm, a, b, c):
    """c = a b^T, with a (m, k), b (n, k), c (m, n)."""
    m, k = a.shape
    n = b.shape[0]
    if gemm == BLAS:
        factors = np.array([1, 0], a.dtype)
        _blas(_N, _T, m, n, k, factors, a, k, b, k, c, n)
        return
    # Eight sums at once: one running sum would wait for its own result at every step.
    sums = np.empty(8, a.dtype)
    whole = k // 8 * 8
    for i in range(m):
        for j in range(n):
            sums[:] = 0
            for p in range(0, whole, 8):
                for lane in range(8):
                    sums[lane] += a[i, p + lane] * b[j, p + lane]
            total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
            for p in range(whole, k):
                total += a[i, p] * b[j, p]
            c[i, j] = total


@kernel
def matmul_tn(gemm, a, b, c, accumulate):
    """c = a^T b, or c += a^T b where `accumulate`, with a (k, m), b (k, n), c (m, n)."""
    k, m = a.shape
    n = b.shape[1]
    if gemm == BLAS:
        factors = np.array([1, 1 if accumulate else 0], a.dtype)
        _blas(_T, _N, m, n, k, factors, a, m, b, n, c, n)
        return
    if not accumulate:
        c[:] = 0
    for p in range(k):
        for i in range(m):
            factor = a[p, i]
            if factor != 0:  # dropped inputs and silent ReLUs: a tenth to a half of all
                row = c[i]
                for j in range(n):
                    row[j] += factor * b[p, j]
