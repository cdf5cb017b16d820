"""What is timed: NN4 in four sizes, with data and weights that are the same for everybody."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from lab.bench.goals import Goal, step_goal

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

    def goal(self, peer: str) -> Goal | None:
        """How many times slower the peer should at least be."""
        return step_goal(self.size, self.batch, self.threads, self.dtype, peer)

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
FULL = (
    *(Workload("mnist10", batch, compiled=True) for batch in BATCHES),
    *(Workload("mnist1", batch) for batch in BATCHES),
    *(Workload("wide", batch) for batch in BATCHES),
    Workload("tiny", 64, compiled=True),
    *(Workload("tiny", batch) for batch in BATCHES[1:]),
    *(Workload("mnist10", batch, "float64") for batch in BATCHES),
    *(Workload(size, 256, "float64") for size in ("mnist1", "wide")),
    Workload("tiny", 64, "float64"),
    *(Workload("mnist10", batch, threads=2) for batch in BATCHES),
    *(Workload(size, batch, threads=2) for size, batch in (("mnist1", 256), ("wide", 256), ("wide", 1024))),
    Workload("tiny", 1024, threads=2),
    Workload("mnist10", 256, "float64", threads=2),
)
QUICK = (
    Workload("mnist10", 64),
    Workload("mnist10", 256, compiled=True),
    Workload("tiny", 64),
    Workload("mnist10", 256, "float64"),
    Workload("mnist10", 256, threads=2),
)
