"""The roofline of this machine, measured live, and where each kernel of a training step stands below it.

    attainable rate = min(peak rate, arithmetic intensity * bandwidth)

Two roofs slope: what the memory delivers, and what a near cache does. A step's buffers often fit the caches, so that
a kernel can stand above the memory's roof; the cache's is the one that nothing gets over.

Source: Williams, Waterman & Patterson 2009, "Roofline: an insightful visual performance model", CACM 52(4); copy and
add as in McCalpin's STREAM.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.bench.counting import KERNELS, Count, step_counts
from lab.bench.live import Measuring, Spread, made_ready, timed
from lab.bench.rungs import peak_product
from lab.bench.timing import cores
from lab.bench.workloads import WIDTHS, Workload, make_task
from lab.checks import check_choice, check_count
from lab.models.backend import Shard
from lab.models.nn4 import NN4
from lab.models.nn4_cpu import Workspace
from lab.optim.sgd import sgd

FAR, NEAR = 1 << 26, 1 << 17  # bytes of a vector: far larger than caches, and well within the second one
SLICE = 1 << 22  # bytes of a far vector that are moved by one call
ROOFS = ("peak", "copy, memory", "add, memory", "copy, cache")


@dataclass(frozen=True)
class RoofTimed:
    """A rate of the machine was measured once more: operations a second of `peak`, bytes a second of the others."""

    roof: str
    rate: float


@dataclass(frozen=True)
class StepTimed:
    """A whole step was taken, and every kernel of it timed where it stands: seconds by (name, layer)."""

    seconds: dict[tuple[str, int], float]
    count: int


@dataclass(frozen=True)
class Point:
    """A kernel of the step on the roofline: what it has to do, and its seconds in one step."""

    kernel: str
    count: Count
    seconds: float

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.count.flops / self.seconds


class Roofline(Measuring):
    """An iterator of `Waiting`, `RoofTimed` and `StepTimed`.

    Args:
        size: name of a net in `lab.bench.workloads.WIDTHS`. batch: rows of a step. seconds: about how long, in all.

    Attributes:
        roofs: best rates seen, by name out of `ROOFS`. counts: of the step's kernels, by (name, layer).

    Raises:
        SettingError: an unknown size, or a number that is not allowed.
    """

    def __init__(self, size: str = "mnist10", batch: int = 256, dtype: str = "float32", seconds: float = 3.0) -> None:
        super().__init__(seconds)
        check_choice("size", size, tuple(WIDTHS))
        self.batch, self.dtype = check_count("batch", batch, low=2, high=4096), np.dtype(dtype)
        self.size, self.widths = size, WIDTHS[size]
        self.counts = step_counts(self.widths, batch, self.dtype.itemsize)
        self.roofs: dict[str, float] = {}
        self.steps: dict[tuple[str, int], list[float]] = {}

    def attainable(self, intensity: np.ndarray, bandwidth: str) -> np.ndarray:
        """The roof over some intensities, by the peak and a bandwidth out of `ROOFS`."""
        return np.minimum(self.roofs["peak"], intensity * self.roofs[bandwidth])

    def points(self, layer: int | None = None) -> list[Point]:
        """Every kernel of the step: of one layer, or (None) of all layers together."""
        made = []
        for kernel in KERNELS:
            found = [key for key in self.steps if key[0] == kernel and layer in (None, key[1])]
            if found:
                seconds = [Spread.of(self.steps[key]).median for key in found]
                counts = [self.counts[key] for key in found]
                made.append(Point(kernel, sum(counts[1:], counts[0]), sum(seconds)))
        return made

    def _measure(self) -> Generator[Any, None, None]:
        roofs: dict[str, tuple[float, Callable[[], Any]]] = {}
        kernels: list[StepKernels] = []
        todo = [
            ("the products", lambda: roofs.update(self._roofs())),
            ("NN4's kernels", lambda: kernels.append(StepKernels(self.size, self.batch, self.dtype.name))),
        ]
        yield from made_ready(todo, len(todo))
        for _ in self._rounds():
            for name, (amount, call) in roofs.items():
                start = time.perf_counter()
                self.roofs[name] = max(self.roofs.get(name, 0.0), amount / timed(call))
                self._spent += time.perf_counter() - start
                yield RoofTimed(name, self.roofs[name])
            start = time.perf_counter()
            with cores(1):
                found = kernels[0].step()
            for key, seconds in found.items():
                self.steps.setdefault(key, []).append(seconds)
            self._spent += time.perf_counter() - start
            yield StepTimed(found, len(self.steps["gather", 1]))

    def _roofs(self) -> dict[str, tuple[float, Callable[[], Any]]]:
        """What each call moves or computes, and the call, called once."""
        product = peak_product(self.dtype)
        product.settle()
        far = [np.ones(FAR // 4, np.float32) for _ in range(3)]
        near = [np.ones(NEAR // 4, np.float32) for _ in range(2)]
        slices = [tuple(vector[at : at + SLICE // 4] for vector in far) for at in range(0, FAR // 4, SLICE // 4)]
        place = [0, 0]

        def next_slice(which: int) -> tuple[np.ndarray, ...]:
            place[which] = (place[which] + 1) % len(slices)
            return slices[place[which]]

        def copy() -> None:
            a, _, c = next_slice(0)
            np.copyto(c, a)

        def add() -> None:
            a, b, c = next_slice(1)
            np.add(a, b, out=c)

        return {
            "peak": (float(product.flops), product),
            "copy, memory": (2.0 * SLICE, copy),
            "add, memory": (3.0 * SLICE, add),
            "copy, cache": (2.0 * NEAR, lambda: np.copyto(near[1], near[0])),
        }


class StepKernels:
    """One step of NN4 after the other, every kernel timed where it stands, with what it finds in the caches.

    Made with a first step, which compiles. Calling a kernel costs some ten microseconds, which are in its time.
    """

    def __init__(self, size: str, batch: int, dtype: str) -> None:
        workload = Workload(size, batch, dtype)
        self._task, self._delta = make_task(workload), workload.delta
        self._net = NN4(workload.widths, keep=workload.keep, seed=0, dtype=dtype, backend="cpu")
        for layer, weights in enumerate(self._task.weights, start=1):
            self._net.views(self._net.params)[f"W{layer}"][...] = weights
        self._workspace = _EachPhase()
        self._grad, self._stats = (
            self._net.layout.zeros(self._net.dtype),
            self._net.running_layout.zeros(self._net.dtype),
        )
        self._index, self._steps = np.arange(batch), 0
        self.step()

    def step(self) -> dict[tuple[str, int], float]:
        """Take a step; seconds by (kernel, layer)."""
        task, net = self._task, self._net
        shard = Shard(task.x, task.y, self._index, self._index, self._steps)
        self._steps += 1
        made: dict[tuple[str, int], float] = {}
        work = net.backend.gradient(net, shard, self._workspace, self._grad, self._stats)
        phases = iter(self._workspace.names(net, len(self._index)))
        while True:
            start = time.perf_counter()
            try:
                next(work)
            except StopIteration:
                break
            key = next(phases)
            made[key] = made.get(key, 0.0) + time.perf_counter() - start
        start = time.perf_counter()
        sgd(net.params, self._grad, self._delta)
        made["update", 0] = time.perf_counter() - start
        return made


class _EachPhase(Workspace):
    """A workspace whose programs stop after every phase."""

    def plan(self, net: NN4, rows: int, kind: str) -> Any:
        program, table = super().plan(net, rows, kind)
        return replace(program, bundles=tuple((p, p + 1) for p in range(len(program.phases)))), table

    def names(self, net: NN4, rows: int) -> list[tuple[str, int]]:
        """(kernel, layer) of each phase that ends with a stop; the gathering stops once, at its end."""
        from lab.kernels.cpu import program as programs

        named = {
            programs.GATHER: "gather", programs.PRODUCT: "product", programs.HIDDEN: "hidden forward",
            programs.LOSS: "loss", programs.WEIGHTS: "weights", programs.INPUTS: "inputs",
            programs.HIDDEN_BACK: "hidden backward",
        }  # fmt: skip
        made, _ = self.plan(net, rows, "training")
        return [(named[int(phase[0])], int(phase[1])) for phase in made.phases[made.gathered - 1 :]]
