"""The floor under a step: its products at the best rate that this machine was seen to reach, and nothing else.

    floor = FLOPs of the step's products / best rate,     share = floor / step

The rate is the best of all products tried (the BLAS of NumPy, the lab's kernels, PyTorch's) in all shapes of the net,
so the share is below 1 even for perfect kernels: the small layers cannot reach that rate. Beside it stands the
memory's bandwidth, for what is not a product.

Source: Williams, Waterman & Patterson 2009, "Roofline: an insightful visual performance model", CACM 52(4); copy and
add as in McCalpin's STREAM, without counting the lines that a store reads first.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from lab.bench.goals import FLOOR, LARGE
from lab.bench.lab_step import LabStep
from lab.bench.rows import quartiles, row
from lab.bench.session import Session
from lab.bench.timing import cores, interleaved
from lab.bench.workloads import Workload, make_task
from lab.blas import set_blas_threads

FORMS = ("a b", "a^T b", "a b^T")  # forward, gradient by the weights, gradient by the inputs
Multiply = Callable[[np.ndarray, np.ndarray, np.ndarray], object]


def floor_rows(session: Session, workload: Workload) -> None:
    """Measure the products of a workload beside its step; add its row, and keep the rates under `session.floor`."""
    with cores(1), LabStep(make_task(workload)) as ours:
        set_blas_threads(1)
        calls = {
            (shape, form, who): call
            for layer, shape in enumerate(pairwise(workload.widths))
            for form in FORMS[: 3 if layer else 2]  # nobody needs the gradient by the pictures
            for who, call in product_calls(form, workload.batch, *shape, workload.dtype, session.has("torch")).items()
        }
        steps: dict[Any, Any] = {"lab": ours, **calls}
        seconds = session.seconds / 3  # many of them
        times = interleaved(steps, session.rounds, seconds, session.tick)
    flops = {shape: 2.0 * workload.batch * shape[0] * shape[1] for shape in pairwise(workload.widths)}
    rates = {key: flops[key[0]] / float(np.median(times[key])) for key in calls}
    best = max(rates, key=lambda key: rates[key])
    shares = workload.flops() / (flops[best[0]] / times[best]) / times["lab"]
    note = f"{rates[best] / 1e9:.0f} GFLOP/s: {best[2]}, {best[1]}, {workload.batch} x {best[0][0]} x {best[0][1]}"
    session.rows.append(
        row(
            "floor / step", workload.size, None, quartiles(shares), FLOOR if workload.batch >= LARGE else None,
            batch=workload.batch, dtype=workload.dtype, unit="share", seconds=float(np.median(times["lab"])), note=note,
        )
    )  # fmt: skip
    session.floor.setdefault("gemm", []).append(
        {
            "size": workload.size,
            "batch": workload.batch,
            "dtype": workload.dtype,
            "flops": workload.flops(),
            "best": {"rate": rates[best], "form": best[1], "product": best[2], "d_in": best[0][0], "d_out": best[0][1]},
            "products": [
                {"d_in": shape[0], "d_out": shape[1], "form": form, "product": who, "rate": rate}
                for (shape, form, who), rate in rates.items()
            ],
        }
    )


def product_calls(form: str, batch: int, d_in: int, d_out: int, dtype: str, torch: bool) -> dict[str, Callable]:
    """A layer's product of one form, by everybody: functions without arguments."""
    draw = np.random.default_rng(0)
    shapes = {
        "a b": ((batch, d_in), (d_in, d_out), (batch, d_out)),
        "a^T b": ((batch, d_in), (batch, d_out), (d_in, d_out)),
        "a b^T": ((batch, d_out), (d_in, d_out), (batch, d_in)),
    }[form]
    a, b, c = (draw.random(shape, dtype=np.dtype(dtype)) for shape in shapes)
    calls: dict[str, Callable] = {"NumPy's BLAS": _numpy_product(form, a, b, c), **_lab_products(form, a, b, c)}
    if torch:
        calls["torch"] = _torch_product(form, a, b, c)
    return calls


def _numpy_product(form: str, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> Callable:
    left, right = (a.T if form == "a^T b" else a), (b.T if form == "a b^T" else b)
    return lambda: np.matmul(left, right, out=c)


def _lab_products(form: str, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> dict[str, Callable]:
    """The lab's own, but for the plain loop, which nobody chooses for its speed."""
    from lab.kernels.cpu import gemm

    workspace = np.empty(gemm.workspace_size(a.itemsize), a.dtype)

    def call(name: str) -> Callable:
        kind = gemm.NAMES[name]
        if form == "a b":
            return lambda: gemm.matmul(kind, a, b, c, workspace)
        if form == "a b^T":
            return lambda: gemm.matmul_nt(kind, a, b, c, workspace)
        return lambda: gemm.matmul_tn(kind, a, b, c, False, workspace)

    return {f"lab's {name}": call(name) for name in gemm.NAMES if name != "loop"}


def _torch_product(form: str, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> Callable:
    import torch

    torch.set_num_threads(1)
    left, right, out = (torch.from_numpy(matrix) for matrix in (a, b, c))
    left, right = (left.T if form == "a^T b" else left), (right.T if form == "a b^T" else right)
    return lambda: torch.mm(left, right, out=out)


def bandwidth(session: Session, entries: int = 1 << 24) -> None:
    """Measure copy and add on arrays of 64 MiB, far larger than caches; GB/s under `session.floor`."""
    a, b, c = np.ones(entries, np.float32), np.ones(entries, np.float32), np.zeros(entries, np.float32)
    with cores(1):
        steps = {"copy": lambda: np.copyto(c, a), "add": lambda: np.add(a, b, out=c)}
        times = interleaved(steps, session.rounds, 0.0, session.tick)
    moved = {"copy": 2 * a.nbytes, "add": 3 * a.nbytes}
    session.floor["bandwidth"] = {}
    for name, size in moved.items():
        rates = quartiles(size / times[name] / 1e9)
        session.floor["bandwidth"][name] = 1e9 * rates[0]
        note = "vectors far larger than the caches, one core"
        session.rows.append(row("bandwidth", name, None, rates, unit="GB/s", dtype=None, note=note))
