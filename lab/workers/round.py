"""What workers are given and what they give back: a round in, the mean gradient and the reports out."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from lab.events import ShardReport
from lab.models.backend import Shard
from lab.models.nn4 import NN4
from lab.workers.slices import Work


@dataclass(slots=True)  # not frozen, which would cost a microsecond in every round
class Round:
    """The samples of one round of synchronous SGD and how they are split into K mini-batches.

    Args:
        net: its parameters are W^(r-1), and nobody changes them before all shards are done.
        x, y: the training data. index: the rows of this round, int64 (N,).
        step: the round, as part of the masks' address.
        shards: K.
    """

    net: NN4
    x: np.ndarray
    y: np.ndarray
    index: np.ndarray
    step: int
    shards: int

    def bounds(self, k: int) -> tuple[int, int]:
        """Where shard k starts and ends in `index`: the parts of `np.array_split`."""
        size, larger = divmod(len(self.index), self.shards)
        start = k * size + min(k, larger)
        return start, start + size + (k < larger)

    def shard(self, k: int) -> Shard:
        """Mini-batch k, weighted by its share of the round's samples."""
        lo, hi = self.bounds(k)
        index = self.index[lo:hi]
        return Shard(self.x, self.y, index, index, self.step, (hi - lo) / len(self.index))

    def blocks(self, workers: int) -> list[range]:
        """Contiguous blocks of shards, one for each worker; with more workers than shards some are empty."""
        size, larger = divmod(self.shards, workers)
        starts = [p * size + min(p, larger) for p in range(workers + 1)]
        return [range(starts[p], starts[p + 1]) for p in range(workers)]


class Outcome(NamedTuple):
    """The aggregate of a round.

    Args:
        grad: mean gradient over the round's samples, flat. It is the workers' own memory: use it before
            the next round, and change it freely.
        stats: the round's mean and unbiased variance of every hidden feature, flat.
        loss: mean loss over the samples, as optimized.
        reports: one for each shard, in the order of the shards.
        reduce: seconds that the sum took after the last gradient.
    """

    grad: np.ndarray
    stats: np.ndarray
    loss: float
    reports: tuple[ShardReport, ...]
    reduce: float


class Workers(Protocol):
    """Some workers who compute the gradients of a round's shards, all at the same weights."""

    name: str
    count: int

    def gradients(self, task: Round) -> Generator[float, None, Outcome]:
        """Compute a round; yields the share done, often enough that the caller can look up."""

    def each_slice(self, size: int, work: Work) -> list[Any]:
        """Do `work` on every slice of vectors of `size` entries, all at once; what it gave, from left to right."""

    def close(self) -> None:
        """End whatever the workers hold; calling it twice does no harm."""
