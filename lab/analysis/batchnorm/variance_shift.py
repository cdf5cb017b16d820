"""Dropout against batchnorm: running statistics that were collected under masks, and test mode, which has none."""

from collections.abc import Generator
from copy import copy
from dataclasses import dataclass

import numpy as np

from lab.blas import one_blas_thread
from lab.checks import check_count
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import RoundDone, Waiting
from lab.models import nn4_reference
from lab.models.nn4 import NN4
from lab.training import train
from lab.training.evaluation import Score, evaluate

ENOUGH = 500  # samples that tell which units vary


def recomputed(net: NN4, x: np.ndarray) -> np.ndarray:
    """Statistics for test mode as they are at the net's weights without masks: one pass of all of x.

        mean_i, var_i of ReLU(W_i y_(i-1)),  with y_(i-1) normalized by its own recomputed statistics

    Returns:
        flat in `running_layout`; variances unbiased, N/(N-1) times those of the pass. The net is as it was.

    Raises:
        SettingError: batchnorm is off, or x has one row.
    """
    if not net.batchnorm or len(x) < 2:
        raise SettingError(f"statistics of {len(x)} rows, batchnorm = {net.batchnorm}: give 2 rows, and batchnorm on.")
    whole = copy(net)
    whole.keep = 1.0
    with one_blas_thread():
        trace = nn4_reference.forward(whole, x.astype(net.dtype), "train", 0, np.arange(len(x)))
    stats = net.running_layout.zeros(net.dtype)
    for name, view in net.running_views(stats).items():
        cache = trace[f"cache_batchnorm{name[-1]}"]
        view[...] = cache.mean if name.startswith("mean") else cache.var * (len(x) / (len(x) - 1))
    return stats


def with_statistics(net: NN4, running: np.ndarray) -> NN4:
    """The same net (the same weights in memory) with other statistics for test mode."""
    other = copy(net)
    other.running = running
    return other


def by_variance(net: NN4, x: np.ndarray) -> dict[int, np.ndarray]:
    """By layer, its units in the order of their variance over x without masks, those that vary most first."""
    found = net.running_views(recomputed(net, x[:ENOUGH]))
    return {i: np.argsort(-found[f"var{i}"], kind="stable") for i in range(1, net.depth)}


@dataclass(frozen=True, eq=False)
class ShiftSeen:
    """A look at the test set with the same weights and two sets of statistics.

    Attributes:
        step: rounds so far. running, recomputed: loss and accuracy with the statistics of training, and without masks.
        ratio: by layer, variance without masks over running variance of every unit that is not silent, ascending.
    """

    step: int
    running: Score
    recomputed: Score
    ratio: dict[int, np.ndarray]


class VarianceShift:
    """An iterator: `Waiting` or `RoundDone` while a net with dropout learns, `ShiftSeen` every few rounds.

        Var[W Dropout(x)] = Var[W x] + (1-p)/p sum over j of W_j^2 E[x_j^2]      (for one unit, over samples and masks)

    The running statistics hold the left side; in test mode the activations have the first part of the right side.

    Args:
        net: with batchnorm; learns here. data: to learn, to recompute from and to be tested with.
        delta, batch, epochs: of the training. every: rounds between two looks. samples: at most, to recompute from.

    Attributes:
        looks: all `ShiftSeen` so far.

    Source: Li, Chen, Hu & Yang 2019, "Understanding the disharmony between dropout and batch normalization by
    variance shift", section 3.
    """

    def __init__(
        self, net: NN4, data: Dataset, *, delta: float = 0.2, batch: int = 128, epochs: int = 10, every: int = 6,
        samples: int = 2000,
    ) -> None:  # fmt: skip
        if not net.batchnorm:
            raise SettingError("batchnorm is off in this net: there are no statistics to shift. Switch it on.")
        self.net, self.data, self._every = net, data, check_count("every", every)
        self._samples = check_count("samples", samples, low=2)
        self._run = train(net, data, delta=delta, K=1, batch=batch, epochs=epochs)
        self.looks: list[ShiftSeen] = []
        self._events = self._begin()

    def __iter__(self) -> "VarianceShift":
        return self

    def __next__(self) -> Waiting | RoundDone | ShiftSeen:
        return next(self._events)

    def close(self) -> None:
        """End the training."""
        self._events.close()
        self._run.close()

    # ---- inside

    def _begin(self) -> Generator[Waiting | RoundDone | ShiftSeen, None, None]:
        for event in self._run:
            if isinstance(event, RoundDone):
                yield event
                if self.net.step % self._every == 0:
                    yield from self._look()
            elif isinstance(event, Waiting):
                yield event
        if not self.looks or self.looks[-1].step < self.net.step:
            yield from self._look()

    def _look(self) -> Generator[Waiting | ShiftSeen, None, None]:
        """Three pieces of work, each below 30 ms: the caller may look up between them."""
        net, data = self.net, self.data
        without = recomputed(net, data.train_x[: self._samples])
        yield Waiting("statistics without masks", net.step, 0.3)
        running = yield from _score(net, data)
        whole = yield from _score(with_statistics(net, without), data)
        seen = ShiftSeen(net.step, running, whole, _ratios(net, without))
        self.looks.append(seen)
        yield seen


def _score(net: NN4, data: Dataset) -> Generator[Waiting, None, Score]:
    work = evaluate(net, data.test_x.astype(net.dtype, copy=False), data.test_y)
    while True:
        try:
            with one_blas_thread():
                done = next(work)
        except StopIteration as end:
            return end.value
        yield Waiting("evaluation on test data", net.step, done)


def _ratios(net: NN4, without: np.ndarray) -> dict[int, np.ndarray]:
    found, other = net.running_views(net.running), net.running_views(without)
    made = {}
    for i in range(1, net.depth):
        live = found[f"var{i}"] > net.eps
        made[i] = np.sort(other[f"var{i}"][live] / found[f"var{i}"][live])
    return made
