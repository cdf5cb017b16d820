"""The same product for processors with narrower vectors, as far as this one can play them."""

import json
import os
import platform
import subprocess
import sys

import llvmlite.binding as llvm
import pytest

PRODUCT = """
import hashlib, json
import numpy as np
from lab.kernels.cpu import features, vector
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
about = {"bytes": vector.BYTES, "fma": features.has_fma(), "gemm": fastest()}
print(json.dumps({**about, "bits": digest.hexdigest(), "off": off}))
"""
# A tile of numba's own LLVM for vectors of 16 bytes, handed to the back end of another processor.
NEON = r"""
import json, re
import llvmlite.binding as llvm, numba
from numba import types
from lab.kernels.cpu.vector import BYTES, ROWS, make_tile

llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
target = llvm.Target.from_triple("aarch64-unknown-linux-gnu").create_target_machine(cpu="neoverse-n1", opt=3)
size = types.int64

def machine_code(vectors):
    tile = make_tile(ROWS, vectors)
    def kernel(real, a, a_row, a_column, panel, c, c_row, k, accumulate, width):
        tile(real, a, a_row, a_column, panel, c, c_row, k, accumulate, width)
    arguments = types.void(types.float32[::1], *[size] * 9)
    made = numba.njit([arguments], error_model="numpy", fastmath={"contract"}, _nrt=False)(kernel)
    text = made.inspect_llvm(made.signatures[0])
    text = re.sub('target triple = ".*"', 'target triple = "aarch64-unknown-linux-gnu"', text)
    text = re.sub('target datalayout = ".*"', f'target datalayout = "{target.target_data}"', text)
    return target.emit_assembly(llvm.parse_assembly(text))

whole = machine_code(2)
loops = [body for _, body in re.findall(r"\n(\.LBB\d+_\d+):(.*?)\n\tb\.\w+\t\1", whole, re.S)]
inner = max(loops, key=lambda body: body.count("fmla"))
print(json.dumps({"bytes": BYTES, "rows": ROWS, "fmla": inner.count("fmla"), "stack": inner.count("[sp"),
                  "narrow": machine_code(1).count("fmla")}))
"""
AVX2 = "+sse,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+avx,+avx2,+fma,+bmi,+bmi2,+popcnt,+cx16,+cmov,+fxsr,+64bit"
SSE = "+sse,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+cmov,+fxsr,+64bit"


def played(folder, code=PRODUCT, **processor):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_CPU", "NUMBA_CACHE"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**kept, "NUMBA_CACHE_DIR": str(folder), **processor},
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


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="plays vectors of 16 bytes on x86")
def test_on_arm_a_tile_stays_in_its_registers_with_fused_sums(tmp_path):
    """Nothing is run: it is read what LLVM makes for Neon."""
    llvm.initialize_all_targets()
    try:
        llvm.Target.from_triple("aarch64-unknown-linux-gnu")
    except RuntimeError as error:
        pytest.skip(f"this llvmlite knows no Arm processors: {error}")
    tile = played(tmp_path, NEON, NUMBA_CPU_NAME="nehalem", NUMBA_CPU_FEATURES=SSE)
    assert (tile["bytes"], tile["rows"]) == (16, 12)
    assert tile["fmla"] == 2 * 12 and tile["stack"] == 0  # a sum each, none of them in memory
    assert tile["narrow"] >= 12
