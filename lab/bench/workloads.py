"""What is timed: NN4 in four sizes, with data and weights that are the same for everybody."""

from dataclasses import dataclass, field, replace
from itertools import pairwise, product, starmap

import numpy as np

from lab.bench.goals import Goal, step_goals

WIDTHS = {
    "mnist10": (784, 512, 256, 128, 10),
    "mnist1": (784, 512, 256, 128, 1),
    "wide": (784, 1024, 1024, 1024, 10),
    "tiny": (64, 32, 16, 8, 1),
}


@dataclass(frozen=True)
class Workload:
    """A training step: a size of net, a batch, and the threads that it may use.

    Attributes:
        size: name of the widths in `WIDTHS`.
        batch: rows of a step.
        dtype: "float32" or "float64".
        threads: the lab splits the batch into so many mini-batches for so many workers (K = P); the peers'
            operations use so many threads.
        compiled: whether torch.compile takes part: it compiles for many seconds for every shape.
        keep: probability of keeping a unit; every step draws new masks.
        delta: step size, so small that a thousand steps on the same rows stay finite.
    """

    size: str
    batch: int
    dtype: str = "float32"
    threads: int = 1
    compiled: bool = False
    keep: float = 0.9
    delta: float = 0.01

    @property
    def widths(self) -> tuple[int, ...]:
        return WIDTHS[self.size]

    @property
    def name(self) -> str:
        threads = f", {self.threads} threads" if self.threads > 1 else ""
        return f"{self.size} B={self.batch} {self.dtype}{threads}"

    @property
    def goals(self) -> dict[str, Goal]:
        """By peer, how many times slower it should at least be."""
        return step_goals(self.size, self.batch, self.threads, self.dtype)

    def flops(self) -> float:
        """Additions and multiplications of the step's products: three a layer, but no gradient by the inputs."""
        pairs = [d_in * d_out for d_in, d_out in pairwise(self.widths)]
        return 2.0 * self.batch * (3 * sum(pairs) - pairs[0])


@dataclass(frozen=True, eq=False)
class Task:
    """A workload with its data, the same for everybody.

    Attributes:
        x: inputs, (rows, d_in). y: labels int64, (rows,): 0 or 1 for one output, else 0 .. C - 1.
        weights: the start, one (d_in, d_out) for each layer; whoever trains copies them.
    """

    workload: Workload
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    weights: tuple[np.ndarray, ...] = field(repr=False)


def make_task(workload: Workload, rows: int | None = None, seed: int = 0) -> Task:
    """Random rows (default: one batch of them) and labels, and weights with variance 2 / d_in."""
    draw, widths, dtype = np.random.default_rng(seed), workload.widths, workload.dtype
    rows = rows or workload.batch
    weights = tuple(
        (draw.standard_normal((d_in, d_out)) * np.sqrt(2 / d_in)).astype(dtype) for d_in, d_out in pairwise(widths)
    )
    x = draw.random((rows, widths[0]), dtype=np.dtype(dtype))
    return Task(workload, x, draw.integers(0, max(widths[-1], 2), rows), weights)


BATCHES = (64, 256, 1024)
DTYPES = ("float32", "float64")


def _step(threads: int, dtype: str, size: str, batch: int) -> Workload:
    """With torch.compile where it has a goal, and for the smallest step, which it should help the most."""
    workload = Workload(size, batch, dtype, threads)
    smallest = (threads, dtype, size, batch) == (1, "float32", "tiny", 64)
    return replace(workload, compiled="torch.compile" in workload.goals or smallest)


FULL = tuple(starmap(_step, product((1, 2), DTYPES, WIDTHS, BATCHES)))
QUICK = (
    Workload("mnist10", 64),
    Workload("mnist10", 256, compiled=True),
    Workload("tiny", 64),
    Workload("mnist10", 256, "float64"),
    Workload("mnist10", 256, threads=2),
)
