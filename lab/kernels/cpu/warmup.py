"""Compile the kernels once, into the cache on disk, so that no page has to wait for it later."""

from collections.abc import Callable

import numpy as np

from lab.kernels.cpu import hidden, passes, update
from lab.kernels.cpu.fastest import choose
from lab.kernels.cpu.gemm import LOOP, workspace_size
from lab.kernels.cpu.philox import mask_address
from lab.kernels.cpu.program import training_program
from lab.params import Layout


def steps() -> list[tuple[str, Callable[[], object]]]:
    """What there is to compile: a name to show, and the call that does it (a few seconds each when cold)."""
    return [
        ("training pass, float32", lambda: _compile(np.float32)),
        ("training pass, float64", lambda: _compile(np.float64)),
        ("the fastest matrix product", choose),
    ]


def _compile(real: type[np.floating]) -> None:
    """Run the pass once, on one layer and two rows, and an update: numba compiles for the types that it meets."""
    widths, rows = (2, 1), 2
    params, running = Layout((("W1", (2, 1)),)), Layout(())
    table, size = passes.shape_table(widths, params, running, rows, training=True)
    program = training_program(widths, rows)
    masks = mask_address(seed=0, keep=0.5, step=0, layer=1)[None, :]
    index = np.arange(rows)
    passes.run(
        program.phases, 0, len(program.phases), table, LOOP, True, real(1e-5), np.zeros((rows, 2), real),
        np.zeros(rows, np.int64), index, index, masks, real(2.0), real(0.5),
        params.zeros(np.dtype(real)), running.zeros(np.dtype(real)), params.zeros(np.dtype(real)),
        np.zeros(size, real), np.zeros(1), np.zeros(workspace_size(np.dtype(real).itemsize), real),
        *hidden.scratch(np.dtype(real)),
    )  # fmt: skip
    vector = np.zeros(1, real)
    update.squares(vector)
    update.descend(vector, vector, real(0))
    update.blend(vector, vector, real(0))
