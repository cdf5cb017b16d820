"""Softmax as it is written and as it is computed: what becomes of both as the logits grow, in any precision."""

import decimal
import math
from dataclasses import dataclass

import numpy as np

from lab.analysis.softmax.precision import check_label, check_logits, check_number, limits
from lab.checks import check_matrix
from lab.errors import SettingError
from lab.layers import softmax
from lab.losses import softmax_cross_entropy

WAYS = ("log of naive softmax", "log of shifted softmax", "log-sum-exp")
DIGITS = 50  # of the exact values: float64 has 16
BEYOND = 10  # the sweep ends at so many times the logit at which exp overflows


def naive_softmax(z: np.ndarray) -> np.ndarray:
    """Softmax as it stands in the textbook; here to be seen failing. The lab's own is `lab.layers.softmax`.

        y_j = exp(z_j) / sum_k exp(z_k)

    Args:
        z: logits, (N, C), in the precision to compute in.

    Returns:
        y, (N, C): inf / inf = NaN where a logit is too large, 0 / 0 = NaN where all are too small. No warning is given.

    Raises:
        ShapeError, NotFiniteError: z is no such matrix.
    """
    z = check_matrix("z", z)
    with np.errstate(all="ignore"):
        e = np.exp(z)
        return e / e.sum(axis=1, keepdims=True)


def log_loss(probabilities: np.ndarray, label: int) -> float:
    """-log y[label] of the first row of probabilities that came out already: inf where it was rounded to 0."""
    with np.errstate(all="ignore"):
        return float(0 - np.log(probabilities[0, label]))


def exact(z: np.ndarray, label: int) -> tuple[np.ndarray, float]:
    """Softmax and cross-entropy of one row of logits with 50 digits, rounded to float64 at the end.

        L = log(1 + sum over k != label of exp(z_k - z_label)),    y_j = exp(z_j - m) / sum_k exp(z_k - m)

    Args:
        z: logits, (d,); each is taken as the binary number that it is. label: of L.

    Raises:
        ShapeError, NotFiniteError, LabelError: what is not allowed, and what is.
    """
    z, label = check_logits("z", z), check_label(label, len(z))
    with decimal.localcontext(decimal.Context(prec=DIGITS, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)):
        numbers = [decimal.Decimal(float(each)) for each in z]
        e = [(each - max(numbers)).exp() for each in numbers]
        total = sum(e, decimal.Decimal(0))
        loss = total.ln() + max(numbers) - numbers[label]
        return np.array([float(each / total) for each in e]), float(loss)


def failing_scale(shape: object, dtype: str) -> float:
    """The scale s above which naive softmax of s * shape is no distribution any more: inf where it always is one.

        largest > 0:  log sum_k exp(s shape_k) = log(largest number);    largest < 0:  s max(shape) = log(smallest / 2)

    Above it all is 0 at first, as the sum is inf; then NaN, as exp is. With largest = 0 the logits are as the shift
    would leave them, and nothing fails.

    Raises:
        ShapeError, NotFiniteError, SettingError: what is not allowed, and what is.
    """
    row, ends = check_logits("shape", shape), limits(dtype)
    largest = float(row.max())
    if largest <= 0:
        return ends.underflow / largest if largest < 0 else math.inf
    from scipy.optimize import brentq
    from scipy.special import logsumexp

    # Of d numbers above 0 the sum is at most log(d) above the largest: the root lies between these two.
    low = max((ends.overflow - math.log(len(row))) / largest, 0)
    return float(brentq(lambda s: logsumexp(s * row) - ends.overflow, low, ends.overflow / largest + 1))


@dataclass(frozen=True, eq=False)
class ScaleSeen:
    """Logits at one scale, computed three ways and exactly; arrays are (d,).

    Attributes:
        scale: s. logits: s * shape, rounded to the precision of the sweep.
        naive, shifted, exact: probabilities. losses: of the label by each of `WAYS`. exact_loss: of the same logits.
    """

    scale: float
    logits: np.ndarray
    naive: np.ndarray
    shifted: np.ndarray
    exact: np.ndarray
    losses: tuple[float, float, float]
    exact_loss: float

    @property
    def errors(self) -> tuple[float, float, float]:
        """|L - exact| / max(exact, 1) of each way: relative where the loss is large, absolute where it is small."""
        size = max(self.exact_loss, 1.0)
        return tuple(abs(each - self.exact_loss) / size for each in self.losses)  # type: ignore[return-value]


class ScaleSweep:
    """An iterator of `ScaleSeen`: the same logits, larger by a factor in every step, up to far beyond the overflow.

    Args:
        shape: the logits at scale 1, (d,), not all 0. label: the right class. dtype: precision to compute in.
        growth: of the scale in each step; 0.02 is 2 %.

    Attributes:
        seen: all events so far. bound: the scale where naive softmax begins to fail, see `failing_scale`.

    Raises:
        ShapeError, NotFiniteError, LabelError, SettingError: what is not allowed, and what is.

    Source: EPFL CS-433, exercise 8, problem 3; Blanchard, Higham & Higham 2021, "Accurately computing the log-sum-exp
    and softmax functions", section 3.
    """

    def __init__(self, shape: object, label: int = 0, *, dtype: str = "float32", growth: float = 0.02) -> None:
        self.shape = check_logits("shape", shape)
        size = float(np.abs(self.shape).max())
        if not size or not check_number("growth", growth) > 0:
            raise SettingError(
                f"shape = {self.shape.tolist()} with growth = {growth!r} is not allowed. Logits of 0 never grow: "
                "give one that is not 0, and a growth above 0."
            )
        self.label, self.dtype, self.growth = check_label(label, len(self.shape)), dtype, float(growth)
        self.bound = failing_scale(self.shape, dtype)
        self.end = BEYOND * limits(dtype).overflow / size
        self.seen: list[ScaleSeen] = []

    def __iter__(self) -> "ScaleSweep":
        return self

    def __next__(self) -> ScaleSeen:
        scale = (1 + self.growth) ** len(self.seen)
        if scale > self.end:
            raise StopIteration
        z = (scale * self.shape).astype(self.dtype)[None]
        naive, shifted = naive_softmax(z), softmax(z)[0]
        losses = (
            log_loss(naive, self.label), log_loss(shifted, self.label),
            softmax_cross_entropy(z, np.array([self.label])),
        )  # fmt: skip
        true, loss = exact(z[0], self.label)
        self.seen.append(ScaleSeen(scale, z[0], naive[0], shifted[0], true, losses, loss))
        return self.seen[-1]

    def failed(self, way: int) -> tuple[float, float] | None:
        """Scale and loss at which one of `WAYS` first was no finite number; None as long as it is one."""
        return next(((each.scale, each.losses[way]) for each in self.seen if not math.isfinite(each.losses[way])), None)
