"""The charts of a board, declared: what is drawn, on which axes, and what a `Panel` of arrays means to each.

A declaration knows how it looks (`declare()`: traces and layout of plotly.js) and makes its memory (`memory()`:
what has been taken from frames so far, in `widgets.memory`). It holds no numbers itself, so a dashboard's class
can share it between all of its boards.

Only attributes valid from plotly.js 2.35 to 4 are used. Colours of text, grid and paper are the page's (board.js).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab import palette
from lab.errors import SettingError
from widgets.memory import BarsMemory, HeatmapMemory, LinesMemory, Memory

MARGIN = {"l": 58, "r": 18, "t": 8, "b": 42}
# Labels are not moved about: plotly.js would measure every one of them in every frame.
_AXIS = {"zeroline": False, "fixedrange": True, "ticklabeloverflow": "allow"}
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
            "layout": {
                "margin": MARGIN,
                "showlegend": False,  # the card has its own, which costs nothing per frame
                "hovermode": "closest",
                "dragmode": False,
                "xaxis": {"title": {"text": self.x, "standoff": 4}, **_AXIS},
                "yaxis": {"title": {"text": self.y, "standoff": 4}, **_AXIS},
                **self._layout(),
            },
        }

    def memory(self) -> Memory:
        """An empty memory for one board."""
        raise NotImplementedError

    def _data(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _layout(self) -> dict[str, Any]:
        return {}

    def _legend(self) -> list[dict[str, str]]:
        return []


# Two labels a decade, all of one size: plotly's own ones between the powers of 10 are too small for the last row.
LOG_TICKS = [digit * 10.0**power for power in range(-9, 10) for digit in (1, 3)]


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
        names = tuple(trace.name for trace in _traces(self))
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
            for trace in _traces(self)
        ]

    def _layout(self) -> dict[str, Any]:
        if not self.log:
            return {}
        common = {"title": {"text": self.y, "standoff": 4}, **_AXIS}
        return {"yaxis": {**common, "type": "log", "tickvals": LOG_TICKS, "ticktext": [f"{v:g}" for v in LOG_TICKS]}}

    def _legend(self) -> list[dict[str, str]]:
        return [{"name": trace.name, "color": trace.color, "dash": trace.dash} for trace in _traces(self)]


@dataclass(frozen=True)
class Bars(Chart):
    """Columns, one for each entry of the arrays; several traces stand on each other (`stacked`) or side by side.

    Args:
        prefix: what stands before a column's number ("worker "). y_range: as for `Lines`.
    """

    traces: Sequence[str | Trace] = ()
    stacked: bool = True
    prefix: str = ""
    y_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        _check_traces(self)

    def memory(self) -> BarsMemory:
        return BarsMemory(tuple(trace.name for trace in _traces(self)), self.y_range, self.stacked)

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
            for trace in _traces(self, dashed=False)
        ]

    def _layout(self) -> dict[str, Any]:
        axis = {"title": {"text": self.x, "standoff": 4}, **_AXIS}
        return {
            "barmode": "stack" if self.stacked else "group",
            "bargap": 0.3,
            "xaxis": {**axis, "tickprefix": self.prefix, "tickformat": "d"},
        }

    def _legend(self) -> list[dict[str, str]]:
        listed = _traces(self, dashed=False)
        return [{"name": t.name, "color": t.color, "dash": "hatched" if t.dash else "block"} for t in listed]


@dataclass(frozen=True)
class Heatmap(Chart):
    """A matrix as a picture, its first row on top.

    Args:
        levels: of whole numbers 0 .. levels - 1, each with its colour and its name (`names`); None for numbers
            between `low` and `high`, in shades.
    """

    levels: int | None = None
    names: Sequence[str] = ()
    colors: Sequence[str] = ()
    low: float = 0.0
    high: float = 1.0

    def memory(self) -> HeatmapMemory:
        return HeatmapMemory()

    def _level_colors(self) -> tuple[str, ...]:
        assert self.levels is not None
        if self.levels == 2 and not self.colors:
            return (palette.DROPPED, palette.KEPT)
        return tuple((self.colors or palette.CYCLE)[i % len(self.colors or palette.CYCLE)] for i in range(self.levels))

    def _data(self) -> list[dict[str, Any]]:
        trace: dict[str, Any] = {"type": "heatmap", "z": [], "hovertemplate": "%{x}, %{y}: %{z}<extra></extra>"}
        if self.levels is None:
            return [{**trace, "zmin": self.low, "zmax": self.high, "colorscale": "Viridis", "showscale": True}]
        ends = [i / self.levels for i in range(self.levels + 1)]
        scale = [[end, color] for i, color in enumerate(self._level_colors()) for end in ends[i : i + 2]]
        return [{**trace, "zmin": -0.5, "zmax": self.levels - 0.5, "colorscale": scale, "showscale": False}]

    def _legend(self) -> list[dict[str, str]]:
        if self.levels is None:
            return []
        pairs = zip(self.names, self._level_colors(), strict=False)
        return [{"name": name, "color": color, "dash": "block"} for name, color in pairs]


def _traces(chart: Lines | Bars, dashed: bool = True) -> list[Trace]:
    """The traces with a look of their own each, where none was given."""
    made = []
    for i, trace in enumerate(chart.traces):
        trace = Trace(trace) if isinstance(trace, str) else trace
        color = trace.color or palette.CYCLE[i % len(palette.CYCLE)]
        dash = trace.dash or (DASHES[i % len(DASHES)] if dashed else "")
        made.append(replace(trace, color=color, dash=dash))
    return made


def _check_traces(chart: Lines | Bars) -> None:
    names = [trace if isinstance(trace, str) else trace.name for trace in chart.traces]
    if not names or len(set(names)) < len(names):
        raise SettingError(f"{chart.name}: traces = {names} is not allowed. Name at least one trace, each once.")
