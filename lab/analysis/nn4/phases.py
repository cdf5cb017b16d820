"""A round of synchronous SGD an operation at a time: what each one computed, its equation and its source."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.batches import Batches
from lab.analysis.nn4.sources import Source, source_of
from lab.checks import check_count, check_delta, check_keep, check_labels, check_matrix, check_shards
from lab.errors import SettingError
from lab.models import nn4_reference
from lab.models.nn4 import NN4
from lab.optim.sgd import sgd
from lab.optim.sync_sgd import update_running
from lab.workers.round import Round
from lab.workers.tree import TreeSum

# What an operation computes, {i} its layer, {j} the one before; and the arrays that are new then.
_TOLD: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("forward", "rows"): ("y0 = x[rows of mini-batch k]", ("y0",)),
    ("forward", "dropout"): ("dropped{i} = y{j} · mask{i},   mask = Bernoulli(p) / p", ("mask{i}", "dropped{i}")),
    ("forward", "linear"): ("z{i} = dropped{i} W{i}", ("z{i}",)),
    ("forward", "relu"): ("relu{i} = max(z{i}, 0)", ("relu{i}",)),
    ("forward", "batchnorm"): (
        "y{i} = gamma{i} (relu{i} - mean{i}) / sqrt(var{i} + eps) + beta{i}", ("mean{i}", "var{i}", "y{i}"),
    ),
    ("forward", "output"): ("y{i} = softmax(z{i})", ("y{i}",)),
    ("loss", "loss"): ("L = -1/N sum of log y{i}[label],   dz{i} = (y{i} - onehot) / N", ("dz{i}",)),
    ("backward", "linear"): ("dW{i} = dropped{i}^T dz{i},   ddropped{i} = dz{i} W{i}^T", ("dW{i}", "ddropped{i}")),
    ("backward", "dropout"): ("dy{j} = ddropped{i} · mask{i},   the mask of the forward pass", ("dy{j}",)),
    ("backward", "batchnorm"): (
        "drelu{i} = gamma{i} / sqrt(var{i} + eps) · (dy{i} - mean(dy{i}) - x_hat{i} · mean(dy{i} x_hat{i}))",
        ("dgamma{i}", "dbeta{i}", "drelu{i}"),
    ),
    ("backward", "relu"): ("dz{i} = drelu{i} where z{i} > 0, else 0", ("dz{i}",)),
    ("update", "mean"): ("g = sum over mini-batches k of n_k/N g_k", ()),
    ("update", "step"): ("W = W - delta g", ()),
    ("update", "running"): ("running = 0.9 running + 0.1 of this round (the first round is copied)", ()),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class PhaseDone:
    """One operation of a round.

    Attributes:
        round: from 0. shard: the mini-batch, from 0; None for all together. number: of the phase, from 1; of: so many.
        stage: "forward", "loss", "backward" or "update". operation: "dropout", "linear", ... layer: from 1, or 0.
        equation: in plain text. arrays: what it computed, by name. sources: the code that ran.
        loss: of this mini-batch, NaN before it is known.
    """

    round: int
    shard: int | None
    number: int
    of: int
    stage: str
    operation: str
    layer: int
    equation: str
    arrays: dict[str, np.ndarray]
    sources: tuple[Source, ...]
    loss: float

    @property
    def name(self) -> str:
        """ "forward, layer 2: batchnorm"."""
        where = f"{self.stage}, layer {self.layer}" if self.layer else self.stage
        return where if self.operation == self.stage else f"{where}: {self.operation}"


class RoundPhases:
    """An endless iterator of `PhaseDone`: round after round, each mini-batch forward and backward, then one step.

    The functions that run are those of `lab.layers` and `lab.models.nn4_reference`, with pauses between them: after
    the phases of a round, weights and statistics are those of `lab.sync_sgd` on the reference backend, to the bit.

    Args:
        net: on the reference backend; it learns here. x, y: the training data, (N, D) and (N,).
        delta: step size. K: mini-batches in a round. batch: samples in a round; None for all, in their order.

    Attributes:
        last: the last phase, None before the first. done: those of this round. last_round: those of the last whole one.
        changed_weights: the stages of all phases so far after which a parameter was another: seen, not assumed.

    Raises:
        SettingError, ShardError, StepSizeError: a setting is not allowed.
        ShapeError, LabelError, NotFiniteError: x or y do not fit the net.
    """

    def __init__(
        self, net: NN4, x: np.ndarray, y: np.ndarray, delta: float = 0.5, K: int = 1, batch: int | None = None
    ) -> None:
        if net.backend.name != "reference":
            raise SettingError(
                f"backend = {net.backend.name!r} computes many operations at once, and cannot stop between them. "
                "Call net.use('reference') first."
            )
        self.net = net
        self._x = np.asarray(check_matrix("x", x, net.widths[0]), net.dtype)
        self._y = check_labels("y", y, len(self._x), net.classes)
        self.batch = check_count("batch", len(self._x) if batch is None else batch, low=1, high=len(self._x))
        self.K, self.delta = check_shards(K, self.batch, net.batchnorm), check_delta(delta)
        self._keep = net.keep
        self._batches = Batches(net.seed, len(self._x)) if batch is not None else None
        self.round = 0
        self.last: PhaseDone | None = None
        self.done: list[PhaseDone] = []
        self.last_round: list[PhaseDone] = []
        self.changed_weights: list[str] = []
        self._events = self._rounds()

    def __iter__(self) -> "RoundPhases":
        return self

    def __next__(self) -> PhaseDone:
        before = self.net.params.copy()
        self.last = next(self._events)
        self.done = [self.last] if self.last.number == 1 else [*self.done, self.last]
        if self.last.number == self.last.of:
            self.last_round = self.done
        if not np.array_equal(before, self.net.params):
            self.changed_weights.append(self.last.stage)
        return self.last

    def change(self, **changes: Any) -> None:
        """Take another `delta` at the next update, another `keep` or `K` at the next round."""
        if "delta" in changes:
            self.delta = check_delta(changes["delta"])
        if "keep" in changes:
            self._keep = check_keep(changes["keep"])
        if "K" in changes:
            self.K = check_shards(changes["K"], self.batch, self.net.batchnorm)

    # ---- inside

    def _rounds(self) -> Iterator[PhaseDone]:
        while True:
            self.net.keep, K = self._keep, self.K
            rows = np.arange(self.batch) if self._batches is None else self._batches.take(self.batch)
            of = _phases(self.net, K)
            for number, (shard, stage, operation, layer, arrays, loss) in enumerate(self._round(rows, K), start=1):
                equation = _TOLD[stage, operation][0].format(i=layer, j=layer - 1)
                if self.net.outputs == 1 and stage in ("forward", "loss"):
                    equation = equation.replace("softmax", "sigmoid").replace("[label]", " of the label")
                sources = source_of(stage, operation, self.net.outputs == 1)
                yield PhaseDone(self.round, shard, number, of, stage, operation, layer, equation, arrays, sources, loss)
            self.round += 1

    def _round(self, rows: np.ndarray, K: int) -> Iterator[tuple]:
        net, nan = self.net, float("nan")
        task = Round(net, self._x, self._y, rows, net.step, K)
        gradients, stats = (TreeSum(layout.size, net.dtype) for layout in (net.layout, net.running_layout))
        for k in range(K):
            shard = task.shard(k)
            t: nn4_reference.Trace = {"y0": self._x[shard.index]}
            yield k, "forward", "rows", 0, {"y0": t["y0"]}, nan
            for part, i in nn4_reference.forward_phases(net, t, "train", shard.step, shard.rows):
                yield k, "forward", part, i, _arrays("forward", part, i, t, {}), nan
            z = t[f"z{net.depth}"]
            loss, t[f"dz{net.depth}"] = nn4_reference.loss_and_grad(net, z, self._y[shard.index])
            yield k, "loss", "loss", net.depth, _arrays("loss", "loss", net.depth, t, {}), loss
            grad = gradients.leaf()
            for part, i in nn4_reference.backward_phases(net, t, grad):
                yield k, "backward", part, i, _arrays("backward", part, i, t, net.views(grad)), loss
            grad *= net.dtype.type(shard.weight)
            gradients.push(k, grad)
            stats.push(k, self._stats(t, stats.leaf(), len(shard.index), shard.weight))
        total = gradients.total()
        if K > 1:
            yield None, "update", "mean", 0, _weights("d", net.views(total)), nan
        sgd(net.params, total, self.delta)
        net.step += 1
        yield None, "update", "step", 0, _weights("", net.views(net.params)), nan
        if net.batchnorm:
            update_running(net, stats.total())
            running = {f"running {name}": view.copy() for name, view in net.running_views(net.running).items()}
            yield None, "update", "running", 0, running, nan

    def _stats(self, t: nn4_reference.Trace, stats: np.ndarray, n: int, weight: float) -> np.ndarray:
        """A mini-batch's part of the round's means and unbiased variances."""
        stats[:] = 0
        for name, view in self.net.running_views(stats).items() if self.net.batchnorm else ():
            cache = t[f"cache_batchnorm{name[-1]}"]
            is_mean = name.startswith("mean")
            view[...] = cache.mean if is_mean else cache.var
            view *= self.net.dtype.type(weight if is_mean else weight * n / (n - 1))
        return stats


def _arrays(stage: str, operation: str, i: int, t: nn4_reference.Trace, g: dict[str, np.ndarray]) -> dict:
    """What an operation computed, by name; what is a part of the gradient is copied, as it will be used up."""
    made: dict[str, np.ndarray] = {}
    for pattern in _TOLD[stage, operation][1]:
        name = pattern.format(i=i, j=i - 1)
        if name in t:
            made[name] = t[name]
        elif name[1:] in g:
            made[name] = g[name[1:]].copy()
        elif f"cache_batchnorm{i}" in t:
            made[name] = getattr(t[f"cache_batchnorm{i}"], name.rstrip("0123456789"))
    if (stage, operation) == ("backward", "linear") and f"b{i}" in g:
        made[f"db{i}"] = g[f"b{i}"].copy()
    return made


def _weights(prefix: str, views: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{prefix}{name}": view.copy() for name, view in views.items()}


def _phases(net: NN4, K: int) -> int:
    """How many phases a round has: of every mini-batch, and of all."""
    hidden = net.depth - 1
    normalized = hidden if net.batchnorm else 0
    forward = 1 + 2 * net.depth + hidden + normalized + 1
    backward = net.depth + 2 * hidden + normalized
    return K * (forward + 1 + backward) + (K > 1) + 1 + net.batchnorm
