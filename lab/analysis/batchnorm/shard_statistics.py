"""Batchnorm when a round is split: statistics of every shard beside those of the whole batch, as K grows."""

from collections.abc import Generator
from copy import copy
from dataclasses import dataclass

import numpy as np

from lab.analysis.batches import Batches, check_batch, whole_pass
from lab.analysis.batchnorm.variance_shift import by_variance
from lab.checks import check_shards
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import Waiting
from lab.models.nn4 import NN4

PIECE = 4  # shards, of some 2 ms each, between two events


@dataclass(frozen=True, eq=False)
class ShardsSeen:
    """One batch, split into K shards at the same weights.

    Attributes:
        step: events so far. K, rows: shards, and samples in the smallest of them.
        mean, var: of the first layer's ReLU, (K, D), one row a shard; var: population.
        whole_mean, whole_var: of the whole batch, (D,).
        distance: |mean gradient of the shards - gradient of the whole batch| / |gradient of the whole batch|.
        without: the same with batchnorm off: rounding.
    """

    step: int
    K: int
    rows: int
    mean: np.ndarray
    var: np.ndarray
    whole_mean: np.ndarray
    whole_var: np.ndarray
    distance: float
    without: float

    @property
    def spread(self) -> float:
        """Root mean square, over shards and units, of (shard's mean - whole mean) / whole deviation."""
        live = self.whole_var > 0
        return float(np.sqrt(((self.mean - self.whole_mean)[:, live] ** 2 / self.whole_var[live]).mean()))


def expected_spread(samples: int, rows: int) -> float:
    """What `ShardsSeen.spread` is on average, for shards drawn from the batch without putting back.

    sqrt((N - n) / (n (N - 1)))
    """
    return float(np.sqrt((samples - rows) / (rows * (samples - 1)))) if samples > 1 else 0.0


class ShardStatistics:
    """An endless iterator: `ShardsSeen` for every batch and each K of `shards` in turn, `Waiting` before a long one.

    Nothing is learned.

    Args:
        net: with batchnorm and without dropout, so that nothing but the statistics differs. data: the batches.
        batch: N. shards: the K, each at most N/2.

    Attributes:
        last: the last event, by K. distances: by K, the distances so far. rows: of the batch, (N,).
        order: units of the first layer, those that vary most first.

    Raises:
        ShardError: a K leaves less than 2 rows a shard. SettingError: batchnorm is off, or dropout on.
    """

    def __init__(self, net: NN4, data: Dataset, *, batch: int = 128, shards: tuple[int, ...] | None = None) -> None:
        if not net.batchnorm or net.keep < 1:
            raise SettingError(
                f"batchnorm = {net.batchnorm}, keep = {net.keep:g}: switch batchnorm on and dropout off."
            )
        self.net, self.data, self.batch = net, data, check_batch(batch, len(data.train_x))
        self.shards = shards or tuple(2**j for j in range(self.batch.bit_length()) if 2 ** (j + 1) <= self.batch)
        for K in self.shards:
            check_shards(K, self.batch, True)
        self.step = 0
        self.last: dict[int, ShardsSeen] = {}
        self.distances: dict[int, list[float]] = {K: [] for K in self.shards}
        self.order = by_variance(net, data.train_x)[1]
        self._batches = Batches(net.seed, len(data.train_x))
        self._events = self._begin()

    def __iter__(self) -> "ShardStatistics":
        return self

    def __next__(self) -> Waiting | ShardsSeen:
        return next(self._events)

    def close(self) -> None:
        """End it."""
        self._events.close()

    # ---- inside

    def _begin(self) -> Generator[Waiting | ShardsSeen, None, None]:
        while True:
            self.rows = self._batches.take(self.batch)
            whole = yield from self._split(1)
            for K in self.shards:
                split = whole if K == 1 else (yield from self._split(K))
                self.step += 1
                seen = ShardsSeen(
                    self.step, K, self.batch // K, split.mean, split.var, whole.mean[0], whole.var[0],
                    _distance(split.grad, whole.grad), _distance(split.plain, whole.plain),
                )  # fmt: skip
                self.last[K] = seen
                self.distances[K].append(seen.distance)
                yield seen

    def _split(self, K: int) -> Generator[Waiting, None, "_Split"]:
        """All shards of the batch, a few at a time."""
        net, x, y = self.net, self.data.train_x, self.data.train_y
        made = _Split(np.empty((K, net.widths[1])), np.empty((K, net.widths[1])), 0.0, 0.0)
        plain = copy(net)
        plain.batchnorm = False
        for k, rows in enumerate(np.array_split(self.rows, K)):
            seen, weight = whole_pass(net, x, y, rows), len(rows) / self.batch
            made.mean[k], made.var[k] = seen.trace["cache_batchnorm1"].mean, seen.trace["cache_batchnorm1"].var
            made.grad = made.grad + weight * seen.grad
            made.plain = made.plain + weight * whole_pass(plain, x, y, rows).grad
            if k % PIECE == PIECE - 1:
                yield Waiting(f"{K} shards", self.step, (k + 1) / K)
        return made


@dataclass(eq=False)
class _Split:
    """First layer's statistics of every shard, (K, D) twice, and the mean gradient with batchnorm and without."""

    mean: np.ndarray
    var: np.ndarray
    grad: np.ndarray | float
    plain: np.ndarray | float


def _distance(grad: np.ndarray | float, whole: np.ndarray | float) -> float:
    return float(np.linalg.norm(grad - whole) / np.linalg.norm(whole))
