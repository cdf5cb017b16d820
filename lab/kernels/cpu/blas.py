"""Matrix products by the machine's BLAS: the one that SciPy carries, which is what `a @ b` calls inside a kernel."""

from numba import types
from numba.extending import overload

from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.forms import NT, TN, sizes

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
def product(form, a, b, c, accumulate, workspace):
    """c = or += op(a) op(b) in one of the three forms; workspace: two entries at least."""
    m, n, k = sizes(form, a, b, c)
    trans_a, trans_b = _T if form == TN else _N, _T if form == NT else _N
    # alpha and beta, in memory that is there already: a step allocates nothing.
    workspace[0], workspace[1] = 1, 1 if accumulate else 0
    _blas(trans_a, trans_b, m, n, k, workspace, a, a.shape[1], b, b.shape[1], c, c.shape[1])
