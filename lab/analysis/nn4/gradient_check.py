"""Gradients against central differences, view by view: the check that every gradient of the lab has to pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lab import rng
from lab.checks import check_choice, check_count, check_labels, check_matrix
from lab.errors import SettingError, ShardError
from lab.models import nn4_reference
from lab.models.nn4 import NN4
from lab.models.nn4_reference import Trace

SLICE = 4  # entries between two events: eight forward passes
STEP = 1e-5  # h of the differences: rounding counts some 1e-16 L / h, the third derivative h^2
LIMIT = 1e-6  # a right gradient in float64 stays below it; a mistake lies many orders above


@dataclass(frozen=True, eq=False)
class ViewChecked:
    """What is known of one view of the gradient so far; arrays have one entry for each that was looked at.

    Attributes:
        view: "W1", "gamma1", ... size: its entries. wanted: how many of them are to be looked at.
        places: which, flat. claimed: by backpropagation. differences: (L(w + h) - L(w - h)) / 2h.
    """

    view: str
    size: int
    wanted: int
    places: np.ndarray
    claimed: np.ndarray
    differences: np.ndarray

    @property
    def error(self) -> float:
        """Largest |claimed - differences|."""
        return float(np.abs(self.claimed - self.differences).max())

    @property
    def relative(self) -> float:
        """||claimed - differences|| / max(||claimed||, ||differences||); 0 where both are 0."""
        size = max(np.linalg.norm(self.claimed), np.linalg.norm(self.differences))
        return float(np.linalg.norm(self.claimed - self.differences) / size) if size else 0.0

    @property
    def right(self) -> bool:
        """Whether it is below LIMIT."""
        return self.relative < LIMIT


def _other_mask(net: NN4, t: Trace, rows: np.ndarray, step: int) -> None:
    for i in range(1, net.depth + 1):
        kept = rng.dropout_mask(net.seed, rows, net.widths[i - 1], net.keep, step + 1, i)
        t[f"mask{i}"] = (kept / net.keep).astype(net.dtype)


def _no_factor(net: NN4, t: Trace, rows: np.ndarray, step: int) -> None:
    for i in range(1, net.depth + 1):
        t[f"mask{i}"] = (t[f"mask{i}"] > 0).astype(net.dtype)


def _no_relu(net: NN4, t: Trace, rows: np.ndarray, step: int) -> None:
    for i in range(1, net.depth):
        t[f"cache_relu{i}"] = np.ones_like(t[f"cache_relu{i}"])


def _sum(net: NN4, t: Trace, rows: np.ndarray, step: int) -> None:
    t[f"dz{net.depth}"] = t[f"dz{net.depth}"] * len(rows)


# What a backward pass may do wrong, done to the trace before it runs.
MISTAKES: dict[str, Callable[[NN4, Trace, np.ndarray, int], None] | None] = {
    "none": None,
    "another mask": _other_mask,
    "1/p forgotten": _no_factor,
    "ReLU left out": _no_relu,
    "sum for mean": _sum,
}


class GradientCheck:
    """An iterator of `ViewChecked`: entries of every view, a few for each event, at fixed masks.

        dL/dw ~ (L(w + h) - L(w - h)) / 2h

    Args:
        net: in float64; its parameters move by h and come back to the bit. x, y: a batch, (N, D) and (N,).
        entries: to be looked at in each view, at most; drawn from the seed. step: of the masks' address.
        views: names of `net.layout`; None for all that have a gradient. mistake: one of MISTAKES.

    Attributes:
        checked: by view, what is known so far.

    Raises:
        SettingError: another dtype (its rounding would hide what is looked for), an unknown view or mistake.
        ShapeError, LabelError, NotFiniteError, ShardError: x or y do not fit the net.
    """

    def __init__(
        self, net: NN4, x: np.ndarray, y: np.ndarray, *, entries: int = 20, step: int = 0,
        views: tuple[str, ...] | None = None, mistake: str = "none",
    ) -> None:  # fmt: skip
        if net.dtype != np.float64:
            raise SettingError(
                f"dtype = {str(net.dtype)!r} is too coarse: h = {STEP:g} would drown in rounding. "
                "Make the net with dtype='float64'."
            )
        self.net, self._step = net, check_count("step", step, low=0, high=2**32 - 2)
        self._x = np.asarray(check_matrix("x", x, net.widths[0]), np.float64)
        self._y = check_labels("y", y, len(self._x), net.classes)
        if net.batchnorm and len(self._x) < 2:
            raise ShardError("x has 1 row, and batch normalization needs at least 2. Add rows, or set batchnorm off.")
        self._rows = np.arange(len(self._x))
        self._entries = check_count("entries", entries)
        self.views = tuple(check_choice("view", v, net.layout.names) for v in views or self._with_gradient())
        self.mistake = check_choice("mistake", mistake, tuple(MISTAKES))
        self.checked: dict[str, ViewChecked] = {}
        self._events = self._check()

    def __iter__(self) -> "GradientCheck":
        return self

    def __next__(self) -> ViewChecked:
        return next(self._events)

    @property
    def worst(self) -> float:
        """The largest relative error so far, NaN before the first."""
        return max((each.relative for each in self.checked.values()), default=float("nan"))

    def gradient(self) -> np.ndarray:
        """By backpropagation, with the mistake, flat."""
        net, t = self.net, self._forward()
        _, t[f"dz{net.depth}"] = nn4_reference.loss_and_grad(net, t[f"z{net.depth}"], self._y)
        make = MISTAKES[self.mistake]
        if make is not None:
            make(net, t, self._rows, self._step)
        grad = net.layout.zeros(net.dtype)
        nn4_reference.backward(net, t, t[f"dz{net.depth}"], grad)
        return grad

    # ---- inside

    def _with_gradient(self) -> tuple[str, ...]:
        scale_and_shift = () if self.net.batchnorm else ("gamma", "beta")
        return tuple(name for name in self.net.layout.names if not name.startswith(scale_and_shift))

    def _check(self) -> Iterator[ViewChecked]:
        claimed = self.net.views(self.gradient())
        for number, name in enumerate(self.views):
            w = self.net.views(self.net.params)[name].reshape(-1)
            places = _sample(self.net.seed, number, w.size, self._entries)
            differences: list[float] = []
            for place in places:
                differences.append(self._difference(w, place))
                if len(differences) % SLICE == 0 or len(differences) == len(places):
                    some = places[: len(differences)]
                    self.checked[name] = ViewChecked(
                        name, w.size, len(places), some, claimed[name].reshape(-1)[some], np.array(differences)
                    )
                    yield self.checked[name]

    def _difference(self, w: np.ndarray, place: int) -> float:
        before = w[place]
        try:
            w[place] = before + STEP
            above = self._loss()
            w[place] = before - STEP
            below = self._loss()
        finally:
            w[place] = before
        return (above - below) / (2 * STEP)

    def _forward(self) -> Trace:
        return nn4_reference.forward(self.net, self._x, "train", self._step, self._rows)

    def _loss(self) -> float:
        return nn4_reference.loss_and_grad(self.net, self._forward()[f"z{self.net.depth}"], self._y)[0]


def _sample(seed: int, number: int, size: int, wanted: int) -> np.ndarray:
    """`wanted` places of `size` (or all), each once, in a random order that the seed fixes."""
    return np.argsort(rng.words(seed, [number], size, 0, rng.NOISE, 2)[0], kind="stable")[:wanted]
