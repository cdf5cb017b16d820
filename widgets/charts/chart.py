"""The charts of a board, declared: what is drawn, on which axes, and what a `Panel` of arrays means to each.

A declaration knows how it looks (`declare()`: traces and layout of plotly.js) and makes its memory (`memory()`:
what has been taken from frames so far, in `widgets.charts.memory`). It holds no numbers itself, so a dashboard's class
can share it between all of its boards.

Only attributes valid from plotly.js 2.35 to 4 are used. Colours of text, grid and paper are the page's (board.js).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab import palette
from lab.errors import SettingError
from widgets.charts.memory import Arrays, Memory

# Two labels a decade, all of one size: plotly's own ones between the powers of 10 are too small for the last row.
_LOG_TICKS = [float(f"{digit}e{power}") for power in range(-6, 7) for digit in (1, 3)]
# What the charts of a board have in common: sent once for all of them, and merged by `whole_layout` here and by
# board_cards.js on the page.
COMMON: dict[str, Any] = {
    "layout": {
        "margin": {"l": 64, "r": 18, "t": 8, "b": 42},
        "showlegend": False,  # the card has its own, which costs nothing per frame
        "hovermode": "closest",
        "dragmode": False,
    },
    # Labels are not moved about: plotly.js would measure every one of them in every frame.
    "axis": {"zeroline": False, "fixedrange": True, "ticklabeloverflow": "allow"},
    "log": {"tickvals": _LOG_TICKS, "ticktext": [f"{value:g}" for value in _LOG_TICKS]},
}
DASHES = ("solid", "dot", "dash", "longdash", "dashdot")  # lines differ in more than colour
SYMBOLS = ("circle", "diamond", "square", "cross")  # and so do points; the legend knows them (board_cards.js)


@dataclass(frozen=True)
class Panel:
    """What one event (or one moved control) means to one chart.

    Args:
        arrays: `Lines`: (x, y of trace 1, y of trace 2, ...), one new point; None where a trace gets none.
            `Bars`: (heights of trace 1, heights of trace 2, ...). `Heatmap`: a matrix. Others: see their own text.
            None leaves the chart as it is. A function without arguments makes the arrays, or a whole `Panel`,
            later, and only for frames that are sent: for what costs time.
        text: the live number in the title. A dict names its parts, and only those given change:
            {"test": "0.31"} after {"train": "0.25"} shows "train 0.25 · test 0.31".
        mark: (x, words), a line across a `Lines` chart where something was changed ("keep p = 0.5").
    """

    arrays: Any = None
    text: str | dict[str, str] | None = None
    mark: tuple[float, str] | None = None


@dataclass(frozen=True)
class Trace:
    """One line or one row of bars: its name in the legend and its look."""

    name: str
    color: str = ""
    dash: str = ""
    width: float = palette.LINE_WIDTH
    opacity: float = 1.0
    markers: bool = False


@dataclass(frozen=True)
class Chart:
    """What all charts have: a name in code, a title, words at the axes, a height, and whether they take a whole row.

    Args:
        x_ticks: where the x axis has labels, if the usual places do not suit: powers of two.
        anew: whether the axes fit every frame anew, where others only widen.
        veiled: whether it stays hidden until the question that holds Play is answered, which it would give away.
    """

    name: str
    title: str
    x: str = ""
    y: str = ""
    x_ticks: Sequence[float] = ()
    height: int = 195
    wide: bool = False
    anew: bool = False
    veiled: bool = False

    def declare(self) -> dict[str, Any]:
        """The chart in plotly.js' words, without numbers."""
        layout = {"xaxis": titled(self.x), "yaxis": titled(self.y), **self._layout()}
        if self.x_ticks:
            layout["xaxis"] = {**layout["xaxis"], **_ticks(self.x_ticks)}
        return {
            "name": self.name,
            "title": self.title,
            "height": self.height,
            "wide": self.wide,
            "veiled": self.veiled,
            "legend": self._legend(),
            "data": self._data(),
            "layout": layout,
        }

    def memory(self) -> Memory:
        """An empty memory for one board."""
        raise NotImplementedError

    def rows(self, arrays: Arrays) -> Iterator[tuple[str, Any, Any]]:
        """What is drawn as rows of a table, (trace, x, value); a picture or a text has none."""
        drawn = {(trace, key): values for trace, key, values in arrays}
        for i, trace in enumerate(self._data()):
            if (i, "x") in drawn and (i, "y") in drawn:
                yield from ((trace["name"], x, y) for x, y in zip(drawn[i, "x"], drawn[i, "y"], strict=True))

    def _data(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _layout(self) -> dict[str, Any]:
        return {}

    def _legend(self) -> list[dict[str, Any]]:
        return []


def whole_layout(layout: dict[str, Any]) -> dict[str, Any]:
    """A chart's own layout with what all charts have in common."""
    axes = {}
    for name in ("xaxis", "yaxis"):
        log = COMMON["log"] if layout[name].get("type") == "log" else {}
        axes[name] = {**COMMON["axis"], **log, **layout[name]}
    return {**COMMON["layout"], **layout, **axes}


def decades(low: float, high: float) -> dict[str, Any]:
    """Ticks of a logarithmic axis over many decades, low and high as exponents of 10: powers of 10 only.

    Two labels a decade would stand on each other. They read 0.01, 1000, 10⁶: as large as all others, where plotly's own
    exponents are too small for the last row. board_cards.js does the same while a board is live.
    """
    step = math.ceil((high - low) / 5)
    exponents = range(math.ceil(low / step) * step, math.floor(high) + 1, step)
    return {"tickmode": "array", "tickvals": [10.0**e for e in exponents], "ticktext": [_power(e) for e in exponents]}


def _ticks(values: Sequence[float]) -> dict[str, Any]:
    return {"tickmode": "array", "tickvals": list(values), "ticktext": [f"{value:g}" for value in values]}


def _power(exponent: int) -> str:
    if abs(exponent) <= 3:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def titled(words: str) -> dict[str, Any]:
    """The title of an axis, for its layout."""
    return {"title": {"text": words, "standoff": 4, "font": {"size": palette.AXIS_SIZE}}}


def styled(traces: Sequence[str | Trace], dashed: bool = True, first: int = 0) -> list[Trace]:
    """Traces with a look of their own each, where none was given; `first` looks are taken already."""
    made = []
    for i, trace in enumerate(traces, start=first):
        trace = Trace(trace) if isinstance(trace, str) else trace
        color = trace.color or palette.part(i + 1)
        dash = trace.dash or (DASHES[i % len(DASHES)] if dashed else "")
        made.append(replace(trace, color=color, dash=dash))
    return made


def check_traces(chart: str, traces: Sequence[str | Trace]) -> None:
    """Each has a name of its own. Raises `SettingError`."""
    names = [trace if isinstance(trace, str) else trace.name for trace in traces]
    if not names or len(set(names)) < len(names):
        raise SettingError(f"{chart}: traces = {names} is not allowed. Name at least one trace, each once.")
