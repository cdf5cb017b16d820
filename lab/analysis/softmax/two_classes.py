"""Two classes: softmax of (x1, x2) is sigmoid(x1 - x2), but descent on the two logits is twice as fast as on one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.softmax.history import keep
from lab.analysis.softmax.precision import check_number
from lab.checks import check_delta
from lab.errors import ShapeError
from lab.layers import sigmoid, softmax
from lab.losses import (
    binary_cross_entropy,
    binary_cross_entropy_grad,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)

RIGHT = np.array([0])  # class 0 of the softmax
ONE = np.array([1])  # is label 1 of the sigmoid


@dataclass(frozen=True)
class TwoSeen:
    """After so many steps of both descents.

    Attributes:
        gap: x1 - x2 of the softmax. logit: of the sigmoid, with the same step size. twice: with the double one.
        softmax_loss, sigmoid_loss: in nats, at the same step size.
    """

    step: int
    gap: float
    logit: float
    twice: float
    softmax_loss: float
    sigmoid_loss: float


class TwoClasses:
    """An endless iterator of `TwoSeen`: the same problem as softmax over two logits, and as sigmoid of one.

        softmax((x1, x2))_1 = sigmoid(x1 - x2)
        dL/dx1 = p - 1,  dL/dx2 = 1 - p:    the gap moves by 2 delta (1 - p) a step, the one logit by delta (1 - p)

    Args:
        gap: x1 - x2 = z at the start. delta: step size of both.

    Attributes:
        history: of what was seen, some 40 steps in each decade, the first ones all.

    Raises:
        StepSizeError, SettingError: what is not allowed, and what is.
    """

    def __init__(self, gap: float = -2.0, delta: float = 0.5) -> None:
        gap = check_number("gap", gap)
        self.x = np.array([[gap / 2, -gap / 2]])
        self.z, self.twice = np.array([[gap]]), np.array([[gap]])
        self.delta, self.step = check_delta(delta), 0
        self.history: list[TwoSeen] = []

    def __iter__(self) -> "TwoClasses":
        return self

    def __next__(self) -> TwoSeen:
        self.x = self.x - self.delta * softmax_cross_entropy_grad(self.x, RIGHT)
        self.z = self.z - self.delta * binary_cross_entropy_grad(self.z, ONE)
        self.twice = self.twice - 2 * self.delta * binary_cross_entropy_grad(self.twice, ONE)
        self.step += 1
        seen = self.look()
        keep(self.history, seen)
        return seen

    def change(self, **changes: Any) -> None:
        """Take another `delta` from the next step on."""
        self.delta = check_delta(changes.get("delta", self.delta))

    def look(self) -> TwoSeen:
        """What holds now."""
        losses = softmax_cross_entropy(self.x, RIGHT), binary_cross_entropy(self.z, ONE)
        return TwoSeen(self.step, float(self.x[0, 0] - self.x[0, 1]), self.z.item(), self.twice.item(), *losses)


def both(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """softmax of (z, 0) for the first class, and sigmoid(z), (N,) each; equal but for rounding.

    Raises:
        ShapeError: z is not (N,).
    """
    z = np.asarray(z, np.float64)
    if z.ndim != 1:
        raise ShapeError(f"z has shape {z.shape}, but (N,) is needed. Give a row of numbers.")
    return softmax(np.stack((z, np.zeros_like(z)), axis=1))[0][:, 0], sigmoid(z)[0]
