"""What a fresh process costs: import, kernels ready, the first step, and the memory of a training run.

Every figure comes from an interpreter of its own, started in turn. Seconds count from the interpreter's first line,
so imports are part of them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab.bench.child import ChildError
from lab.bench.goals import IMPORT, READY
from lab.bench.rows import quartiles, ratio_row, row
from lab.bench.session import Session
from lab.bench.workloads import Workload

NAME = "fresh process"
WORKLOAD = Workload("mnist10", 256)
STEPS = 30  # after the first one: until the memory grows no more
PATIENCE = 600.0
NO_STEP: dict[str, Any] = {"threads": None, "dtype": None}

_CLOCK = "import json, time; start = time.perf_counter(); "
_SECONDS = "print(json.dumps(time.perf_counter() - start))"
IMPORT_LAB = f"{_CLOCK}import lab; {_SECONDS}"
NAMES = f"{_CLOCK}import lab; [getattr(lab, name) for name in lab.__all__]; {_SECONDS}"
KERNELS = f"""{_CLOCK}from lab.kernels.cpu.warmup import steps
for _, compile_it in steps(): compile_it()
{_SECONDS}"""


def start_rows(session: Session, runs: int, cold: bool) -> None:
    """Add the rows of import and kernels: with compiled kernels on disk, and (`cold`) compiling them all."""
    with tempfile.TemporaryDirectory(prefix="nn4-bench-") as folder:
        here = {"LAB_CACHE": folder, "NUMBA_CACHE_DIR": None} if cold else {}
        first = python(KERNELS, here)  # without `cold` it makes sure that the user's own cache is warm
        session.tick()
        for name, code, goal, note in (
            ("import lab", IMPORT_LAB, IMPORT, None),
            ("import of every public name", NAMES, None, None),
            ("kernels ready", KERNELS, READY, "all kernels from a warm cache, with the imports of NumPy and numba"),
        ):
            measured = quartiles([python(code, here) for _ in range(runs)])
            session.rows.append(row(NAME, name, None, measured, goal, unit="s", note=note, **NO_STEP))
            session.tick()
    if cold:
        note = "with an empty cache: every kernel is compiled, once"
        session.rows.append(row(NAME, "kernels compiled", None, (first,) * 3, unit="s", note=note, **NO_STEP))


def training_rows(session: Session, runs: int, peers: list[str]) -> None:
    """Add rows for the first step and for the peak memory of a short training run, beside each peer."""
    found: dict[str, list[dict[str, Any]]] = {who: [] for who in ("lab", *peers)}
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
        note = "from the first line to the end of the first step; caches on disk are warm"
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
    """Run code in a fresh interpreter and return the JSON of its last line.

    Args:
        environment: variables to set, or to leave out where the value is None.

    Raises:
        ChildError: it failed, or said nothing.
    """
    changed = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | dict(environment or {})
    kept = {name: value for name, value in changed.items() if value is not None}
    try:
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
