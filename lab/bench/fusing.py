"""What fusing saves: one layer, Dropout(BatchNorm(ReLU(a W))), in three ways, measured live.

    NumPy           product by the BLAS, then a NumPy expression for every operation, with the arrays that these make
    pass by pass    product in registers, then six compiled passes over whole arrays (`lab.kernels.cpu.apart`)
    fused           the same product, then one pass over blocks of columns (`lab.kernels.cpu.hidden`)

Ways take turns; every part of a way is timed where it stands, with what the part before left in the caches.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.bench.counting import Count, product
from lab.bench.live import Measuring, Spread, made_ready
from lab.bench.timing import cores
from lab.checks import check_choice, check_count, check_keep
from lab.errors import SettingError

WAYS = ("NumPy", "pass by pass", "fused")
PARTS = ("product", "ReLU", "mean", "variance", "normalize", "draw mask", "drop", "fused pass")
EPS = 1e-5


@dataclass(frozen=True)
class WayTimed:
    """A layer was computed once more in one way: seconds of each of its parts."""

    way: str
    parts: dict[str, float]
    count: int


class Fusing(Measuring):
    """An iterator of `Waiting` and `WayTimed`.

    Args:
        shape: (N, d_in, d_out) of the layer, up to 4096 each, N >= 2. keep: of its dropout. seconds: about how long.

    Attributes:
        outputs: of each way, (N, d_out): the last two are equal to rounding; NumPy draws a mask of its own.

    Raises:
        SettingError: a number is not allowed. KeepProbabilityError: keep is no probability.
    """

    def __init__(
        self, shape: tuple[int, int, int] = (256, 784, 512), keep: float = 0.9, dtype: str = "float32",
        seconds: float = 3.0,
    ) -> None:  # fmt: skip
        super().__init__(seconds)
        if len(shape) != 3:
            raise SettingError(f"shape = {shape!r} is not allowed. Give (N, d_in, d_out).")
        self.shape = tuple(check_count(f"shape[{i}]", size, 2, 4096) for i, size in enumerate(shape))
        self.keep, self.dtype = check_keep(keep), np.dtype(check_choice("dtype", dtype, ("float32", "float64")))
        self.parts: dict[str, dict[str, list[float]]] = {way: {} for way in WAYS}
        self.outputs: dict[str, np.ndarray] = {}

    def median(self, way: str, part: str) -> float:
        """Seconds of a part; 0 where a way has none, or before the first measurement."""
        found = self.parts[way].get(part)
        return Spread.of(found).median if found else 0.0

    def whole(self, way: str, product: bool = True) -> float:
        """Seconds of all parts of a way, with the product or without."""
        return sum(self.median(way, part) for part in PARTS if product or part != "product")

    def counts(self) -> dict[str, Count]:
        """Bytes and operations of what follows the product, pass by pass and fused, and of the product."""
        from lab.kernels.cpu.apart import FUSED_MOVES, MOVES

        (n, d_in, d_out), size = self.shape, self.dtype.itemsize
        around = float(9 * n * d_out)
        return {
            "pass by pass": Count(around, float(sum(MOVES.values()) * n * d_out * size)),
            "fused": Count(around, float(FUSED_MOVES * n * d_out * size)),
            "product": product(n, d_in, d_out, size),
        }

    def _measure(self) -> Generator[Any, None, None]:
        ways: dict[str, dict[str, Callable[[], Any]]] = {}
        layer = _Layer(self.shape, self.keep, self.dtype)

        def prepare(way: str) -> None:
            ways[way] = {"NumPy": layer.numpy, "pass by pass": layer.apart, "fused": layer.fused}[way]()
            for call in ways[way].values():
                call()

        yield from made_ready([(way, lambda way=way: prepare(way)) for way in WAYS], len(WAYS))  # type: ignore[misc]
        for _ in self._rounds():
            for way, calls in ways.items():
                with cores(1):
                    found = _each(calls)
                self._spent += sum(found.values())
                for part, seconds in found.items():
                    self.parts[way].setdefault(part, []).append(seconds)
                self.outputs[way] = layer.out.copy()
                yield WayTimed(way, found, len(self.parts[way]["product"]))


def _each(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Seconds of each call, one after the other."""
    made = {}
    for part, call in calls.items():
        start = time.perf_counter()
        call()
        made[part] = time.perf_counter() - start
    return made


class _Layer:
    """The arrays of one layer, and its parts in three ways; `out` is the output of the way that ran last."""

    def __init__(self, shape: tuple[int, ...], keep: float, dtype: np.dtype) -> None:
        n, d_in, d_out = shape
        self._draw, self._keep, self._real = np.random.default_rng(0), keep, dtype.type
        self._a = self._draw.standard_normal((n, d_in), dtype=dtype)
        self._w = (self._draw.standard_normal((d_in, d_out)) / np.sqrt(d_in)).astype(dtype)
        self._z, self._y, self.out, self._scales = (np.empty((n, d_out), dtype) for _ in range(4))
        self._gamma, self._beta = np.ones(d_out, dtype), np.zeros(d_out, dtype)
        self._mean, self._var, self._lines = np.empty(d_out, dtype), np.empty(d_out, dtype), np.empty((2, d_out), dtype)

    def numpy(self) -> dict[str, Callable[[], Any]]:
        """As one writes it in NumPy; float32 random numbers of PCG64 for the mask."""
        here: dict[str, np.ndarray] = {}

        def normalize() -> None:
            x_hat = (here["z"] - here["mean"]) / np.sqrt(here["var"] + self._real(EPS))
            here["y"] = self._gamma * x_hat + self._beta

        def drop() -> None:
            self.out = here["y"] * here["mask"] / self._real(self._keep)

        return {
            "product": lambda: here.update(z=self._a @ self._w),
            "ReLU": lambda: here.update(z=np.maximum(here["z"], 0)),
            "mean": lambda: here.update(mean=here["z"].mean(axis=0)),
            "variance": lambda: here.update(var=here["z"].var(axis=0)),
            "normalize": normalize,
            "draw mask": lambda: here.update(mask=self._draw.random(here["z"].shape, np.float32) < self._keep),
            "drop": drop,
        }

    def apart(self) -> dict[str, Callable[[], Any]]:
        """Six compiled passes."""
        from lab.kernels.cpu import apart

        rows, mask, scale, line = self._mask()
        z, mean, var = self._z, self._mean, self._var
        normal = (z, self._gamma, self._beta, mean, var, self._real(EPS), self._lines, self._y)
        out = np.empty_like(z)

        def drop() -> None:
            apart.drop(self._y, self._scales, out)
            self.out = out

        return {
            "product": self._product(z),
            "ReLU": lambda: apart.relu(z),
            "mean": lambda: apart.column_mean(z, mean),
            "variance": lambda: apart.column_variance(z, mean, var),
            "normalize": lambda: apart.normalize(*normal),
            "draw mask": lambda: apart.draw(self._scales, rows, mask, scale, line),
            "drop": drop,
        }

    def fused(self) -> dict[str, Callable[[], Any]]:
        """One compiled pass, over blocks of columns: so rows lie a little further apart, as in the lab's buffers."""
        from lab.kernels.cpu import apart, hidden, passes

        rows, mask, scale, _ = self._mask()
        (n, width), scratch = self._z.shape, hidden.scratch(self._z.dtype)
        z, out = (np.empty((n, passes.row_length(width)), self._z.dtype) for _ in range(2))
        arguments = (z, out, self._gamma, self._beta, self._mean, self._var, self._real(EPS), rows, mask, scale)

        def whole() -> None:
            apart.fused(*arguments, *scratch)
            self.out = out[:, :width]

        return {"product": self._product(z), "fused pass": whole}

    def _product(self, z: np.ndarray) -> Callable[[], Any]:
        from lab.kernels.cpu import register

        panel = np.empty(register.panel_size(z.itemsize), z.dtype)
        return lambda: register.multiply(self._a, self._w, z, panel)

    def _mask(self) -> tuple[np.ndarray, np.ndarray, Any, np.ndarray]:
        from lab.kernels.cpu.philox import SPAN, mask_address

        mask = mask_address(seed=0, keep=self._keep, step=0, layer=1)
        return np.arange(len(self._z)), mask, self._real(1 / self._keep), np.empty(SPAN, self._z.dtype)
