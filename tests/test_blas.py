"""The BLAS alone: numba computes with it, and SciPy is whole for everybody who wants it later."""

import json
import subprocess
import sys

import pytest

HERE = """
import json, sys
{before}
from lab.blas import load_blas
load_blas()
alone = "scipy.linalg" not in sys.modules and "scipy.linalg.cython_blas" in sys.modules
import numba, numpy as np
product = numba.njit(lambda a, b: a @ b)
a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
equal = bool(np.array_equal(product(a, b), a @ b))
still = "scipy.linalg" not in sys.modules
import scipy.linalg
from scipy.linalg import cython_blas, lapack
solved = scipy.linalg.solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.ones(2)).tolist()
address = numba.extending.get_cython_function_address("scipy.linalg.cython_blas", "dgemm") > 0
print(json.dumps([alone, equal, still, solved, address]))
"""


def found(before=""):
    done = subprocess.run(
        [sys.executable, "-c", HERE.format(before=before)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_numba_finds_its_blas_without_the_rest_of_the_package():
    assert found() == [True, True, True, [0.5, 0.25], True]


@pytest.mark.parametrize(
    "broken",
    [
        "blas.PathFinder = type('None', (), {'find_spec': staticmethod(lambda *names: None)})",
        "blas.module_from_spec = lambda spec: 1 / 0",
    ],
)
def test_where_that_fails_the_usual_import_does_it(broken):
    alone, equal, _, solved, address = found(f"import lab.blas as blas; {broken}")
    assert not alone and (equal, solved, address) == (True, [0.5, 0.25], True)
