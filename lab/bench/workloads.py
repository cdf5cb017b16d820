"""What is timed: one training step of NN4, in several sizes, with the factors that are aimed at."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

WIDTHS = {
    "mnist10": (784, 512, 256, 128, 10),
    "tiny": (64, 32, 16, 8, 1),
}
GOALS = {
    "mnist10": {"numpy": 2.0, "torch": 3.0, "jax": 1.4},
    "tiny": {"numpy": 4.0, "torch": 10.0, "jax": 3.0},
}


@dataclass(frozen=True)
class Workload:
    """A size of net and a batch.

    Attributes:
        size: name of the widths in `WIDTHS`.
        batch: rows of a step.
        dtype: "float32" or "float64".
        keep: probability of keeping a unit; every step draws new masks.
        delta: step size, so small that a thousand steps on the same rows stay finite.
    """

    size: str
    batch: int
    dtype: str = "float32"
    keep: float = 0.9
    delta: float = 0.01

    @property
    def widths(self) -> tuple[int, ...]:
        return WIDTHS[self.size]

    def goal(self, peer: str) -> float | None:
        """How many times slower the peer should at least be; only float32 has goals here."""
        return GOALS[self.size].get(peer) if self.dtype == "float32" else None


@dataclass(frozen=True, eq=False)
class Task:
    """A workload with its data, the same for everybody.

    Attributes:
        x: inputs, (batch, d_in). y: labels int64, (batch,): 0 or 1 for one output, else 0 .. C - 1.
        weights: the start, one (d_in, d_out) for each layer; whoever trains copies them.
    """

    workload: Workload
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    weights: tuple[np.ndarray, ...] = field(repr=False)


def make_task(workload: Workload, seed: int = 0) -> Task:
    """Random rows and labels, and weights with variance 2 / d_in."""
    draw, widths, dtype = np.random.default_rng(seed), workload.widths, workload.dtype
    weights = tuple(
        (draw.standard_normal((d_in, d_out)) * np.sqrt(2 / d_in)).astype(dtype) for d_in, d_out in pairwise(widths)
    )
    x = draw.random((workload.batch, widths[0])).astype(dtype)
    return Task(workload, x, draw.integers(0, max(widths[-1], 2), workload.batch), weights)


FULL = (Workload("mnist10", 64), Workload("mnist10", 256), Workload("mnist10", 1024), Workload("tiny", 64))
QUICK = (Workload("mnist10", 64), Workload("tiny", 64))
