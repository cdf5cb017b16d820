"""The ladder of `lab.kernels.cpu.ladder`, climbed live: the rate of every rung on this machine.

for event in climb(shape=(256, 784, 512), seconds=2):
    ...                                 # Waiting while a rung is compiled, then RungTimed, one rung after the other
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.bench.live import Measuring, made_ready
from lab.bench.timing import cores
from lab.checks import check_choice, check_count
from lab.errors import SettingError

BLAS, PEAK = "NumPy's BLAS", "peak"
FIRST_ROWS = 8  # of a, from which is estimated how many fit into a call
LONGEST = 0.2  # seconds of a call: few rungs need fewer rows then, and a rate at fewer rows is not that of the others


@dataclass(frozen=True)
class RungTimed:
    """A rung was measured once more: operations a second (median, quartiles), and how often.

    `rows`: of a. A slow rung multiplies fewer of them at a time, with all of b.
    """

    rung: str
    rate: float
    low: float
    high: float
    rows: int
    count: int


def names() -> tuple[str, ...]:
    """All rungs, from the lowest to the highest."""
    from lab.kernels.cpu.ladder import RUNGS

    return tuple(rung.name for rung in RUNGS)


def ideas() -> dict[str, tuple[str, str]]:
    """What is new on each rung, and what it still waits for."""
    from lab.kernels.cpu.ladder import RUNGS

    return {rung.name: (rung.idea, rung.limit) for rung in RUNGS}


class Climb(Measuring):
    """An iterator of `Waiting` and `RungTimed`; see `climb`.

    Attributes:
        timed: the last event of each rung, of `BLAS`, and of `PEAK`: the tile of sums on data of the first caches.
    """

    def __init__(
        self, rungs: Sequence[str] | None = None, shape: tuple[int, int, int] = (256, 784, 512),
        seconds: float = 3.0, dtype: str = "float32",
    ) -> None:  # fmt: skip
        super().__init__(seconds)
        self.rungs = tuple(names() if rungs is None else rungs)
        if not self.rungs:
            raise SettingError("rungs is empty. Name at least one.")
        for name in self.rungs:
            check_choice("rung", name, names())
        self.shape = tuple(check_count(f"shape[{i}]", size, high=4096) for i, size in enumerate(shape))
        if len(self.shape) != 3:
            raise SettingError(f"shape = {shape!r} is not allowed. Give (m, k, n): a is (m, k), b is (k, n).")
        self.dtype = np.dtype(check_choice("dtype", dtype, ("float32", "float64")))
        self.timed: dict[str, RungTimed] = {}

    @property
    def peak(self) -> float | None:
        """The best rate that was seen here, in operations a second: medians of all that was measured."""
        return max((each.rate for each in self.timed.values()), default=None)

    def _measure(self) -> Generator[Any, None, None]:
        products = self._products()
        yield from made_ready([(name, product.settle) for name, product in products.items()], len(products))
        for _ in self._rounds():
            for name, product in products.items():
                seconds = self._timed(name, product).seconds
                flops = product.flops
                event = RungTimed(
                    name, flops / seconds.median, flops / seconds.high, flops / seconds.low, product.rows, seconds.count
                )
                self.timed[name] = event
                yield event

    def _products(self) -> "dict[str, _Product]":
        from lab.kernels.cpu.ladder import RUNGS

        found = {rung.name: rung.multiply for rung in RUNGS}
        made = {name: _Product(found[name], self.shape, self.dtype) for name in self.rungs}
        made[BLAS] = _Product(lambda a, b, c, _: np.matmul(a, b, out=c), self.shape, self.dtype)
        made[PEAK] = peak_product(self.dtype)
        return made


def climb(
    rungs: Sequence[str] | None = None, shape: tuple[int, int, int] = (256, 784, 512), seconds: float = 3.0,
    dtype: str = "float32",
) -> Climb:  # fmt: skip
    """Measure rungs in turn, in pieces of some 20 ms, on one core; beside them NumPy's BLAS, and the machine's peak.

    Args:
        rungs: their names; None: all. shape: (m, k, n) of c (m, n) = a (m, k) b (k, n), up to 4096 each.
        seconds: about how long, in all. dtype: "float32" or "float64".

    Raises:
        SettingError: a rung is unknown, or a number is not allowed.
    """
    return Climb(rungs, shape, seconds, dtype)


def peak_product(dtype: np.dtype) -> "_Product":
    """A product whose data lie in the two nearest caches: nothing but the arithmetic limits it."""
    from lab.kernels.cpu.ladder import RUNGS
    from lab.kernels.cpu.vector import lanes

    panel = 2 * lanes(dtype.itemsize)  # its columns
    return _Product(RUNGS[-1].multiply, (192, 256, panel), dtype)


class _Product:
    """A product of random matrices; `settle` compiles it and finds how many rows of a fit into a piece."""

    def __init__(self, multiply: Callable[..., Any], shape: tuple[int, ...], dtype: np.dtype) -> None:
        from lab.kernels.cpu.ladder import workspace_size

        m, k, n = shape
        draw = np.random.default_rng(0)
        self._a, self._b = (draw.random(size, dtype=dtype) for size in ((m, k), (k, n)))
        self._c, self._workspace = np.empty((m, n), dtype), np.empty(workspace_size(dtype.itemsize), dtype)
        self._multiply, self.rows = multiply, min(FIRST_ROWS, m)

    def __call__(self) -> None:
        self._multiply(self._a[: self.rows], self._b, self._c[: self.rows], self._workspace)

    @property
    def flops(self) -> int:
        """Operations of a call."""
        return 2 * self.rows * self._b.size

    def settle(self) -> None:
        """The first calls: they compile, and say how long one takes."""
        self()
        for _ in range(2):  # few rows do not show what a block of b costs
            with cores(1):
                start = time.perf_counter()
                self()
                passed = time.perf_counter() - start
            self.rows = max(1, min(len(self._a), int(self.rows * LONGEST / passed)))
