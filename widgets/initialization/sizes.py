"""What the boards on initialization share: sizes in words, bands with their law, and the names of activations."""

import math
from collections.abc import Sequence

import numpy as np

from lab import palette
from widgets.dashboard import Band, Curves, Panel, Trace

NAMES = {"ReLU": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "linear": "linear"}
LARGEST = 1e36  # that is drawn; the title says what is larger, and smaller than its inverse
OVERFLOW, UNDERFLOW = float(np.finfo(np.float32).max), float(np.finfo(np.float32).smallest_subnormal)
LAW = Trace("law of very wide layers", palette.LAW, "dash")


def deviation(scale: float) -> str:
    """d sigma^2 as a standard deviation."""
    return f"σ = √({scale:g}/d)"


def in_words(size: float) -> str:
    """A size, also one that no number holds any more."""
    return "overflow" if math.isinf(size) else "0" if size == 0 else f"{size:.3g}"


def in_float32(size: float) -> str:
    """What the numbers in which networks are trained make of a size that only float64 can hold; mostly nothing."""
    if math.isinf(size) or size == 0:
        return ""
    return ", overflow in float32" if size > OVERFLOW else ", 0 in float32" if size < UNDERFLOW else ""


def sized(name: str, title: str, color: str, depth: int = 32, law: bool = True) -> Curves:
    """A chart of root mean squares by layer on a logarithmic axis, as a band over networks."""
    band = Band("median of the networks, lowest to highest", color)
    return Curves(
        name, title=title, x="layer", y="root mean square", log=True, x_range=(0, depth), y_range=(0.1, 10),
        traces=(band, LAW) if law else (band,),
    )  # fmt: skip


def banded(band: np.ndarray | None, law: np.ndarray | None, first: int, place: int, nets: int) -> Panel:
    """A band by layer beside its law; the title names the sizes at one place."""
    if band is None:
        layers = np.arange(first, first + len(law)) if law is not None else np.zeros(0)
        return Panel((layers, None, None if law is None else shown(law)), "press Play")
    middle, low, high = band[:, place]
    layers = np.arange(first, first + band.shape[1])
    said = in_words(middle) if in_words(low) == in_words(high) else f"{in_words(low)} to {in_words(high)}"
    return Panel(
        (layers, shown(band), None if law is None else shown(law)),
        f"layer {layers[place]}: {said}{in_float32(middle)} ({nets} network{'s' * (nets > 1)})",
    )


def shown(sizes: np.ndarray | Sequence[float]) -> np.ndarray:
    """Sizes that have a place on a logarithmic axis of float32, in which charts are sent; a gap where there is none."""
    values = np.asarray(sizes, np.float64)
    return np.where((values > 1 / LARGEST) & (values < LARGEST), values, np.nan)
