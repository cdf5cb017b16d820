"""What a fresh process costs: import, kernels ready, the first step, and the memory of a training run.

Every figure comes from an interpreter of its own, started in turn, on one core and with one BLAS thread: so nobody
gains from more. Seconds count from the interpreter's first line, so imports are part of them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lab.bench.child import ChildError
from lab.bench.goals import IMPORT, READY
from lab.bench.rows import quartiles, ratio_row, row
from lab.bench.session import Session
from lab.bench.timing import cores
from lab.bench.workloads import Workload

NAME = "fresh process"
WORKLOAD = Workload("mnist10", 256)
STEPS = 30  # after the first one: until the memory grows no more
PATIENCE = 600.0
NO_STEP: dict[str, Any] = {"threads": None, "dtype": None}
ONE_THREAD = {f"{name}_THREADS": "1" for name in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "BLIS_NUM", "VECLIB_MAXIMUM")}
WARM = "kernels ready: all from a warm cache, with the imports of NumPy and numba"
WHERE = f"every process {'on one core, ' if hasattr(os, 'sched_setaffinity') else ''}with one BLAS thread"
COVERAGE = (
    "The package coverage is installed. Numba imports it in every process: some hundredths of a second of 'kernels "
    "ready' and of the lab's first step."
)

_CLOCK = "import json, time; start = time.perf_counter(); "
_SECONDS = "print(json.dumps(time.perf_counter() - start))"
IMPORT_LAB = f"{_CLOCK}import lab; {_SECONDS}"
NAMES = f"{_CLOCK}import lab; [getattr(lab, name) for name in lab.__all__]; {_SECONDS}"
KERNELS = f"""{_CLOCK}from lab.kernels.cpu.warmup import steps
for _, compile_it in steps(): compile_it()
{_SECONDS}"""


def start_rows(session: Session, runs: int, cold: bool) -> None:
    """Add the rows of import and kernels: with compiled kernels on disk, and (`cold`) compiling them all."""
    if find_spec("coverage"):
        session.note(COVERAGE)
    with tempfile.TemporaryDirectory(prefix="nn4-bench-") as folder:
        here = {"LAB_CACHE": folder, "NUMBA_CACHE_DIR": None} if cold else {}
        first = python(KERNELS, here)  # without `cold` it makes sure that the user's own cache is warm
        session.tick()
        for name, code, goal, note in (
            ("import lab", IMPORT_LAB, IMPORT, WHERE),
            ("import of every public name", NAMES, None, WHERE),
            ("kernels ready", KERNELS, READY, WARM),
        ):
            measured = quartiles([python(code, here) for _ in range(runs)])
            session.rows.append(row(NAME, name, None, measured, goal, unit="s", note=note, **NO_STEP))
            session.tick()
    if cold:
        note = "kernels compiled: every kernel, with an empty cache; one process, so there are no quartiles"
        session.rows.append(row(NAME, "kernels compiled", None, (first,) * 3, unit="s", note=note, **NO_STEP))


def training_rows(session: Session, runs: int, left_out: Collection[str] = ()) -> None:
    """Add rows for the first step and for the peak memory of a short training run, beside each peer.

    Args:
        left_out: peers that take too long for this bench.
    """
    for who in session.peers:
        if who in left_out:
            session.note(f"{who} was left out of the first step and of the memory: it takes long, and this is quick.")
    takes_part = [who for who in session.peers if who not in left_out]
    found: dict[str, list[dict[str, Any]]] = {who: [] for who in ("lab", *takes_part)}
    for _ in range(runs):
        for who in list(found):
            try:
                found[who].append(python(_probe(who)))
            except ChildError as error:
                if who == "lab":
                    raise
                session.note(f"{who} did not take a first step: {error}")
                del found[who]
        session.tick()
    about: dict[str, Any] = {"batch": WORKLOAD.batch, "dtype": WORKLOAD.dtype}
    ours = found.pop("lab")
    firsts = {who: np.array([one["first"] for one in ones]) for who, ones in found.items()}
    own = np.array([one["first"] for one in ours])
    for who, first in firsts.items():
        note = f"from the first line to the end of the first step; caches on disk are warm; {WHERE}"
        session.rows.append(ratio_row("first step", WORKLOAD.size, who, first, own, None, note=note, **about))
    if any(one["peak"] is None for one in ours):
        session.note("Memory was left out: this system does not tell a process its largest resident memory.")
        return
    for who, ones in {"lab": ours, **found}.items():
        sizes = [one["peak"] / 2**20 for one in ones]
        note = f"largest resident memory of a process that takes {STEPS + 1} steps"
        session.rows.append(row("peak memory", WORKLOAD.size, who, quartiles(sizes), unit="MiB", note=note, **about))


def _probe(who: str) -> str:
    fields = f"{WORKLOAD.size!r}, {WORKLOAD.batch}"
    return (
        f"import time; start = time.perf_counter(); from lab.bench.probe import probe, Workload; "
        f"probe({who!r}, Workload({fields}), {STEPS}, start)"
    )


def python(code: str, environment: Mapping[str, str | None] | None = None) -> Any:
    """Run code in a fresh interpreter, on one core (where the system knows affinity) and with one BLAS thread.

    Returns:
        the JSON of its last line.

    Args:
        environment: variables to set, or to leave out where the value is None.

    Raises:
        ChildError: it failed, or said nothing.
    """
    changed = os.environ | ONE_THREAD | {"PYTHONPATH": str(Path(__file__).parents[2])} | dict(environment or {})
    kept = {name: value for name, value in changed.items() if value is not None}
    try:
        with cores(1):  # a process begins on the cores of the thread that starts it
            done = subprocess.run(
                [sys.executable, "-c", code], env=kept, capture_output=True, text=True, encoding="utf-8",
                errors="replace", timeout=PATIENCE, check=False,
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ChildError(f"a fresh process was not ready after {PATIENCE:g} seconds.") from None
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode != 0 or not lines:
        raise ChildError(f"a fresh process failed (exit code {done.returncode}): {lines[-1] if lines else 'no words'}")
    return json.loads(lines[-1])
