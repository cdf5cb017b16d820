"""Lying bars with names: things that are measured side by side, with their quartiles, and a line to compare with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.errors import SettingError, ShapeError
from widgets.charts.chart import Chart, Trace, styled, titled
from widgets.charts.memory import Arrays, Memory, widen

MARGIN = {"l": 130, "r": 40, "t": 8, "b": 42}
BELOW = 0.25  # of a bar's place: the mark of the quartiles lies beside the number at the end of its bar, not on it


@dataclass(frozen=True)
class NamedBars(Chart):
    """A bar for each label, from top to bottom; several traces stand one after the other on it.

    A panel's arrays are (lengths of trace 1, lengths of trace 2, ..., lower ends, upper ends, x of line 1, ...): (N,)
    each, NaN where nothing is known yet; the two ends only with `spread`; a line's x is None where it is not drawn.

    Args:
        labels: of the bars. traces: what they consist of. lines: upright lines.
        colors: of the bars of a single trace, one for each label, where another chart gives each a colour of its own.
        spread: a mark from a lower to an upper end on every bar. digits: of the number at the end of a bar (one trace).
        x_range: what the axis shows at first; it widens in steps.
    """

    labels: Sequence[str] = ()
    traces: Sequence[str | Trace] = ()
    lines: Sequence[str | Trace] = ()
    colors: Sequence[str] = ()
    spread: bool = False
    digits: str = ".3~g"
    x_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        names = [each if isinstance(each, str) else each.name for each in (*self.traces, *self.lines)]
        if not self.labels or not self.traces or len(set(names)) < len(names):
            raise SettingError(f"{self.name}: {names} is not allowed. Name labels and at least one trace, each once.")
        if self.colors and (len(self.colors) != len(self.labels) or len(self.traces) > 1):
            raise SettingError(
                f"{self.name}: {len(self.colors)} colors are not allowed for {len(self.labels)} labels and "
                f"{len(self.traces)} traces. Give none, or one for each label of a single trace."
            )

    def memory(self) -> "NamedBarsMemory":
        return NamedBarsMemory(len(self.labels), len(self.traces), len(self.lines), self.spread, self.x_range)

    def rows(self, arrays: Arrays) -> Iterator[tuple[str, Any, Any]]:
        """(trace, label of a bar, its length); (lower or upper quartile, label, end); (line, its x, nothing)."""
        drawn = {trace: x for trace, key, x in arrays if key == "x"}
        for i, trace in enumerate(self._bars()):
            yield from ((trace.name, label, length) for label, length in zip(self.labels, drawn[i], strict=False))
        if self.spread:
            ends = drawn[len(self.traces)].reshape(-1, 3)[:, :2].T
            for name, column in zip(("lower quartile", "upper quartile"), ends, strict=True):
                yield from ((name, label, end) for label, end in zip(self.labels, column, strict=False))
        for i, line in enumerate(self._lines(), start=len(self.traces) + self.spread):
            if drawn[i].size:
                yield line.name, drawn[i][0], None

    def _bars(self) -> list[Trace]:
        return styled(self.traces, dashed=False)

    def _lines(self) -> list[Trace]:
        return styled(self.lines, first=len(self.traces))

    def _data(self) -> list[dict[str, Any]]:
        numbers = {"texttemplate": f"%{{x:{self.digits}}}", "textposition": "outside", "cliponaxis": False}
        bars: list[dict[str, Any]] = [
            {
                "type": "bar", "orientation": "h", "name": trace.name, "x": [], "y": [],
                "marker": {
                    "color": list(self.colors) or trace.color,
                    **({"pattern": {"shape": "/", "size": 6}} if trace.dash else {}),
                },
                "hovertemplate": "%{x:.4g}<extra>" + trace.name + "</extra>",
                **(numbers if len(self.traces) == 1 else {}),
            }
            for trace in self._bars()
        ]  # fmt: skip
        line = {"type": "scatter", "mode": "lines", "x": [], "y": []}
        marks = [{**line, "name": "quartiles", "line": {"color": palette.NEUTRAL, "width": 3}, "hoverinfo": "skip"}]
        lines = [
            {
                **line, "name": each.name, "hovertemplate": "%{x:.4g}<extra>" + each.name + "</extra>",
                "line": {"color": each.color, "dash": each.dash, "width": each.width},
            }
            for each in self._lines()
        ]  # fmt: skip
        return bars + (marks if self.spread else []) + lines

    def _layout(self) -> dict[str, Any]:
        places = {"tickvals": list(range(len(self.labels))), "ticktext": list(self.labels), "showgrid": False}
        return {"barmode": "stack", "bargap": 0.35, "margin": MARGIN, "yaxis": {**titled(self.y), **places}}

    def _legend(self) -> list[dict[str, str]]:
        made = [{"name": t.name, "color": t.color, "dash": "hatched" if t.dash else "block"} for t in self._bars()]
        made += [{"name": "quartiles", "color": palette.NEUTRAL, "dash": "solid"}] if self.spread else []
        return made + [{"name": t.name, "color": t.color, "dash": t.dash or "solid"} for t in self._lines()]


class NamedBarsMemory(Memory):
    """The last lengths, ends and lines."""

    def __init__(self, bars: int, traces: int, lines: int, spread: bool, x_range: Sequence[float]) -> None:
        super().__init__()
        self._bars, self._traces, self._n_lines, self._spread = bars, traces, lines, spread
        self._lengths = [np.zeros(0, np.float32) for _ in range(traces)]
        self._ends = [np.zeros(0, np.float32) for _ in range(2 if spread else 0)]
        self._at: list[float | None] = [None] * lines
        self.ranges = {"x": list(x_range), "y": [bars - 0.5, -0.5]}

    def _take(self, arrays: Any) -> None:
        first = self._traces + len(self._ends)
        if len(arrays) != first + self._n_lines:
            raise ShapeError(f"{len(arrays)} arrays do not fit. Give {first + self._n_lines}: lengths, ends, lines.")
        taken = [np.asarray(each, np.float32) for each in arrays[:first]]
        if any(each.shape != (self._bars,) for each in taken):
            raise ShapeError(
                f"arrays of shapes {[e.shape for e in taken]} do not fit {self._bars} bars. Give one each."
            )
        self._lengths, self._ends = taken[: self._traces], taken[self._traces :]
        self._at = [None if x is None else float(x) for x in arrays[first:]]
        whole = np.nansum(self._lengths, axis=0)
        for value in (*whole, *self._ends[-1:], *(x for x in self._at if x is not None)):
            for each in np.atleast_1d(value):
                widen(self.ranges["x"], float(each))

    def _arrays(self) -> Arrays:
        made: Arrays = []
        for i, lengths in enumerate(self._lengths):
            made += [(i, "x", lengths), (i, "y", np.arange(len(lengths), dtype=np.float32))]
        if self._spread:
            low, high = self._ends
            gap, place = np.full(len(low), np.nan, np.float32), np.arange(len(low), dtype=np.float32)
            made.append((self._traces, "x", np.stack((low, high, gap), axis=1).reshape(-1)))
            made.append((self._traces, "y", np.repeat(place + BELOW, 3)))
        for i, x in enumerate(self._at, start=self._traces + self._spread):
            at = np.array([] if x is None else [x, x], np.float32)
            made += [(i, "x", at), (i, "y", np.array([self._bars - 0.5, -0.5], np.float32)[: len(at)])]
        return made
