"""Scale invariance: what batchnorm makes of the length of a unit's weights.

A unit is r = ReLU(x W), y = gamma (r - mean) / sqrt(var + eps) + beta. For c > 0, ReLU(c z) = c ReLU(z): mean and
deviation of r are multiplied by c, too, so y stays as it is but for eps. Along W the loss is flat, and

    <W, dW> = sum over the batch of r dr = gamma dgamma eps / (var + eps)

exactly, for every batch and every mask: it goes to 0 with eps, down to rounding.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.batches import Batches, WholePass, check_batch, learn, whole_pass
from lab.blas import one_blas_thread
from lab.checks import check_choice, check_count, check_delta, check_keep
from lab.data import Dataset
from lab.errors import SettingError
from lab.models import nn4_reference
from lab.models.nn4 import NN4


@dataclass(frozen=True, eq=False)
class Alignment:
    """Weights and their gradient, unit by unit of one layer; arrays are (D,), of the units that have a gradient.

    Attributes:
        inner: <W, dW>. law: gamma dgamma eps / (var + eps), or None where no batchnorm follows.
        norms: |W| |dW|. silent: units of the layer without a gradient in this batch.
    """

    inner: np.ndarray
    law: np.ndarray | None
    norms: np.ndarray
    silent: int

    @property
    def cosine(self) -> np.ndarray:
        """Of the angle between W and dW: 0 is a right angle."""
        return self.inner / self.norms


@dataclass(frozen=True, eq=False)
class ScaleSeen:
    """After a step of SGD.

    Attributes:
        step: batches so far. loss: before the step. alignment: by layer, 1 .. 4.
        squared: by layer, |W|^2 before the step. predicted: |W|^2 of the start plus the sum of delta^2 |dW|^2 since:
            what |W|^2 is as long as every step is at a right angle to W.
    """

    step: int
    loss: float
    alignment: dict[int, Alignment]
    squared: dict[int, float]
    predicted: dict[int, float]


class ScaleInvariance:
    """An endless iterator of `ScaleSeen`: SGD, batch after batch.

    Args:
        net: learns here. data: to learn. batch, delta: of the steps. eps, keep: of the net, in all layers.

    Attributes:
        last: the last event, or None. start: by layer, |W|^2 before the first step.

    Raises:
        ShardError, KeepProbabilityError, StepSizeError, SettingError: what is not allowed, and what is.

    Source: Ioffe & Szegedy 2015, section 3.3; van Laarhoven 2017, "L2 regularization versus batch and weight
    normalization", section 2.
    """

    def __init__(
        self, net: NN4, data: Dataset, *, batch: int = 64, delta: float = 0.1, eps: float = 1e-5, keep: float = 1.0
    ) -> None:
        self.net, self.data = net, data
        self.batch = check_batch(batch, len(data.train_x)) if net.batchnorm else check_count("batch", batch)
        self.step = 0
        self.last: ScaleSeen | None = None
        self.delta, self.eps = 0.1, 1e-5
        self.change(delta=delta, eps=eps, keep=keep)
        self._batches = Batches(net.seed, len(data.train_x))
        self._rows = self._batches.take(self.batch)
        self.start = {i: self._squared(i) for i in self._layers}
        self._grown = dict(self.start)

    def __iter__(self) -> "ScaleInvariance":
        return self

    def __next__(self) -> ScaleSeen:
        seen = whole_pass(self.net, self.data.train_x, self.data.train_y, self._rows)
        squared = {i: self._squared(i) for i in self._layers}
        predicted = dict(self._grown)
        alignment = {i: self._alignment(i, seen) for i in self._layers}
        grad = self.net.views(seen.grad)
        for i in self._layers:
            self._grown[i] += self.delta**2 * float((grad[f"W{i}"] ** 2).sum())
        learn(self.net, seen, self.delta)
        self.step += 1
        self._rows = self._batches.take(self.batch)
        self.last = made = ScaleSeen(self.step, seen.loss, alignment, squared, predicted)
        return made

    def change(self, **changes: Any) -> None:
        """Take another `delta`, `eps` or `keep` from the next batch on."""
        eps = float(changes.get("eps", self.eps))
        if not 0 < eps < np.inf:
            raise SettingError(f"eps = {eps!r} is not allowed. Give a number above 0: a silent unit has no variance.")
        delta, keep = check_delta(changes.get("delta", self.delta)), check_keep(changes.get("keep", self.net.keep))
        self.delta, self.eps, self.net.eps, self.net.keep = delta, eps, eps, keep

    def loss_of(self, layer: int, factor: float) -> float:
        """Loss of the batch that comes next, with its masks, if the weights of a layer were multiplied by a factor."""
        check_choice("layer", layer, tuple(self._layers))
        net, rows = self.net, self._rows
        W = net.views(net.params)[f"W{layer}"]
        kept = W.copy()
        W *= factor
        try:
            x = self.data.train_x[rows].astype(net.dtype)
            with one_blas_thread():
                z = nn4_reference.forward(net, x, "train", net.step, rows)[f"z{net.depth}"]
        finally:
            W[...] = kept
        return nn4_reference.loss_and_grad(net, z, self.data.train_y[rows])[0]

    # ---- inside

    @property
    def _layers(self) -> range:
        return range(1, self.net.depth + 1)

    def _squared(self, layer: int) -> float:
        return float((self.net.views(self.net.params)[f"W{layer}"] ** 2).sum())

    def _alignment(self, layer: int, seen: WholePass) -> Alignment:
        p, g = self.net.views(self.net.params), self.net.views(seen.grad)
        W, dW = p[f"W{layer}"], g[f"W{layer}"]
        norms = np.linalg.norm(W, axis=0) * np.linalg.norm(dW, axis=0)
        live = norms > 0
        law = None
        if self.net.batchnorm and layer < self.net.depth:
            var = seen.trace[f"cache_batchnorm{layer}"].var
            law = (p[f"gamma{layer}"] * g[f"gamma{layer}"] * self.eps / (var + self.eps))[live]
        return Alignment((W * dW).sum(axis=0)[live], law, norms[live], int((~live).sum()))
