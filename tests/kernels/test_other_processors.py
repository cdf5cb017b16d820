"""The same product for processors with narrower vectors, as far as this one can play them."""

import json
import os
import platform
import subprocess
import sys

import pytest

PRODUCT = """
import hashlib, json
import numpy as np
from lab.kernels.cpu import vector
from lab.kernels.cpu.fastest import fastest
from lab.kernels.cpu.forms import NN, NT, TN
from lab.kernels.cpu.register import panel_size, product

random, digest, off = np.random.default_rng(0), hashlib.sha256(), 0.0
a, b = (random.standard_normal(shape).astype(np.float32) for shape in ((37, 101), (101, 77)))
c, panel = np.empty((37, 77), np.float32), np.empty(panel_size(4), np.float32)
turned = (NN, a, b), (NT, a, np.ascontiguousarray(b.T)), (TN, np.ascontiguousarray(a.T), b)
for form, left, right in turned:
    product(form, left, right, c, False, panel)
    digest.update(c.tobytes())
    off = max(off, float(np.abs(c - a @ b).max() / np.finfo(c.dtype).eps))
about = {"bytes": vector.BYTES, "fma": vector.has_fma(), "gemm": fastest()}
print(json.dumps({**about, "bits": digest.hexdigest(), "off": off}))
"""
AVX2 = "+sse,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+avx,+avx2,+fma,+bmi,+bmi2,+popcnt,+cx16,+cmov,+fxsr,+64bit"
SSE = "+sse,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+cmov,+fxsr,+64bit"


def played(folder, **processor):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_CPU", "NUMBA_CACHE"))}
    done = subprocess.run(
        [sys.executable, "-c", PRODUCT], env={**kept, "NUMBA_CACHE_DIR": str(folder), **processor},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="plays x86 processors")
def test_narrower_vectors_give_the_same_bits_with_fused_sums_and_the_right_numbers_without(tmp_path):
    here = played(tmp_path / "here")
    if not here["fma"]:
        pytest.skip("this processor has no fused multiply-add")
    avx2 = played(tmp_path / "avx2", NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES=AVX2)
    assert (avx2["bytes"], avx2["gemm"]) == (32, "register")
    assert avx2["bits"] == here["bits"]
    sse = played(tmp_path / "sse", NUMBA_CPU_NAME="nehalem", NUMBA_CPU_FEATURES=SSE)
    assert (sse["bytes"], sse["fma"], sse["gemm"]) == (16, False, "blas")
    assert max(here["off"], avx2["off"], sse["off"]) < 200  # units in the last place, over sums of 101
