"""Gradient descent on a sample under dropout: noisy with a batch of one mask, smooth with many."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.analysis.least_squares.rows import STABLE, MaskRows
from lab.checks import check_choice, check_count, check_delta
from lab.errors import SettingError
from lab.optim.adam import adam
from lab.optim.sgd import sgd

OPTIMIZERS = ("sgd", "adam")
MOST_DRAWN = 1024  # masks that are drawn at once: Philox costs the same for one as for hundreds


@dataclass(frozen=True, eq=False)
class DescentStep:
    """One step was made, for each of P values of p.

    Attributes:
        step: its number, from 1. w: weights after it, (P, D).
        batch_loss: mean squared error over its batch before it, (P,), which the step made smaller.
    """

    step: int
    w: np.ndarray
    batch_loss: np.ndarray


class Descent:
    """An endless iterator of `DescentStep`s from w = 0; see `MaskRows` for the loss.

        gradient = 2/B sum over the batch of (row . w - y) row,      a new mask for each of the B rows

    With SGD, a step size beyond 0.9 of the bound `MaskRows.stable` is cut to that, so that it converges at every p.

    Args:
        x: one sample, (D,). y: its target. keep: p, a number or (P,). inverted: divide by p.
        batch: masks in a batch; None takes all masks with their probabilities: the expected gradient.
        delta: step size. optimizer: "sgd" or "adam". seed: of the masks.

    Attributes:
        rows: the `MaskRows`. w: now, (P, D). steps: done so far.

    Raises:
        SettingError, KeepProbabilityError, StepSizeError, ShapeError, NotFiniteError: what is not allowed.
    """

    def __init__(
        self, x: Any, y: float, keep: Any, *, inverted: bool = True, batch: int | None = 1, delta: float = 1e-3,
        optimizer: str = "sgd", seed: int = 0,
    ) -> None:  # fmt: skip
        self.rows = MaskRows(x, y, keep, inverted)
        self.seed, self.steps, self._blocks = rng.check_seed(seed), 0, 0
        self.w = np.zeros((len(self.rows.keep), len(self.rows.x)))
        self._settings: dict[str, Any] = {}
        self._set(batch=batch, delta=delta, optimizer=optimizer)

    def __iter__(self) -> "Descent":
        return self

    def __next__(self) -> DescentStep:
        weights = self._batch()
        loss, gradient = self.rows.loss(self.w, weights), self.rows.gradient(self.w, weights)
        self.steps += 1
        if self.optimizer == "adam":
            self._adam_steps += 1
            adam(self.w, gradient, *self._state, self._adam_steps, self.delta)
        else:
            gradient *= self.taken[:, None]
            sgd(self.w, gradient, 1.0)
        return DescentStep(self.steps, self.w.copy(), loss)

    def change(self, **changes: Any) -> None:
        """Take another keep, inverted, batch, delta or optimizer; w stays where it is."""
        moved = {name: changes.pop(name) for name in ("keep", "inverted") if name in changes}
        if moved:
            given: dict[str, Any] = {"keep": self.rows.keep, "inverted": self.rows.inverted} | moved
            rows = MaskRows(self.rows.x, self.rows.y, **given)
            if len(rows.keep) != len(self.w):
                raise SettingError(f"{len(rows.keep)} values of p do not fit the {len(self.w)} descents. Begin anew.")
            self.rows = rows
        self._set(**changes)

    @property
    def taken(self) -> np.ndarray:
        """The step size that is taken at each p, (P,): what was asked for, cut to what is stable with SGD."""
        whole = np.full(len(self.w), self.delta)
        return np.minimum(whole, STABLE * self.rows.stable()) if self.optimizer == "sgd" else whole

    @property
    def expected_loss(self) -> np.ndarray:
        """At w, over all masks, (P,)."""
        return self.rows.loss(self.w)

    @property
    def note(self) -> str:
        """What a status line says of the step size: where it is stable, and what was cut to it."""
        cut = self.taken < self.delta
        if self.optimizer != "sgd" or (len(cut) > 1 and not cut.any()):
            return ""
        if len(cut) > 1:
            return f"step size cut at {cut.sum()} of {len(cut)} p, where a batch can overshoot"
        bound = f"{self.rows.stable()[0]:.2g}"
        if cut[0]:
            return f"step size cut to {self.taken[0]:.2g}, as from {bound} on a batch can overshoot"
        return f"step size {self.delta:.2g}, stable below {bound}"

    def _set(self, **changes: Any) -> None:
        unknown = set(changes) - {"batch", "delta", "optimizer"}
        if unknown:
            raise TypeError(f"{', '.join(sorted(unknown))} cannot be changed in a descent.")
        new = self._settings | changes
        batch = None if new["batch"] is None else check_count("batch", new["batch"], high=2**20)
        optimizer, delta = check_choice("optimizer", new["optimizer"], OPTIMIZERS), check_delta(new["delta"])
        if optimizer != self._settings.get("optimizer"):
            self._state, self._adam_steps = (np.zeros_like(self.w), np.zeros_like(self.w)), 0
        if self._settings.get("batch", 0) != batch:
            self._words = np.zeros((0, len(self.rows.x)), np.uint32)
        self.batch, self.delta, self.optimizer, self._settings = batch, delta, optimizer, new

    def _batch(self) -> np.ndarray | None:
        """Weights of the rows in the next batch, (P, R), or None for the expected gradient."""
        if self.batch is None:
            return None
        if len(self._words) < self.batch:
            rows = np.arange(self.batch * max(1, MOST_DRAWN // self.batch))
            self._words = rng.words(self.seed, rows, len(self.rows.x), self._blocks)
            self._blocks += 1
        words, self._words = self._words[: self.batch], self._words[self.batch :]
        return self.rows.drawn(words)
