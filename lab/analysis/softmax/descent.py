"""Softmax and its cross-entropy on one row of logits: the gradient z - y, checked, and descent along it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.softmax.history import keep
from lab.analysis.softmax.precision import PRECISIONS, check_label, check_logits, check_number
from lab.checks import check_choice, check_delta
from lab.errors import SettingError
from lab.layers import softmax
from lab.losses import softmax_cross_entropy, softmax_cross_entropy_grad


@dataclass(frozen=True, eq=False)
class LogitsSeen:
    """One row of logits and what follows from it; arrays are (d,), in the run's precision.

    Attributes:
        step: steps of descent so far. logits: x + constant, before the temperature. target: y, one-hot.
        probabilities: z = softmax(logits / T). loss: -log z[label], in nats. gradient: dL/dx = (z - y) / T.
    """

    step: int
    logits: np.ndarray
    target: np.ndarray
    probabilities: np.ndarray
    loss: float
    gradient: np.ndarray


class LogitDescent:
    """An endless iterator of `LogitsSeen`: each event is after one step down the gradient.

        z = softmax((x + c) / T),    L = -log z_label,    dL/dx = (z - y) / T,    x <- x - delta dL/dx

    Args:
        logits: x at the start, (d,). label: the right class, from 0. temperature: T. constant: c, added to each logit.
        delta: step size. dtype: "float16", "float32" or "float64": everything is computed in it.

    Attributes:
        history: of what was seen, some 40 steps in each decade, the first ones all.

    Raises:
        ShapeError, NotFiniteError, LabelError, StepSizeError, SettingError: what is not allowed, and what is.

    Source: EPFL CS-433, exercise 8, problem 3; Bridle 1990, "Probabilistic interpretation of feedforward
    classification network outputs".
    """

    def __init__(
        self, logits: object, label: int = 0, *, temperature: float = 1.0, constant: float = 0.0, delta: float = 1.0,
        dtype: str = "float64",
    ) -> None:  # fmt: skip
        self._x = self.start = check_logits("logits", logits)
        self.step = 0
        self.history: list[LogitsSeen] = []
        self.change(label=label, temperature=temperature, constant=constant, delta=delta, dtype=dtype)

    def __iter__(self) -> "LogitDescent":
        return self

    def __next__(self) -> LogitsSeen:
        delta = self._x.dtype.type(self.delta)
        self._x = self._x - delta * self.look().gradient
        self.step += 1
        seen = self.look()
        keep(self.history, seen)
        return seen

    def change(self, **changes: Any) -> None:
        """Take another `label`, `temperature`, `constant`, `delta`, `dtype`, or a logit as `logit=(place, value)`."""
        x = self._x.copy()
        if "logit" in changes:
            place, value = changes["logit"]
            x[check_label(place, len(x))] = check_logits("logits", (value, value))[0]
        label = check_label(changes.get("label", getattr(self, "label", 0)), len(x))
        temperature = check_number("temperature", changes.get("temperature", getattr(self, "temperature", 1.0)))
        if not temperature > 0:
            raise SettingError(
                f"temperature = {temperature:g} is not allowed. Give a number above 0; 1 changes nothing."
            )
        constant = check_number("constant", changes.get("constant", getattr(self, "constant", 0.0)))
        delta = check_delta(changes.get("delta", getattr(self, "delta", 1.0)))
        dtype = check_choice("dtype", changes.get("dtype", x.dtype.name), PRECISIONS)
        self._x = check_logits("logits", x).astype(dtype)
        self.label, self.temperature, self.constant, self.delta = label, temperature, constant, delta

    @property
    def logits(self) -> np.ndarray:
        """x + c as it stands now, (d,)."""
        return self._x + self._x.dtype.type(self.constant)

    def look(self) -> LogitsSeen:
        """What holds now; no step is done."""
        z, t = self._scaled(self.logits[None]), np.array([self.label])
        gradient = softmax_cross_entropy_grad(z, t)[0] / z.dtype.type(self.temperature)
        target = np.zeros_like(gradient)
        target[self.label] = 1
        return LogitsSeen(self.step, self.logits, target, softmax(z)[0][0], softmax_cross_entropy(z, t), gradient)

    def differences(self) -> np.ndarray:
        """dL/dx by central differences in the run's own precision, (d,).

            (L(x + h e_j) - L(x - h e_j)) / 2h,    h = T eps^(1/3), or the distance to the next number if that is more

        With eps the precision of the type, such an h balances what the difference of two losses loses to rounding
        (eps / h) against what the parabola leaves out (h^2). 2h is the distance of the two numbers as they came out.

        Source: Press et al. 2007, "Numerical Recipes", section 5.7.
        """
        x, t = self.logits, np.array([self.label])
        found = np.empty_like(x)
        for j in range(len(x)):
            h = max(self.temperature * float(np.finfo(x.dtype).eps) ** (1 / 3), float(np.spacing(np.abs(x[j]))))
            ends = np.tile(x, (2, 1))
            ends[:, j] += np.array([h, -h], x.dtype)
            above, below = (softmax_cross_entropy(self._scaled(row[None]), t) for row in ends)
            found[j] = (above - below) / (float(ends[0, j]) - float(ends[1, j]))
        return found

    def off(self) -> float:
        """The largest distance between an entry of the gradient and of its central differences."""
        return float(np.abs(self.look().gradient.astype(np.float64) - self.differences()).max())

    def moved_by_constant(self) -> np.ndarray:
        """By how much the constant moves each probability, (d,): only by rounding, as exp(c) cancels."""
        return (softmax(self._scaled(self.logits[None]))[0] - softmax(self._scaled(self._x[None]))[0])[0]

    def _scaled(self, logits: np.ndarray) -> np.ndarray:
        return logits / logits.dtype.type(self.temperature)
