"""Curves that grow by a point with every event; what is kept of them is bounded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.errors import SettingError, ShapeError
from widgets.charts.chart import Chart, Trace, check_traces, styled, titled
from widgets.charts.memory import Arrays, Memory, widen, widen_log


@dataclass(frozen=True)
class Lines(Chart):
    """Curves that grow by a point with every event.

    Args:
        traces: names, or `Trace`s. log: a logarithmic y axis.
        x_range, y_range: what the axes show at first; they widen in steps where a point lies outside.
        lowest: with log, where the axis ends below however small a value is (a loss that falls to 0).
        most: points kept a trace; above it every second one is dropped.
    """

    traces: Sequence[str | Trace] = ()
    log: bool = False
    x_range: tuple[float, float] = (0.0, 100.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    lowest: float = 0.0
    most: int = 1000

    def __post_init__(self) -> None:
        check_traces(self.name, self.traces)
        if self.log and self.y_range[0] <= 0:
            raise SettingError(
                f"{self.name}: y_range = {self.y_range} has no place on a logarithmic axis. Start above 0."
            )

    def memory(self) -> Memory:
        names = tuple(trace.name for trace in styled(self.traces))
        return LinesMemory(names, self.x_range, self.y_range, self.log, self.most, self.lowest)

    def _data(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "scatter",
                "mode": "lines+markers" if trace.markers else "lines",
                "name": trace.name,
                "x": [],
                "y": [],
                "line": {"color": trace.color, "dash": trace.dash, "width": trace.width},
                "marker": {"size": palette.MARKER_SIZE, "color": trace.color},
                "opacity": trace.opacity,
                "hovertemplate": "%{x}: %{y:.4g}<extra>" + trace.name + "</extra>",
            }
            for trace in styled(self.traces)
        ]

    def _layout(self) -> dict[str, Any]:
        return {"yaxis": {**titled(self.y), "type": "log"}} if self.log else {}

    def _legend(self) -> list[dict[str, Any]]:
        return [{"name": t.name, "color": t.color, "dash": t.dash, "width": t.width} for t in styled(self.traces)]


class LinesMemory(Memory):
    """Points of each trace, at most `most`: beyond it every second one goes, and from then on half as many come."""

    def __init__(
        self, names: Sequence[str], x_range: Sequence[float], y_range: Sequence[float], log: bool, most: int,
        lowest: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.names, self._log, self._lowest = tuple(names), log, lowest
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
            widen_log(self.ranges["y"], max(y, self._lowest))
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
