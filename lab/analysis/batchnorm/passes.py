"""Batchnorm, batch after batch: a layer's activations before and after it, batch statistics and running ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.batches import Batches, check_batch, learn, whole_pass
from lab.analysis.batchnorm.variance_shift import by_variance
from lab.checks import check_count, check_delta
from lab.data import Dataset
from lab.errors import SettingError
from lab.layers import batchnorm, batchnorm_test
from lab.models.nn4 import NN4


@dataclass(frozen=True, eq=False)
class BatchnormPass:
    """One batch at one layer; arrays are (N, D) or (D,), one column a unit.

    Attributes:
        step: batches so far. layer: i. before: ReLU(z_i). after: with the batch's statistics, as in training.
        tested: the same activations with the running statistics, as in test mode.
        mean, var: of this batch (var: population). running_mean, running_var: what test mode takes (var: unbiased).
        gamma, beta: (D,). eps: added to every variance.
    """

    step: int
    layer: int
    before: np.ndarray
    after: np.ndarray
    tested: np.ndarray
    mean: np.ndarray
    var: np.ndarray
    running_mean: np.ndarray
    running_var: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    eps: float


class BatchnormPasses:
    """An endless iterator of `BatchnormPass`: batches of the training set, with a step of SGD after each.

        y       = gamma (x - mean) / sqrt(var + eps) + beta          mean, var of the batch
        running = running + 0.1 (batch - running)                    var counts N/(N-1) there; the first one is copied

    Args:
        net: with batchnorm; it is changed in place. data: what passes.
        layer: 1, 2 or 3. batch: samples, at least 2. delta: step size; 0 leaves the weights as they are.
        gamma, beta: of all units of the layer, which keep them while the rest learns. eps: of all layers.

    Attributes:
        last: the last event; before the first batch, of the rows that come first, with no running statistics yet.
        order: by layer, its units, those that varied most at the start first.

    Raises:
        ShardError: a batch of one row. SettingError: another value that is not allowed, or batchnorm is off.

    Source: Ioffe & Szegedy 2015, Algorithms 1 and 2.
    """

    def __init__(
        self, net: NN4, data: Dataset, *, layer: int = 1, batch: int = 64, delta: float = 0.0,
        gamma: float = 1.0, beta: float = 0.0, eps: float = 1e-5,
    ) -> None:  # fmt: skip
        if not net.batchnorm:
            raise SettingError("batchnorm is off in this net. Make it with batchnorm=True.")
        self.net, self.data = net, data
        self._batches = Batches(net.seed, len(data.train_x))
        self.layer, self.batch, self.delta, self.eps = 1, 2, 0.0, 1e-5
        self.gamma, self.beta, self._rows = 1.0, 0.0, np.arange(2)
        self.change(layer=layer, batch=batch, delta=delta, gamma=gamma, beta=beta, eps=eps)
        self.order = by_variance(net, data.train_x)
        self.step = 0
        self.last = self.look()

    def __iter__(self) -> "BatchnormPasses":
        return self

    def __next__(self) -> BatchnormPass:
        rows = self._batches.take(self.batch)
        seen = whole_pass(self.net, self.data.train_x, self.data.train_y, rows)
        learn(self.net, seen, self.delta, (f"gamma{self.layer}", f"beta{self.layer}"))
        self._rows, self._before = rows, seen.trace[f"relu{self.layer}"]
        self.step += 1
        self.last = self._told()
        return self.last

    def change(self, **changes: Any) -> None:
        """Take some of `layer, batch, delta, gamma, beta, eps` from the next batch on; nothing where one is refused."""
        layer = check_count("layer", changes.get("layer", self.layer), high=self.net.depth - 1)
        batch = check_batch(changes.get("batch", self.batch), len(self.data.train_x))
        delta = changes.get("delta", self.delta)
        delta = 0.0 if delta == 0 else check_delta(delta)
        numbers = {name: float(changes.get(name, getattr(self, name))) for name in ("gamma", "beta", "eps")}
        if not all(map(np.isfinite, numbers.values())) or numbers["eps"] <= 0:
            raise SettingError(
                f"{numbers} is not allowed. Give finite numbers, and eps above 0: a silent unit has no variance."
            )
        self.layer, self.batch, self.delta, self.net.eps = layer, batch, delta, numbers["eps"]
        self.gamma, self.beta, self.eps = numbers["gamma"], numbers["beta"], numbers["eps"]
        views = self.net.views(self.net.params)
        views[f"gamma{layer}"][...], views[f"beta{layer}"][...] = self.gamma, self.beta

    def look(self) -> BatchnormPass:
        """The last batch (before the first: the rows that come first), as the settings of now would have it."""
        trace = whole_pass(self.net, self.data.train_x, self.data.train_y, self._rows_of_now()).trace
        self._before = trace[f"relu{self.layer}"]
        return self._told()

    # ---- inside

    def _rows_of_now(self) -> np.ndarray:
        if len(self._rows) != self.batch:  # another batch size: the first rows are those of the last batch still
            more = np.setdiff1d(np.arange(len(self.data.train_x)), self._rows, assume_unique=True)
            self._rows = np.concatenate((self._rows, more))[: self.batch]
        return self._rows

    def _told(self) -> BatchnormPass:
        i, x = self.layer, self._before
        views, running = self.net.views(self.net.params), self.net.running_views(self.net.running)
        gamma, beta = views[f"gamma{i}"].copy(), views[f"beta{i}"].copy()
        mean, var = running[f"mean{i}"].copy(), running[f"var{i}"].copy()
        after, cache = batchnorm(x, gamma, beta, self.eps)
        tested = batchnorm_test(x, gamma, beta, mean, var, self.eps)
        return BatchnormPass(
            self.step, i, x, after, tested, cache.mean, cache.var, mean, var,
            gamma, beta, self.eps,
        )  # fmt: skip
