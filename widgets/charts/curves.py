"""Curves that are given anew in every frame, with bands around them: what is known at once, not point by point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.errors import SettingError, ShapeError
from widgets.charts.chart import COMMON, SYMBOLS, Chart, Trace, styled, titled
from widgets.charts.memory import Arrays, Memory, widen, widen_log

DECADES_WIDE = 74  # pixels at the left of a logarithmic y axis, which may come to say 1e−21
SHADE = 0.22  # of a band: what lies behind it can still be read


@dataclass(frozen=True)
class Band(Trace):
    """A curve with a range around it (a standard error, lowest to highest); its array is (3, N): middle, low, high."""


@dataclass(frozen=True)
class Curves(Chart):
    """Whole curves over one x. Arrays of a panel: (x, y of trace 1, y of trace 2, ...), (N,) each; (3, N) of a `Band`.

    None leaves a trace away; NaN leaves a gap. Traces of markers only differ in their shape.

    Args:
        traces: names, `Trace`s (width=0: only its markers) or `Band`s. log_x, log: logarithmic axes.
        x_range, y_range: what the axes show at first; they widen in steps where a point lies outside.
    """

    traces: Sequence[str | Trace] = ()
    log_x: bool = False
    log: bool = False
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        names = [each if isinstance(each, str) else each.name for each in self.traces]
        if not names or len(set(names)) < len(names):
            raise SettingError(f"{self.name}: traces = {names} is not allowed. Name at least one trace, each once.")
        for axis, log, ends in (("x", self.log_x, self.x_range), ("y", self.log, self.y_range)):
            if log and ends[0] <= 0:
                raise SettingError(
                    f"{self.name}: {axis}_range = {ends} has no place on a logarithmic axis. Start above 0."
                )

    def memory(self) -> "CurvesMemory":
        bands = [isinstance(each, Band) for each in self.traces]
        return CurvesMemory(bands, self.x_range, self.y_range, self.log_x, self.log)

    def _data(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for trace, symbol in self._marked():
            if isinstance(trace, Band):
                made += _band(trace)
            made.append(_line(trace, symbol))
        return made

    def _layout(self) -> dict[str, Any]:
        axes = {"xaxis": (self.x, self.log_x), "yaxis": (self.y, self.log)}
        made: dict[str, Any] = {name: {**titled(words), "type": "log"} for name, (words, log) in axes.items() if log}
        if self.log:
            made["yaxis"]["title"]["standoff"] = 10
            made["margin"] = {**COMMON["layout"]["margin"], "l": DECADES_WIDE}
        return made

    def _legend(self) -> list[dict[str, Any]]:
        keys = [(t, "band" if isinstance(t, Band) else t.dash if t.width else symbol) for t, symbol in self._marked()]
        return [{"name": t.name, "color": t.color, "dash": dash, "width": t.width} for t, dash in keys]

    def _marked(self) -> list[tuple[Trace, str]]:
        """Every trace with the shape of its markers: each trace without a line has another one."""
        traces = styled(self.traces)
        dots = [trace.name for trace in traces if not trace.width]
        return [(t, SYMBOLS[dots.index(t.name) % len(SYMBOLS)] if t.name in dots else SYMBOLS[0]) for t in traces]


def _line(trace: Trace, symbol: str) -> dict[str, Any]:
    mode = "markers" if not trace.width else "lines+markers" if trace.markers else "lines"
    return {
        "type": "scatter", "mode": mode, "name": trace.name, "x": [], "y": [], "opacity": trace.opacity,
        "line": {"color": trace.color, "dash": trace.dash, "width": trace.width},
        "marker": {"size": palette.MARKER_SIZE, "color": trace.color, "symbol": symbol},
        "hovertemplate": "%{x:.4g}: %{y:.4g}<extra>" + trace.name + "</extra>",
    }  # fmt: skip


def _band(trace: Trace) -> list[dict[str, Any]]:
    """The lower edge, and the upper one with what lies between them; both without a line."""
    edge = {"type": "scatter", "mode": "lines", "x": [], "y": [], "line": {"width": 0}, "hoverinfo": "skip"}
    fill = {"fill": "tonexty", "fillcolor": palette.faint(trace.color, SHADE)}
    return [{**edge, "name": f"{trace.name}: low"}, {**edge, **fill, "name": f"{trace.name}: high"}]


class CurvesMemory(Memory):
    """The last curves."""

    def __init__(
        self, bands: Sequence[bool], x_range: Sequence[float], y_range: Sequence[float], log_x: bool, log: bool
    ) -> None:
        super().__init__()
        self._bands, self._logs = tuple(bands), {"x": log_x, "y": log}
        self._x = np.zeros(0)
        self._y: list[np.ndarray] = [np.zeros((3 if band else 1, 0)) for band in bands]
        ends = {"x": x_range, "y": y_range}
        self.ranges = {name: list(np.log10(ends[name])) if self._logs[name] else list(ends[name]) for name in ends}

    def _take(self, arrays: Any) -> None:
        if len(arrays) != len(self._bands) + 1:
            raise ShapeError(f"{len(arrays)} arrays do not fit. Give {len(self._bands) + 1}: x, then one a trace.")
        x = np.asarray(arrays[0], np.float64)
        taken = []
        for band, values in zip(self._bands, arrays[1:], strict=True):
            rows = 3 if band else 1
            y = np.zeros((rows, 0)) if values is None else np.atleast_2d(np.asarray(values, np.float64))
            if y.shape != (rows, len(x)) and values is not None:
                wanted = f"(3, {len(x)}): middle, low, high" if band else f"({len(x)},)"
                raise ShapeError(f"a trace of shape {np.shape(values)} does not fit. Give {wanted}.")
            taken.append(y)
        self._x, self._y = x, taken
        self._widen("x", x)
        for y in taken:
            self._widen("y", y)

    def _widen(self, axis: str, values: np.ndarray) -> None:
        finite = values[np.isfinite(values)]
        if self._logs[axis]:
            finite = finite[finite > 0]
        for value in (finite.min(), finite.max()) if finite.size else ():
            (widen_log if self._logs[axis] else widen)(self.ranges[axis], float(value))

    def _arrays(self) -> Arrays:
        made: Arrays = []
        for y in self._y:
            rows = (y[1], y[2], y[0]) if len(y) == 3 else (y[0],)  # as `_data` stands: low, high, middle
            for row in rows:
                place = len(made) // 2
                made += [(place, "x", self._x[: len(row)]), (place, "y", row)]
        return made
