"""Matrix products by the machine's BLAS: the one that SciPy carries, which is what `a @ b` calls inside a kernel."""

from numba import types
from numba.extending import overload

from lab.kernels.cpu.cache import kernel

_N, _T = ord("n"), ord("t")


def _blas_function(real):
    """Numba's own entry to the BLAS.

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
def multiply(a, b, c, workspace):
    """c = a b, with a (m, >= k), b (k, n), c (m, >= n). workspace: two entries at least."""
    m, (k, n) = a.shape[0], b.shape
    _blas(_N, _N, m, n, k, _factors(workspace, False), a, a.shape[1], b, n, c, c.shape[1])


@kernel
def multiply_nt(a, b, c, workspace):
    """c = a b^T, with a (m, >= k), b (n, k), c (m, >= n)."""
    m, (n, k) = a.shape[0], b.shape
    _blas(_N, _T, m, n, k, _factors(workspace, False), a, a.shape[1], b, k, c, c.shape[1])


@kernel
def multiply_tn(a, b, c, accumulate, workspace):
    """c = a^T b, or c += a^T b where `accumulate`, with a (k, >= m), b (k, >= n), c (m, n)."""
    k, (m, n) = a.shape[0], c.shape
    _blas(_T, _N, m, n, k, _factors(workspace, accumulate), a, a.shape[1], b, b.shape[1], c, n)


@kernel
def _factors(workspace, accumulate):
    """alpha and beta, in memory that is there already: a step allocates nothing."""
    workspace[0], workspace[1] = 1, 1 if accumulate else 0
    return workspace[:2]
