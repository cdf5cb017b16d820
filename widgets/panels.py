"""The charts of a board, declared: what is drawn, on which axes, and what a `Panel` of arrays means to each.

A declaration knows how it looks (`declare()`: traces and layout of plotly.js) and makes its memory (`memory()`:
what has been taken from frames so far, in `widgets.memory`). It holds no numbers itself, so a dashboard's class
can share it between all of its boards.

Only attributes valid from plotly.js 2.35 to 4 are used. Colours of text, grid and paper are the page's (board.js).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab import palette
from lab.errors import SettingError
from widgets.memory import Arrays, BarsMemory, HeatmapMemory, LinesMemory, Memory

# Two labels a decade, all of one size: plotly's own ones between the powers of 10 are too small for the last row.
_LOG_TICKS = [float(f"{digit}e{power}") for power in range(-6, 7) for digit in (1, 3)]
# What the charts of a board have in common: sent once for all of them, and merged by `whole_layout` here and by
# board_cards.js on the page.
COMMON: dict[str, Any] = {
    "layout": {
        "margin": {"l": 58, "r": 18, "t": 8, "b": 42},
        "showlegend": False,  # the card has its own, which costs nothing per frame
        "hovermode": "closest",
        "dragmode": False,
    },
    # Labels are not moved about: plotly.js would measure every one of them in every frame.
    "axis": {"zeroline": False, "fixedrange": True, "ticklabeloverflow": "allow"},
    "log": {"tickvals": _LOG_TICKS, "ticktext": [f"{value:g}" for value in _LOG_TICKS]},
}
DASHES = ("solid", "dot", "dash", "longdash", "dashdot")  # lines differ in more than colour


@dataclass(frozen=True)
class Panel:
    """What one event (or one moved control) means to one chart.

    Args:
        arrays: `Lines`: (x, y of trace 1, y of trace 2, ...), one new point; None where a trace gets none.
            `Bars`: (heights of trace 1, heights of trace 2, ...). `Heatmap`: a matrix.
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
    """What all charts have: a name in code, a title, words at the axes, a height, and whether they take a whole row."""

    name: str
    title: str
    x: str = ""
    y: str = ""
    height: int = 195
    wide: bool = False

    def declare(self) -> dict[str, Any]:
        """The chart in plotly.js' words, without numbers."""
        return {
            "name": self.name,
            "title": self.title,
            "height": self.height,
            "wide": self.wide,
            "legend": self._legend(),
            "data": self._data(),
            "layout": {"xaxis": titled(self.x), "yaxis": titled(self.y), **self._layout()},
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

    def _legend(self) -> list[dict[str, str]]:
        return []


@dataclass(frozen=True)
class Lines(Chart):
    """Curves that grow by a point with every event.

    Args:
        traces: names, or `Trace`s. log: a logarithmic y axis.
        x_range, y_range: what the axes show at first; they widen in steps where a point lies outside.
        most: points kept a trace; above it every second one is dropped.
    """

    traces: Sequence[str | Trace] = ()
    log: bool = False
    x_range: tuple[float, float] = (0.0, 100.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    most: int = 1000

    def __post_init__(self) -> None:
        _check_traces(self)
        if self.log and self.y_range[0] <= 0:
            raise SettingError(
                f"{self.name}: y_range = {self.y_range} has no place on a logarithmic axis. Start above 0."
            )

    def memory(self) -> LinesMemory:
        names = tuple(trace.name for trace in styled(self.traces))
        return LinesMemory(names, self.x_range, self.y_range, self.log, self.most)

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

    def _legend(self) -> list[dict[str, str]]:
        return [{"name": trace.name, "color": trace.color, "dash": trace.dash} for trace in styled(self.traces)]


@dataclass(frozen=True)
class Bars(Chart):
    """Columns, one for each entry of the arrays; several traces stand on each other (`stacked`) or side by side.

    Args:
        prefix: what stands before a column's number ("worker "). first: that of the first one. y_range: as for `Lines`.
    """

    traces: Sequence[str | Trace] = ()
    stacked: bool = True
    prefix: str = ""
    first: int = 0
    y_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        _check_traces(self)

    def memory(self) -> BarsMemory:
        return BarsMemory(tuple(trace.name for trace in styled(self.traces)), self.y_range, self.stacked, self.first)

    def _data(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "bar",
                "name": trace.name,
                "x": [],
                "y": [],
                "marker": {"color": trace.color, **({"pattern": {"shape": "/", "size": 6}} if trace.dash else {})},
                "hovertemplate": self.prefix + "%{x}: %{y:.3g}<extra>" + trace.name + "</extra>",
            }
            for trace in styled(self.traces, dashed=False)
        ]

    def _layout(self) -> dict[str, Any]:
        return {
            "barmode": "stack" if self.stacked else "group",
            "bargap": 0.3,
            "xaxis": {**titled(self.x), "tickprefix": self.prefix, "tickformat": "d"},
        }

    def _legend(self) -> list[dict[str, str]]:
        listed = styled(self.traces, dashed=False)
        return [{"name": t.name, "color": t.color, "dash": "hatched" if t.dash else "block"} for t in listed]


@dataclass(frozen=True)
class Heatmap(Chart):
    """A matrix as a picture, its first row on top.

    Args:
        levels: of whole numbers 0 .. levels - 1, each with its colour and its name (`names`); None for numbers
            between `low` and `high`, in shades.
        shades: colours from `low` to `high`. missing: the colour of NaN, as of a pixel that was dropped; with shades,
            `names` are of the darkest one and of this. Nothing is drawn where a number is infinite.
        square: cells are as high as they are wide, without numbers at the axes: a picture.
    """

    levels: int | None = None
    names: Sequence[str] = ()
    colors: Sequence[str] = ()
    low: float = 0.0
    high: float = 1.0
    shades: Sequence[str] = ()
    missing: str = ""
    square: bool = False

    def memory(self) -> HeatmapMemory:
        return HeatmapMemory(self._missing if self.missing else None)

    @property
    def _missing(self) -> float:
        """The number that stands for NaN, below all others."""
        return self.low - (self.high - self.low) / 9

    def _layout(self) -> dict[str, Any]:
        if not self.square:
            return {}
        axis = {"showticklabels": False, "showgrid": False, "showline": False, "ticks": "", "constrain": "domain"}
        return {"xaxis": axis, "yaxis": {**axis, "scaleanchor": "x"}, "margin": {"l": 8, "r": 8, "t": 4, "b": 8}}

    def _shaded(self) -> dict[str, Any]:
        """Colours of numbers, and of what is missing."""
        if not self.shades:
            return {"zmin": self.low, "zmax": self.high, "colorscale": "Viridis", "showscale": True}
        start = 0.1 if self.missing else 0.0
        last = len(self.shades) - 1
        scale = [[start + (1 - start) * i / last, color] for i, color in enumerate(self.shades)]
        if self.missing:
            scale = [[0.0, self.missing], [0.05, self.missing], [0.05, self.shades[0]], *scale]
        return {
            "zmin": self._missing if self.missing else self.low, "zmax": self.high,
            "colorscale": scale, "showscale": False, "hoverongaps": False,
        }  # fmt: skip

    def _level_colors(self) -> tuple[str, ...]:
        assert self.levels is not None
        if self.levels == 2 and not self.colors:
            return (palette.DROPPED, palette.KEPT)
        return tuple((self.colors or palette.CYCLE)[i % len(self.colors or palette.CYCLE)] for i in range(self.levels))

    def _data(self) -> list[dict[str, Any]]:
        trace: dict[str, Any] = {"type": "heatmap", "z": [], "hovertemplate": "%{x}, %{y}: %{z}<extra></extra>"}
        if self.levels is None:
            return [{**trace, **self._shaded()}]
        ends = [i / self.levels for i in range(self.levels + 1)]
        scale = [[end, color] for i, color in enumerate(self._level_colors()) for end in ends[i : i + 2]]
        return [{**trace, "zmin": -0.5, "zmax": self.levels - 0.5, "colorscale": scale, "showscale": False}]

    def _legend(self) -> list[dict[str, str]]:
        colors = self._level_colors() if self.levels is not None else (*self.shades[-2:-1], self.missing)
        pairs = zip(self.names, colors, strict=False)
        return [{"name": name, "color": color, "dash": "block"} for name, color in pairs]


def whole_layout(layout: dict[str, Any]) -> dict[str, Any]:
    """A chart's own layout with what all charts have in common."""
    axes = {}
    for name in ("xaxis", "yaxis"):
        log = COMMON["log"] if layout[name].get("type") == "log" else {}
        axes[name] = {**COMMON["axis"], **log, **layout[name]}
    return {**COMMON["layout"], **layout, **axes}


def titled(words: str) -> dict[str, Any]:
    """The title of an axis, for its layout."""
    return {"title": {"text": words, "standoff": 4}}


def styled(traces: Sequence[str | Trace], dashed: bool = True, first: int = 0) -> list[Trace]:
    """Traces with a look of their own each, where none was given; `first` looks are taken already."""
    made = []
    for i, trace in enumerate(traces, start=first):
        trace = Trace(trace) if isinstance(trace, str) else trace
        color = trace.color or palette.CYCLE[i % len(palette.CYCLE)]
        dash = trace.dash or (DASHES[i % len(DASHES)] if dashed else "")
        made.append(replace(trace, color=color, dash=dash))
    return made


def _check_traces(chart: Lines | Bars) -> None:
    names = [trace if isinstance(trace, str) else trace.name for trace in chart.traces]
    if not names or len(set(names)) < len(names):
        raise SettingError(f"{chart.name}: traces = {names} is not allowed. Name at least one trace, each once.")
