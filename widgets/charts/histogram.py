"""A histogram on a numeric axis, with upright lines: where values lie over many passes, and where their means are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import SettingError, ShapeError
from widgets.charts.chart import Chart, Trace, styled, titled
from widgets.charts.memory import Arrays, Memory, widen

HATCHED = {"shape": "/", "fillmode": "replace", "bgcolor": "rgba(0,0,0,0)", "size": 6, "solidity": 0.5}


@dataclass(frozen=True)
class Histogram(Chart):
    """Columns between edges, as shares of all values, and lines across them.

    A panel's arrays are (edges, heights of trace 1, heights of trace 2, ..., x of line 1, x of line 2, ...): the edges
    (B + 1,), heights (B,) each; a line's x is None where it is not drawn.

    Args:
        traces: the columns; a later one stands hatched before the first. lines: upright lines.
        x_range, y_range: what the axes show at first; they widen in steps where something lies outside.
    """

    traces: Sequence[str | Trace] = ()
    lines: Sequence[str | Trace] = ()
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        names = [each if isinstance(each, str) else each.name for each in (*self.traces, *self.lines)]
        if not self.traces or len(set(names)) < len(names):
            raise SettingError(f"{self.name}: {names} is not allowed. Name at least one trace, each name once.")

    def memory(self) -> "HistogramMemory":
        return HistogramMemory(len(self.traces), len(self.lines), self.x_range, self.y_range)

    def rows(self, arrays: Arrays) -> Iterator[tuple[str, Any, Any]]:
        """(trace, middle of a column, its height); (line, its x, nothing)."""
        yield from super().rows([entry for entry in arrays if entry[0] < len(self.traces)])
        for trace, key, at in arrays:
            if trace >= len(self.traces) and key == "x" and at.size:
                yield self._lines()[trace - len(self.traces)].name, at[0], None

    def _columns(self) -> list[Trace]:
        return styled(self.traces, dashed=False)

    def _lines(self) -> list[Trace]:
        return styled(self.lines, first=len(self.traces))

    def _data(self) -> list[dict[str, Any]]:
        columns: list[dict[str, Any]] = [
            {
                "type": "bar", "name": trace.name, "x": [], "y": [], "width": [],
                "marker": {"color": trace.color, "line": {"width": 0}, **({"pattern": HATCHED} if i else {})},
                "hovertemplate": "%{x:.3g}: %{y:.1%}<extra>" + trace.name + "</extra>",
            }
            for i, trace in enumerate(self._columns())
        ]  # fmt: skip
        lines = [
            {
                "type": "scatter", "mode": "lines", "name": trace.name, "x": [], "y": [],
                "line": {"color": trace.color, "dash": trace.dash, "width": trace.width},
                "hovertemplate": "%{x:.4g}<extra>" + trace.name + "</extra>",
            }
            for trace in self._lines()
        ]  # fmt: skip
        return columns + lines

    def _layout(self) -> dict[str, Any]:
        return {"barmode": "overlay", "bargap": 0, "yaxis": {**titled(self.y), "tickformat": ".0%"}}

    def _legend(self) -> list[dict[str, str]]:
        looks = [(trace, "hatched" if i else "block") for i, trace in enumerate(self._columns())]
        columns = [{"name": trace.name, "color": trace.color, "dash": dash} for trace, dash in looks]
        return columns + [{"name": t.name, "color": t.color, "dash": t.dash or "solid"} for t in self._lines()]


class HistogramMemory(Memory):
    """The last heights and lines."""

    def __init__(self, columns: int, lines: int, x_range: Sequence[float], y_range: Sequence[float]) -> None:
        super().__init__()
        self._columns, self._n_lines = columns, lines
        self._edges = np.zeros(1)
        self._heights = [np.zeros(0) for _ in range(columns)]
        self._at: list[float | None] = [None] * lines
        self.ranges = {"x": list(x_range), "y": list(y_range)}

    def _take(self, arrays: Any) -> None:
        expected = 1 + self._columns + self._n_lines
        if len(arrays) != expected:
            raise ShapeError(f"{len(arrays)} arrays do not fit. Give {expected}: edges, heights, then x of the lines.")
        edges = np.asarray(arrays[0], np.float64)
        heights = [np.asarray(each, np.float64) for each in arrays[1 : 1 + self._columns]]
        if edges.ndim != 1 or any(each.shape != (len(edges) - 1,) for each in heights):
            raise ShapeError(
                f"heights of shapes {[each.shape for each in heights]} do not fit {len(edges)} edges. "
                f"Give {len(edges) - 1} heights a trace: one between two edges."
            )
        self._edges, self._heights = edges, heights
        self._at = [None if x is None else float(x) for x in arrays[1 + self._columns :]]
        filled = np.max(heights, axis=0) > 0 if len(edges) > 1 else np.zeros(0, bool)
        for x in (*edges[:-1][filled], *edges[1:][filled], *(x for x in self._at if x is not None)):
            widen(self.ranges["x"], float(x))
        for height in heights:
            widen(self.ranges["y"], float(height.max(initial=0.0)))

    def _arrays(self) -> Arrays:
        middle, width = (self._edges[1:] + self._edges[:-1]) / 2, np.diff(self._edges)
        made: Arrays = []
        for i, heights in enumerate(self._heights):
            made += [(i, "x", middle), (i, "y", heights), (i, "width", width)]
        for i, x in enumerate(self._at, start=self._columns):
            at = np.array([] if x is None else [x, x], np.float64)
            made += [(i, "x", at), (i, "y", np.array(self.ranges["y"], np.float64)[: len(at)])]
        return made
