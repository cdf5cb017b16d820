"""The backward pass of batchnorm, term by term, for one unit and a small batch: every number can be followed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.batches import Batches, WholePass, check_batch, whole_pass
from lab.checks import check_count
from lab.data import Dataset
from lab.errors import SettingError
from lab.layers import batchnorm, batchnorm_grad, relu_grad
from lab.layers.batchnorm import Cache
from lab.models.nn4 import NN4

STAGES = ("dy", "dx_hat", "dvar", "dmean", "direct", "through the variance", "through the mean", "dz")
STEP = 1e-6  # of the central differences, as a share of the unit's deviation


@dataclass(frozen=True, eq=False)
class BatchnormTerms:
    """The gradient of batchnorm by its input, in its parts; arrays are (N, D) or (D,).

        dx_hat   = dy gamma
        dvar     = sum over rows of dx_hat (x - mean) (-1/2) (var + eps)^(-3/2)
        dmean    = -sum over rows of dx_hat / sqrt(var + eps)
        direct   = dx_hat / sqrt(var + eps)         by_var = 2 dvar (x - mean) / N         by_mean = dmean / N
        dx       = direct + by_var + by_mean

    The paper's dmean has a further part, dvar sum of -2 (x - mean) / N: it is 0, since x - mean sums to 0.

    Source: Ioffe & Szegedy 2015, section 3, the six equations of the backward pass.
    """

    dx_hat: np.ndarray
    dvar: np.ndarray
    dmean: np.ndarray
    direct: np.ndarray
    by_var: np.ndarray
    by_mean: np.ndarray

    @property
    def dx(self) -> np.ndarray:
        """Their sum, (N, D)."""
        return self.direct + self.by_var + self.by_mean


def batchnorm_terms(dy: np.ndarray, cache: Cache) -> BatchnormTerms:
    """Split the gradient by the input of a batchnorm into its parts; dy is the gradient by its output, (N, D)."""
    n = len(dy)
    centred = cache.x_hat / cache.rstd  # x - mean, (N, D)
    dx_hat = dy * cache.gamma
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * cache.rstd**3
    dmean = -dx_hat.sum(axis=0) * cache.rstd
    by_mean = np.broadcast_to(dmean / n, dy.shape)
    return BatchnormTerms(dx_hat, dvar, dmean, dx_hat * cache.rstd, 2 * dvar * centred / n, by_mean)


@dataclass(frozen=True, eq=False)
class BackwardSeen:
    """One stage of the backward pass of one unit; arrays are (N,), one entry a sample.

    Attributes:
        batch: number of the batch, from 1. stage: how many of STAGES are known. x, x_hat, dy, dz: values of the unit.
        terms: with D = 1. mean, var: of x. dgamma, dbeta: numbers. layer_dx: what `batchnorm_grad` says.
        differences: central differences of the loss sum(dy y) by x.
    """

    batch: int
    stage: int
    x: np.ndarray
    x_hat: np.ndarray
    dy: np.ndarray
    dz: np.ndarray
    terms: BatchnormTerms
    mean: float
    var: float
    dgamma: float
    dbeta: float
    layer_dx: np.ndarray
    differences: np.ndarray

    @property
    def off(self) -> float:
        """Distance of the sum of the terms from `batchnorm_grad`, as a share of dy / sqrt(var + eps)."""
        scale = np.linalg.norm(self.terms.direct)
        return float(np.linalg.norm(self.terms.dx[:, 0] - self.layer_dx) / scale) if scale else 0.0

    @property
    def off_differences(self) -> float:
        """Distance of the sum of the terms from central differences, in the same measure."""
        scale = np.linalg.norm(self.terms.direct)
        return float(np.linalg.norm(self.terms.dx[:, 0] - self.differences) / scale) if scale else 0.0


class BatchnormBackward:
    """An endless iterator of `BackwardSeen`: stage by stage through one batch, then the next batch.

    Args:
        net: with batchnorm; nothing is learned. data: whence the batches come.
        layer: 1, 2 or 3. unit: from 1, the one that varies most in this batch first. batch: 2 .. 64.

    Attributes:
        last: the last event, or the first batch before any stage.

    Raises:
        ShardError: a batch of one row. SettingError: another value that is not allowed, or batchnorm is off.
    """

    MOST = 64

    def __init__(self, net: NN4, data: Dataset, *, layer: int = 1, unit: int = 1, batch: int = 8) -> None:
        if not net.batchnorm:
            raise SettingError("batchnorm is off in this net: it has no backward pass. Switch it on.")
        self.net, self.data = net, data
        self._batches = Batches(net.seed, len(data.train_x))
        self.layer, self.unit, self.batch, self._number, self._stage = 1, 1, 0, 0, 0
        self.change(layer=layer, unit=unit, batch=batch)

    def __iter__(self) -> "BatchnormBackward":
        return self

    def __next__(self) -> BackwardSeen:
        if self._stage == len(STAGES):
            self._next_batch()
        self._stage += 1
        return self.last

    def change(self, **changes: Any) -> None:
        """Take another `layer` or `unit` of the same batch, or another `batch` size, with which a batch begins."""
        layer = check_count("layer", changes.get("layer", self.layer), high=self.net.depth - 1)
        unit = check_count("unit", changes.get("unit", self.unit), high=self.net.widths[layer])
        batch = check_batch(check_count("batch", changes.get("batch", self.batch), high=self.MOST), self.MOST)
        self.layer, self.unit = layer, unit
        if batch != self.batch:
            self.batch = batch
            self._next_batch()

    @property
    def last(self) -> BackwardSeen:
        """What is known of the batch at this stage."""
        t, i = self._seen.trace, self.layer
        cache, dy = t[f"cache_batchnorm{i}"], t[f"dy{i}"]
        column = [np.argsort(-cache.var, kind="stable")[self.unit - 1]]
        own = Cache(cache.x_hat[:, column], *(part[column] for part in cache[1:]))
        dx, dgamma, dbeta = batchnorm_grad(dy[:, column], own)
        x, dz = t[f"relu{i}"][:, column], relu_grad(dx, t[f"relu{i}"][:, column])
        return BackwardSeen(
            self._number, self._stage, x[:, 0], own.x_hat[:, 0], dy[:, column][:, 0], dz[:, 0],
            batchnorm_terms(dy[:, column], own), float(own.mean[0]), float(own.var[0]), float(dgamma[0]),
            float(dbeta[0]), dx[:, 0], _differences(x, dy[:, column], own, self.net.eps),
        )  # fmt: skip

    # ---- inside

    def _next_batch(self) -> None:
        self._number, self._stage = self._number + 1, 0
        rows = self._batches.take(self.batch)
        self._seen: WholePass = whole_pass(self.net, self.data.train_x, self.data.train_y, rows)


def _differences(x: np.ndarray, dy: np.ndarray, cache: Cache, eps: float) -> np.ndarray:
    """Central differences of sum(dy y) by every entry of x, (N,)."""
    h = STEP * max(float(np.sqrt(cache.var[0] + eps)), STEP)
    beta = np.zeros(1, x.dtype)

    def loss(moved: np.ndarray) -> float:
        return float((dy * batchnorm(moved, cache.gamma, beta, eps)[0]).sum())

    moves = h * np.eye(len(x), dtype=x.dtype)[:, :, None]
    return np.array([(loss(x + move) - loss(x - move)) / (2 * h) for move in moves])
