"""What a board remembers of the frames so far: bounded points, the last bars, the last picture, and axis ranges.

Ranges widen in steps (1, 2, 5, 10, ...) and never shrink, so that a curve does not swim while it grows and the
page need not look for a range in every frame (which costs three times as much as a given one).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from lab.errors import ShapeError

MOST_MARKS = 40
Arrays = list[tuple[int, str, np.ndarray]]  # (trace, key of plotly.js, values)


class Taken(Protocol):
    """What a memory takes: a `widgets.panels.Panel`."""

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
        fresh: whether something changed since the last frame.
    """

    def __init__(self) -> None:
        self.ranges: dict[str, list[float]] = {}
        self.marks: list[list[Any]] = []
        self.fresh = True
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
            self._take(panel.arrays)

    def arrays(self) -> Arrays:
        """Everything that the chart draws now."""
        if self._later is not None:
            later, self._later = self._later, None
            made = later()
            if hasattr(made, "arrays"):
                self.take(made)
            else:
                self._take(made)
        return self._arrays()

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


class LinesMemory(Memory):
    """Points of each trace, at most `most`: beyond it every second one goes, and from then on half as many come."""

    def __init__(
        self, names: Sequence[str], x_range: Sequence[float], y_range: Sequence[float], log: bool, most: int
    ) -> None:
        super().__init__()
        self.names, self._log, self._most = tuple(names), log, most
        self._points = [Points(most) for _ in names]
        self.ranges = {"x": list(x_range), "y": [math.log10(v) for v in y_range] if log else list(y_range)}

    def points(self, trace: int) -> tuple[np.ndarray, np.ndarray]:
        """x and y of a trace."""
        return self._points[trace].arrays()

    def last(self) -> dict[str, float]:
        """The last value of each trace that has one."""
        return {name: points.last[1] for name, points in zip(self.names, self._points, strict=True) if points.last}

    def _take(self, arrays: Any) -> None:
        if len(arrays) != len(self.names) + 1:
            raise ShapeError(
                f"a point of {len(arrays)} numbers does not fit the traces {', '.join(self.names)}. "
                f"Give x and {len(self.names)} values; None where a trace gets no point."
            )
        x = float(arrays[0])
        for points, value in zip(self._points, arrays[1:], strict=True):
            if value is not None:
                value = float(value)
                points.add(x, value if math.isfinite(value) else math.nan)
                self._widen(x, value)

    def _widen(self, x: float, y: float) -> None:
        widen(self.ranges["x"], x)
        if self._log and y > 0:
            widen_log(self.ranges["y"], y)
        elif not self._log:
            widen(self.ranges["y"], y)

    def _arrays(self) -> Arrays:
        made: Arrays = []
        for i, points in enumerate(self._points):
            x, y = points.arrays()
            made += [(i, "x", x), (i, "y", y)]
        return made


class Points:
    """A bounded curve."""

    def __init__(self, most: int) -> None:
        self._most, self._every, self._seen = most, 1, 0
        self._x: list[float] = []
        self._y: list[float] = []
        self.last: tuple[float, float] | None = None

    def add(self, x: float, y: float) -> None:
        if self._seen % self._every == 0:
            self._x.append(x)
            self._y.append(y)
        self._seen += 1
        self.last = (x, y)
        if len(self._x) > self._most:
            self._x, self._y = self._x[::2], self._y[::2]
            self._every *= 2

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y, with the last point even where it is not one of those kept."""
        x, y = self._x, self._y
        if self.last is not None and (not x or x[-1] != self.last[0]):
            x, y = [*x, self.last[0]], [*y, self.last[1]]
        return np.array(x, np.float32), np.array(y, np.float32)


class BarsMemory(Memory):
    """The last heights of each trace."""

    def __init__(self, names: Sequence[str], y_range: Sequence[float], stacked: bool, first: int = 0) -> None:
        super().__init__()
        self.names, self._stacked, self._first = tuple(names), stacked, first
        self._heights = [np.zeros(0, np.float32) for _ in names]
        self.ranges = {"x": [first - 0.5, first + 0.5], "y": list(y_range)}

    def _take(self, arrays: Any) -> None:
        heights = [np.asarray(a, np.float32).reshape(-1) for a in arrays]
        if len(heights) != len(self.names) or len({len(h) for h in heights}) != 1:
            raise ShapeError(
                f"arrays of {[len(h) for h in heights]} bars do not fit the traces {', '.join(self.names)}. "
                "Give one array a trace, all of one length."
            )
        self._heights = heights
        self.ranges["x"] = [self._first - 0.5, self._first + max(len(heights[0]), 1) - 0.5]
        ends = np.sum(heights, axis=0) if self._stacked else np.concatenate(heights)
        for value in ends[np.isfinite(ends)]:
            widen(self.ranges["y"], float(value))

    def _arrays(self) -> Arrays:
        made: Arrays = []
        for i, heights in enumerate(self._heights):
            made += [(i, "x", self._first + np.arange(len(heights), dtype=np.float32)), (i, "y", heights)]
        return made


class HeatmapMemory(Memory):
    """The last matrix; `missing` is the number that stands for NaN."""

    def __init__(self, missing: float | None = None) -> None:
        super().__init__()
        self._z, self._missing = np.zeros((0, 0), np.uint8), missing

    def _take(self, arrays: Any) -> None:
        z = np.asarray(arrays)
        if z.ndim != 2:
            raise ShapeError(f"an array of shape {z.shape} is no picture. Give a matrix.")
        self._z = z.copy()  # the run may write into it again before it is sent
        if self._missing is not None:
            self._z[np.isnan(z)] = self._missing
            self._z[np.isinf(z)] = np.nan
        self.ranges = {"x": [-0.5, z.shape[1] - 0.5], "y": [z.shape[0] - 0.5, -0.5]}

    def _arrays(self) -> Arrays:
        return [(0, "z", self._z)]


def widen(limits: list[float], value: float) -> None:
    """Move an end of [low, high] outwards to the next round number, so that `value` lies inside."""
    if not math.isfinite(value):
        return
    if value > limits[1]:
        limits[1] = round_up(value)
    elif value < limits[0]:
        limits[0] = -round_up(-value) if value < 0 else 0.0


def widen_log(limits: list[float], value: float) -> None:
    """As `widen`, for exponents of 10."""
    if not math.isfinite(value):
        return
    if value > 10 ** limits[1]:
        limits[1] = math.log10(round_up(value))
    elif value < 10 ** limits[0]:
        limits[0] = -math.log10(round_up(1 / value))


def round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 (times a power of 10) that is not below a number above 0."""
    power = 10.0 ** max(math.floor(math.log10(value)), -300)  # smaller ones have no power of 10 of their own
    return next((step * power for step in (1, 1.5, 2, 3, 5, 7) if step * power >= value), 10 * power)
