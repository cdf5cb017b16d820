"""Passes of one batch through a network with dropout: forward with a new mask each time, backward with the same one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.blas import one_blas_thread
from lab.checks import check_choice, check_keep
from lab.layers import dropout_grad
from lab.models import nn4_reference
from lab.models.nn4 import MODES, NN4

DIRECTIONS = 8
EPSILON = 1e-5  # of the central differences, on inputs between 0 and 1


@dataclass(frozen=True, eq=False)
class DropoutPass:
    """One forward and backward pass; arrays are (N, D), one row a sample, at the input of the first layer.

    Attributes:
        step: the pass, from 1. keep: p of this pass, 1 in test mode. x: inputs.
        mask: which inputs were kept, bool. dropped: x mask / keep, what the layer multiplies by its weights.
        mask_back: the mask of the backward pass, bool. dx: gradient of the loss by x.
        loss: mean cross-entropy. share: kept inputs of this pass. mean_share: of all passes at this keep.
    """

    step: int
    keep: float
    x: np.ndarray
    mask: np.ndarray
    dropped: np.ndarray
    mask_back: np.ndarray
    dx: np.ndarray
    loss: float
    share: float
    mean_share: float


class DropoutPasses:
    """An endless iterator of `DropoutPass`: the same batch, another mask in every pass.

        forward   y = x mask / p         mask ~ Bernoulli(p), new in every pass
        backward  dx = dy mask / p       the same mask

    Args:
        net: of the reference backend's kind, any weights; its `keep` is set. x: inputs, (N, D). y: labels, (N,).
        keep: p, the probability of keeping. mode: "train" or "test" (no masks, no division).
        redraw: draw another mask for the backward pass, which is the mistake this class is there to show.

    Raises:
        KeepProbabilityError, SettingError: keep or mode is not allowed.
        ShapeError, LabelError, NotFiniteError: x or y do not fit the net.

    Source: Srivastava et al. 2014, section 5.1 (backpropagation through the thinned network), section 10.
    """

    def __init__(
        self, net: NN4, x: np.ndarray, y: np.ndarray, keep: float = 0.8, mode: str = "train", redraw: bool = False
    ) -> None:
        self.net = net
        net.loss(x, y)  # says what does not fit, before the first pass
        self._x, self._y = np.asarray(x, net.dtype), np.asarray(y, np.int64)
        self.keep, self.mode, self.redraw = check_keep(keep), check_choice("mode", mode, MODES), bool(redraw)
        self.step = self._counted = self._kept = 0
        self.last: DropoutPass | None = None

    def __iter__(self) -> "DropoutPasses":
        return self

    def __next__(self) -> DropoutPass:
        self.step += 1
        self.last = self.look()
        self._counted += self.last.mask.size
        self._kept += int(self.last.mask.sum())
        self.last = self._told(self.last)
        return self.last

    def change(self, **changes: Any) -> None:
        """Take `keep`, `mode` or `redraw`, from the next pass on; a mean over passes at another p begins anew."""
        if "keep" in changes:
            self.keep = check_keep(changes["keep"])
        if "mode" in changes:
            self.mode = check_choice("mode", changes["mode"], MODES)
        self.redraw = bool(changes.get("redraw", self.redraw))
        if "keep" in changes or "mode" in changes:
            self._counted = self._kept = 0

    def look(self) -> DropoutPass:
        """The last pass (number 0 before the first), as the settings of now would have it."""
        with one_blas_thread():
            return self._look()

    def check(self, sample: int = 0) -> float:
        """How far dx of one sample is from central differences of the loss at the fixed forward masks.

            |<dx, v> - (L(x + e v) - L(x - e v)) / 2e|, over 8 random directions v, as a share of the differences' norm

        Returns:
            the relative difference: some 1e-9 for a right gradient in float64.
        """
        rows = np.full(2 * DIRECTIONS, sample)
        v = rng.normals(self.net.seed, (DIRECTIONS, self._x.shape[1]), sample + 1, rng.NOISE)
        near = self._x[sample] + np.concatenate((EPSILON * v, -EPSILON * v))
        with one_blas_thread():
            logits = self._forward(near, rows)[f"z{self.net.depth}"]
        label = self._y[sample : sample + 1]
        losses = np.array([nn4_reference.loss_and_grad(self.net, z[None], label)[0] for z in logits])
        differences = (losses[:DIRECTIONS] - losses[DIRECTIONS:]) / (2 * EPSILON)
        claimed = len(self._x) * (v @ self.look().dx[sample])  # dx is of the batch's mean
        size = np.linalg.norm(differences)
        return float(np.linalg.norm(claimed - differences) / size) if size else float(np.linalg.norm(claimed))

    # ---- inside

    def _look(self) -> DropoutPass:
        trace, p = self._forward(self._x, np.arange(len(self._x))), self._p
        loss, dz = nn4_reference.loss_and_grad(self.net, trace[f"z{self.net.depth}"], self._y)
        nn4_reference.backward(self.net, trace, dz, self.net.layout.zeros(self.net.dtype))
        back = trace["mask1"]
        if self.redraw and p < 1:
            rows = np.arange(len(self._x))
            back = rng.dropout_mask(self.net.seed, rows, self._x.shape[1], p, self._address + 1, 1) / p
        dx = dropout_grad(trace["dz1"] @ self.net.views(self.net.params)["W1"].T, back)
        mask = trace["mask1"] > 0
        return self._told(
            DropoutPass(self.step, p, self._x, mask, trace["dropped1"], back > 0, dx, loss, float(mask.mean()), 0.0)
        )

    @property
    def _p(self) -> float:
        return self.keep if self.mode == "train" else 1.0

    @property
    def _address(self) -> int:
        return rng.FREE_PASSES + 2 * self.step  # the word between two is for the mask that is redrawn

    def _forward(self, x: np.ndarray, rows: np.ndarray) -> nn4_reference.Trace:
        self.net.keep = self.keep
        return nn4_reference.forward(self.net, x, self.mode, self._address, rows)

    def _told(self, seen: DropoutPass) -> DropoutPass:
        mean = self._kept / self._counted if self._counted else seen.share
        return DropoutPass(**{**vars(seen), "mean_share": mean})
