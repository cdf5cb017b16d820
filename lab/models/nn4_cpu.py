"""NN4 on the CPU by the fused numba kernels: the same results as the reference, several times faster."""

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from lab.blas import one_blas_thread
from lab.errors import BackendError
from lab.kernels.cpu import gemm as gemms
from lab.kernels.cpu import hidden
from lab.kernels.cpu.fastest import fastest
from lab.kernels.cpu.passes import Z, run, shape_table
from lab.kernels.cpu.philox import STEP, mask_address
from lab.kernels.cpu.program import Program, forward_program, testing_program, training_program

if TYPE_CHECKING:
    from lab.models.backend import Shard
    from lab.models.nn4 import NN4


class Workspace:
    """The memory of one worker, and for each number of rows the program that runs in it.

    Everything that a step needs is made before the first one or when a batch is larger than all before it.
    """

    def __init__(self) -> None:
        self.loss = np.zeros(1)
        self._make(np.dtype(np.float32), 0)
        self._plans: dict[tuple, tuple[Program, np.ndarray, int]] = {}
        self._masks: dict[tuple, np.ndarray] = {}

    def plan(self, net: "NN4", rows: int, kind: str) -> tuple[Program, np.ndarray]:
        """The program of a pass and its table of views, with the buffer made large enough for it."""
        key = (net.widths, net.bias, rows, kind)
        if key not in self._plans:
            make = {"training": training_program, "forward": forward_program, "testing": testing_program}[kind]
            table, size = shape_table(net.widths, net.layout, net.running_layout, rows, kind != "testing")
            self._plans[key] = make(net.widths, rows), table, size
        program, table, size = self._plans[key]
        if self.buffer.size < size or self.buffer.dtype != net.dtype:
            self._make(net.dtype, size)
        return program, table

    def masks(self, net: "NN4", keep: float, step: int) -> np.ndarray:
        """A `mask_address` for each layer, (layers, 6)."""
        key = (net.seed, keep, net.depth)
        if key not in self._masks:
            self._masks = {key: np.stack([mask_address(net.seed, keep, 0, i) for i in range(1, net.depth + 1)])}
        made = self._masks[key]
        made[:, STEP] = step
        return made

    def _make(self, dtype: np.dtype, size: int) -> None:
        self.buffer = np.empty(size, dtype)
        self.panel = np.empty(gemms.workspace_size(dtype.itemsize), dtype)
        self.scratch = hidden.scratch(dtype)
        self.no_grad = np.empty(0, dtype)


class CpuBackend:
    """NN4's passes by `lab.kernels.cpu`.

    Args:
        gemm: the matrix product, see `lab.kernels.cpu.gemm`; None for the one that is the fastest here.
    """

    name = "cpu"

    def __init__(self, gemm: str | None = None) -> None:
        self.gemm = gemm or fastest()
        if self.gemm not in gemms.NAMES:
            known = ", ".join(gemms.NAMES)
            raise BackendError(f"gemm = {gemm!r} is unknown to the cpu backend. Choose one of: {known}.")
        self._gemm = gemms.NAMES[self.gemm]

    def workspace(self) -> Workspace:
        return Workspace()

    def gradient(
        self, net: "NN4", shard: "Shard", workspace: Workspace, grad: np.ndarray, stats: np.ndarray
    ) -> Generator[None, None, float]:
        n = len(shard.index)
        program, table = workspace.plan(net, n, "training")
        arguments = self._arguments(net, table, workspace, shard, stats, grad, shard.weight / n)
        workspace.loss[0] = 0.0
        for first, last in program.bundles:
            run(program.phases, first, last, *arguments)
            if last >= program.gathered and len(program.bundles) > 1:
                yield
        return float(workspace.loss[0]) / n

    def logits(self, net: "NN4", x: np.ndarray, workspace: Workspace) -> np.ndarray:
        return self._forward(net, _batch(x, 0, np.arange(len(x))), workspace, "testing", net.running)

    def train_logits(self, net: "NN4", x: np.ndarray, step: int, rows: np.ndarray, workspace: Workspace) -> np.ndarray:
        stats = net.running_layout.zeros(net.dtype)
        return self._forward(net, _batch(x, step, rows), workspace, "forward", stats)

    def _forward(self, net: "NN4", shard: "Shard", workspace: Workspace, kind: str, stats: np.ndarray) -> np.ndarray:
        n = len(shard.index)
        program, table = workspace.plan(net, n, kind)
        no_grad, masked = workspace.no_grad, kind != "testing"
        arguments = self._arguments(net, table, workspace, shard, stats, no_grad, 1.0, masked)
        with one_blas_thread():
            run(program.phases, 0, len(program.phases), *arguments)
        return workspace.buffer[table[-1, Z] :][: n * net.outputs].reshape(n, net.outputs)

    def _arguments(self, net, table, workspace, shard, stats, grad, factor, masked=True):
        """Of `run`, all but the phases."""
        real, keep = net.dtype.type, net.keep if masked else 1.0
        return (
            table, self._gemm, net.batchnorm, real(net.eps), shard.x, shard.y, shard.index, shard.rows,
            workspace.masks(net, keep, shard.step), real(1.0 / keep), real(factor), net.params, stats, grad,
            workspace.buffer, workspace.loss, workspace.panel, *workspace.scratch,
        )  # fmt: skip


def _batch(x: np.ndarray, step: int, rows: np.ndarray) -> "Shard":
    """A shard of all rows of x; a forward pass reads no labels."""
    from lab.models.backend import Shard

    return Shard(x, np.zeros(1, np.int64), np.arange(len(x)), rows, step)
