"""Label smoothing: targets without a 1, so that cross-entropy has a finite optimum: by descent and in closed form."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.analysis.softmax.history import keep
from lab.analysis.softmax.precision import check_label, check_logits, check_number
from lab.checks import as_array, check_choice, check_count, check_delta, check_finite
from lab.errors import SettingError, ShapeError
from lab.layers import softmax
from lab.losses import softmax_cross_entropy

CONVENTIONS = ("every", "others")


def smoothed(label: int, classes: int, eps: float, convention: str = "every") -> np.ndarray:
    """The one-hot target of a label, smoothed, (d,); it sums to 1.

        "every"     eps / d on every class:          the label has 1 - eps + eps/d
        "others"    eps / (d - 1) on the others:     the label has 1 - eps

    Args:
        label: the right class, from 0. classes: d >= 2. eps: in [0, 1).

    Raises:
        SettingError, LabelError: what is not allowed, and what is.

    Source: Szegedy et al. 2016, "Rethinking the Inception architecture", section 7 ("every"); EPFL CS-433, exercise 8.
    """
    d, eps = check_count("classes", classes, low=2), check_eps(eps)
    share = eps / d if check_choice("convention", convention, CONVENTIONS) == "every" else eps / (d - 1)
    target = np.full(d, share)
    target[check_label(label, d)] = 1 - (d - 1) * share
    return target


def optimal_gap(classes: int, eps: float, convention: str = "every") -> float:
    """By how much the label's logit is above all others where the loss is least; inf for eps = 0.

        "every"     log(1 + d (1 - eps) / eps)
        "others"    log((1 - eps) (d - 1) / eps)

    The least loss has softmax(x) = target, so that x_label - x_k = log(target_label / target_k).

    Raises:
        SettingError: what is not allowed, and what is.
    """
    d, eps = check_count("classes", classes, low=2), check_eps(eps)
    if check_choice("convention", convention, CONVENTIONS) == "every":
        return math.log1p(d * (1 - eps) / eps) if eps else math.inf
    return math.log((1 - eps) * (d - 1) / eps) if eps else math.inf


def entropy(target: np.ndarray) -> float:
    """H = -sum_k y_k log y_k in nats, with 0 log 0 = 0: the least cross-entropy against this target.

    Raises:
        ShapeError: the target is no distribution over classes.
    """
    target = as_array("target", target).astype(np.float64)
    if target.ndim != 1 or not (target >= 0).all() or abs(target.sum() - 1) > 1e-9:  # NaN is none, either
        raise ShapeError(
            f"target = {target.tolist()} is no distribution. Give (d,) numbers of 0 or more that sum to 1."
        )
    some = target[target > 0]
    return 0.0 - float((some * np.log(some)).sum())


def cross_entropy(x: np.ndarray, target: np.ndarray) -> float:
    """Cross-entropy of softmax(x) against any target.

        L = -sum_k y_k log softmax(x)_k = L(x, largest) + x_largest - <y, x>,    L(x, k) against the label k alone

    The largest logit is taken off first, so that no two large numbers are subtracted.

    Args:
        x: logits, (d,). target: y, (d,), sums to 1.

    Raises:
        ShapeError, NotFiniteError: what is not allowed, and what is.
    """
    x, target = _checked(x, target)
    k = int(x.argmax())
    return softmax_cross_entropy(x[None], np.array([k])) + float(target @ (x[k] - x))


def cross_entropy_grad(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """dL/dx = softmax(x) - y, (d,). Raises as `cross_entropy`."""
    x, target = _checked(x, target)
    return softmax(x[None])[0][0] - target


def _checked(x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, target = check_logits("x", x), as_array("target", target)
    if target.shape != x.shape:
        raise ShapeError(f"target has shape {target.shape}, but x has {x.shape}. Give one share for each logit.")
    check_finite("target", target)
    return x, target


@dataclass(frozen=True)
class GapSeen:
    """After so many steps: the label's logit above the mean of the others, and above the largest and smallest of them.

    `closed` is the gap where the loss is least. At eps = 0 there is none: `closed` is then inf, and the gap grows as
    log(delta d t), with t the steps: to that value where the others are equal.
    """

    step: int
    gap: float
    low: float
    high: float
    loss: float
    closed: float


class SmoothedDescent:
    """An endless iterator of `GapSeen`: gradient descent on one row of logits against a smoothed target.

        x <- x - delta (softmax(x) - y)

    The sum of the logits stays as it is, because the gradient sums to 0: of all optima, which differ by a constant,
    descent finds the one with this sum.

    Args:
        classes: d. eps, convention: see `smoothed`. delta: below 4 it is stable at any logits, as no eigenvalue of the
            Hessian diag(z) - z z^T is above 1/2. spread, seed: of the first logits, spread * N(0, 1).
        The label is class 0.

    Attributes:
        history: `GapSeen` at some 40 steps in each decade, the first ones all.

    Raises:
        SettingError, StepSizeError: what is not allowed, and what is.
    """

    def __init__(
        self, classes: int = 10, eps: float = 0.1, convention: str = "every", *, delta: float = 1.0,
        spread: float = 1.0, seed: int = 0,
    ) -> None:  # fmt: skip
        self.classes = check_count("classes", classes, low=2)
        spread = check_number("spread", spread)
        self.x = spread * rng.normals(rng.check_seed(seed), (1, self.classes), 1, rng.NOISE)[0]
        self.step = 0
        self.change(eps=eps, convention=convention, delta=delta)
        self.history: list[GapSeen] = []

    def __iter__(self) -> "SmoothedDescent":
        return self

    def __next__(self) -> GapSeen:
        self.x = self.x - self.delta * cross_entropy_grad(self.x, self.target)
        self.step += 1
        seen = self.look()
        keep(self.history, seen)
        return seen

    def change(self, **changes: Any) -> None:
        """Take another `eps`, `convention` or `delta`, from the next step on."""
        eps = check_eps(changes.get("eps", getattr(self, "eps", 0.1)))
        convention = check_choice(
            "convention", changes.get("convention", getattr(self, "convention", "every")), CONVENTIONS
        )
        delta = check_delta(changes.get("delta", getattr(self, "delta", 1.0)))
        self.eps, self.convention, self.delta = eps, convention, delta
        self.target = smoothed(0, self.classes, eps, convention)
        self.closed, self.entropy = optimal_gap(self.classes, eps, convention), entropy(self.target)

    @property
    def probabilities(self) -> np.ndarray:
        """softmax(x) as it stands now, (d,)."""
        return softmax(self.x[None])[0][0]

    def look(self) -> GapSeen:
        """What holds now."""
        gaps = self.x[0] - self.x[1:]
        return GapSeen(
            self.step, float(gaps.mean()), float(gaps.min()), float(gaps.max()), cross_entropy(self.x, self.target),
            self.closed,
        )  # fmt: skip


def check_eps(eps: Any) -> float:
    """Return eps as a float in [0, 1), or raise `SettingError`."""
    if isinstance(eps, bool) or not isinstance(eps, (int, float, np.number)) or not 0 <= eps < 1:
        raise SettingError(
            f"eps = {eps!r} is not allowed. Give a number in [0, 1): the share of the target that is spread."
        )
    return float(eps)
