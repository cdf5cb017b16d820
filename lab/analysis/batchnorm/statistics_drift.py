"""Running statistics follow a network that learns: how far they lag behind, and what a batch says instead."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.batchnorm.variance_shift import by_variance, recomputed
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import RoundDone, Waiting
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import MOMENTUM
from lab.training import train


@dataclass(frozen=True, eq=False)
class DriftSeen:
    """After a round.

    Attributes:
        step: rounds so far. batch, running, whole: mean and variance of every hidden feature, flat in
            `running_layout`: of the round's samples, of test mode, and of the whole training set at the weights of now
            (of at most `samples` of it).
        lag, noise: by layer, root mean square over its units of (running - whole), and of (batch - whole),
            of their means, in deviations of the unit.
    """

    step: int
    batch: np.ndarray
    running: np.ndarray
    whole: np.ndarray
    lag: dict[int, float]
    noise: dict[int, float]


class StatisticsDrift:
    """An iterator: `Waiting` inside of a long round, `DriftSeen` after each, until all epochs are done.

        running = running + 0.1 (batch - running)

    A batch of N samples is off by about 1/sqrt(N) of a deviation. The running mean averages some ten batches, which
    makes the noise smaller; but it is of weights that were: what they have changed since is its lag.

    Args:
        net: with batchnorm and without dropout; learns here. data: to learn. delta, batch, epochs: of the training.
        samples: of the training set that stand for the whole of it.

    Attributes:
        last: the last event, or None. order: by layer, its units, those that varied most at the start first.

    Raises:
        SettingError: batchnorm is off, or dropout on (its masks shift the statistics, too: see `VarianceShift`).
    """

    def __init__(
        self, net: NN4, data: Dataset, *, delta: float = 0.2, batch: int = 64, epochs: int = 100, samples: int = 2000
    ) -> None:
        if not net.batchnorm or net.keep < 1:
            raise SettingError(
                f"batchnorm = {net.batchnorm}, keep = {net.keep:g}: switch batchnorm on and dropout off."
            )
        self.net, self.data, self._samples = net, data, samples
        self._run = train(net, data, delta=delta, K=1, batch=batch, epochs=epochs)
        self.change = self._run.change
        self.order = by_variance(net, data.train_x)
        self.last: DriftSeen | None = None
        self._before = net.running.copy()
        self._events = self._begin()

    def __iter__(self) -> "StatisticsDrift":
        return self

    def __next__(self) -> Waiting | DriftSeen:
        return next(self._events)

    def close(self) -> None:
        """End the training."""
        self._events.close()
        self._run.close()

    # ---- inside

    def _begin(self) -> Generator[Waiting | DriftSeen, None, None]:
        for event in self._run:
            if isinstance(event, RoundDone):
                self.last = self._seen()
                yield self.last
            elif isinstance(event, Waiting):
                yield event

    def _seen(self) -> DriftSeen:
        """The batch's own statistics from how the running ones moved: nothing is computed twice."""
        running = self.net.running.copy()
        batch = running if self.net.running_rounds == 1 else self._before + (running - self._before) / MOMENTUM
        self._before = running
        whole = recomputed(self.net, self.data.train_x[: self._samples])
        return DriftSeen(self.net.step, batch, running, whole, self._off(running, whole), self._off(batch, whole))

    def _off(self, found: np.ndarray, whole: np.ndarray) -> dict[int, float]:
        a, b = self.net.running_views(found), self.net.running_views(whole)
        off: dict[int, Any] = {}
        for i in range(1, self.net.depth):
            live = b[f"var{i}"] > self.net.eps
            off[i] = float(np.sqrt(((a[f"mean{i}"] - b[f"mean{i}"])[live] ** 2 / b[f"var{i}"][live]).mean()))
        return off
