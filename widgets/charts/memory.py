"""What a board remembers of the frames so far: bounded points, the last bars, the last picture, and axis ranges.

Ranges widen in steps (1, 2, 5, 10, ...) and never shrink, so that a curve does not swim while it grows and the
page need not look for a range in every frame (which costs three times as much as a given one).
"""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

MOST_MARKS = 40
Arrays = list[tuple[int, str, np.ndarray]]  # (trace, key of plotly.js, values)


class Taken(Protocol):
    """What a memory takes: a `widgets.charts.chart.Panel`."""

    @property
    def arrays(self) -> Any: ...
    @property
    def text(self) -> str | dict[str, str] | None: ...
    @property
    def mark(self) -> tuple[float, str] | None: ...


class Memory:
    """Of one chart on one board.

    Attributes:
        ranges: of the axes, {"x": [low, high], "y": ...}, empty before the first numbers. marks: [x, words] pairs.
        axes: what a frame gives an axis anew beside its range, in plotly.js' words: names at its ticks.
        fresh: whether something changed since the last frame. anew: whether the ranges fit every frame anew.
    """

    anew = False

    def __init__(self) -> None:
        self.ranges: dict[str, list[float]] = {}
        self.axes: dict[str, dict[str, Any]] = {}
        self.marks: list[list[Any]] = []
        self.fresh = True
        self._first: dict[str, list[float]] = {}
        self._parts: dict[str, str] = {}
        self._later: Callable[[], Any] | None = None

    @property
    def text(self) -> str:
        """The live number in the title."""
        return " · ".join(f"{name} {value}".strip() for name, value in self._parts.items())

    def take(self, panel: Taken) -> None:
        """Remember what an event means to this chart.

        Raises:
            ShapeError: the arrays are not what the chart draws.
        """
        self.fresh = True
        if isinstance(panel.text, dict):
            self._parts.update(panel.text)
        elif panel.text is not None:
            self._parts = {"": panel.text}
        if panel.mark is not None:
            self._mark(*panel.mark)
        if callable(panel.arrays):
            self._later = panel.arrays
        elif panel.arrays is not None:
            self._later = None
            self._fit(panel.arrays)

    def arrays(self) -> Arrays:
        """Everything that the chart draws now."""
        if self._later is not None:
            later, self._later = self._later, None
            made = later()
            if hasattr(made, "arrays"):
                self.take(made)
            else:
                self._fit(made)
        return self._arrays()

    def _fit(self, arrays: Any) -> None:
        """Take arrays, on ranges that are as at first where they are to fit anew."""
        if self.anew:
            self._first = self._first or {axis: list(ends) for axis, ends in self.ranges.items()}
            self.ranges = {axis: list(ends) for axis, ends in self._first.items()}
        self._take(arrays)

    def _take(self, arrays: Any) -> None:
        raise NotImplementedError

    def _arrays(self) -> Arrays:
        raise NotImplementedError

    def _mark(self, x: float, words: str) -> None:
        """A slider that is dragged makes one mark, not hundreds: the last one is moved on while its name stays."""
        name = words.partition(" = ")[0]
        if self.marks and self.marks[-1][1].partition(" = ")[0] == name and x - self.marks[-1][0] < self._near():
            self.marks[-1][1] = words
        else:
            self.marks.append([x, words])
            del self.marks[:-MOST_MARKS]

    def _near(self) -> float:
        low, high = self.ranges.get("x", [0.0, 1.0])
        return 0.03 * (high - low)


def widen(limits: list[float], value: float) -> None:
    """Move an end of [low, high] outwards to the next round number, so that `value` lies inside."""
    if not math.isfinite(value):
        return
    if value > limits[1]:
        limits[1] = round_up(value)
    elif value < limits[0]:
        limits[0] = -round_up(-value) if value < 0 else 0.0


def widen_log(limits: list[float], value: float) -> None:
    """As `widen`, for exponents of 10; what has no logarithm does not count."""
    if not (math.isfinite(value) and value > 0):
        return
    exponent = math.log10(value)
    if exponent > limits[1]:
        limits[1] = math.log10(round_up(value))
    elif exponent < limits[0]:  # below 1e-300 the reciprocal would be too large
        limits[0] = -math.log10(round_up(1 / value)) if exponent > -300 else math.floor(exponent)


def round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 (times a power of 10) that is not below a number above 0."""
    power = 10.0 ** max(math.floor(math.log10(value)), -300)  # smaller ones have no power of 10 of their own
    return next((step * power for step in (1, 1.5, 2, 3, 5, 7) if step * power >= value), 10 * power)
