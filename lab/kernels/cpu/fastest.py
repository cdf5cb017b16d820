"""Which matrix product is the fastest here: by what the processor has, and by a measurement at warm-up.

The choice is kept beside the compiled kernels. It is made once and then stays, because the product's name is part of
what a run is: two products differ in the last bits.
"""

import json
import time
from functools import cache

import numpy as np

from lab.blas import one_blas_thread
from lab.kernels.cpu.cache import choice_file
from lab.kernels.cpu.features import has_fma
from lab.kernels.cpu.forms import NN, NT, TN
from lab.kernels.cpu.gemm import NAMES, product, workspace_size
from lab.kernels.cpu.vector import BYTES

ROWS, D_IN, D_OUT = 128, 784, 512  # the first layer of NN4 on MNIST, with a usual batch
LEAD = 1.05  # the BLAS must be so much faster: the tiles' bits are the same on every machine, the BLAS' are not


def fastest() -> str:
    """The measured choice of this machine where there is one, else the one by the processor's features."""
    return _kept() or ("register" if BYTES >= 32 and has_fma() else "blas")


def choose(rounds: int = 15) -> str:
    """Measure the products that come into question, and keep the choice; one that was made before stays."""
    if _kept() is None:
        rates = {name: 0.0 for name in NAMES if name != "loop"}
        for _ in range(rounds):  # in turn, so that a slow moment hits both
            for name in rates:
                rates[name] = max(rates[name], _rate(name))
        chosen = "blas" if rates["blas"] > LEAD * rates["register"] else "register"
        place = choice_file()
        place.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"gemm": chosen, "gflops": {name: round(rate, 1) for name, rate in rates.items()}})
        place.with_suffix(".new").write_text(text, encoding="utf-8")
        place.with_suffix(".new").replace(place)
        _kept.cache_clear()
    return fastest()


@cache
def _kept() -> str | None:
    """The choice on disk; None where there is none, or none that can be read."""
    try:
        named = json.loads(choice_file().read_text(encoding="utf-8"))["gemm"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return named if isinstance(named, str) and named in NAMES else None


@cache
def _operands() -> tuple[np.ndarray, ...]:
    """Inputs, weights, weighted sums, a gradient, and the products' workspace."""
    random = np.random.default_rng(0)
    shapes = ((ROWS, D_IN), (D_IN, D_OUT), (ROWS, D_OUT), (D_IN, D_OUT))
    a, w, z, g = (random.random(shape, np.float32) for shape in shapes)
    return a, w, z, g, np.empty(workspace_size(4), np.float32)


def _rate(name: str) -> float:
    """GF/s of the three products of a layer, one after the other."""
    a, w, z, g, workspace = _operands()
    gemm = NAMES[name]
    with one_blas_thread():
        start = time.perf_counter()
        for form, left, right, out in ((NN, a, w, z), (TN, a, z, g), (NT, z, w, a)):
            product(gemm, form, left, right, out, False, workspace)
        return 3 * 2e-9 * ROWS * D_IN * D_OUT / (time.perf_counter() - start)
