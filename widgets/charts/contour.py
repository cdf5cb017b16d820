"""A function of two numbers as a map with level lines, and paths that grow on it: descent on a loss."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.errors import SettingError, ShapeError
from widgets.charts.chart import SYMBOLS, Chart, Trace, styled, titled
from widgets.charts.lines import Points
from widgets.charts.memory import Arrays, Memory

SPOTS = (*SYMBOLS[1:], SYMBOLS[0])  # one after the other: the end of a path is round
SPOT_SIZE, HEAD_SIZE = 11, 8
RIM = {"color": palette.ON, "width": 1}  # of spots and of a path's end
SHADE = 0.5  # of the map: paths and spots stand out on both themes
MOST = 1000  # points kept of a path; above it every second one is dropped


@dataclass(frozen=True)
class Contour(Chart):
    """A map of a function above 0, whose level lines stand at equal factors, with paths and spots on fixed axes.

    A panel's arrays are (ground, point of path 1, ..., place of spot 1, ...). The ground is (x (W,), y (H,), z (H, W)),
    or None for the one of before. A point (x, y) goes on with a path; None lets it wait. A spot is (x, y), or None
    where it is not drawn.

    Args:
        paths, spots: names, or `Trace`s. x_range, y_range: of the axes, which stay.
        low, high: values of the function between which colours change. lines: level lines over a factor of 10.
        shades: colours from low to high. unit: what the function is, for the words at the mouse.
    """

    paths: Sequence[str | Trace] = ()
    spots: Sequence[str | Trace] = ()
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    low: float = 1e-2
    high: float = 1e2
    lines: int = 2
    shades: Sequence[str] = palette.KEPT_SHADES
    unit: str = "value"

    def __post_init__(self) -> None:
        names = [each if isinstance(each, str) else each.name for each in (*self.paths, *self.spots)]
        if len(set(names)) < len(names) or len(self.spots) > len(SPOTS):
            raise SettingError(
                f"{self.name}: {names} is not allowed. Name each path and spot once; {len(SPOTS)} spots at most."
            )
        if not 0 < self.low < self.high or self.lines < 1 or len(self.shades) < 2:
            raise SettingError(
                f"{self.name}: low = {self.low}, high = {self.high}, lines = {self.lines}, shades = {self.shades} is "
                "not allowed. Let 0 < low < high, lines >= 1, and give two shades or more."
            )

    def memory(self) -> "ContourMemory":
        return ContourMemory(len(self.paths), len(self.spots), self.x_range, self.y_range, self.low)

    def rows(self, arrays: Arrays) -> Iterator[tuple[str, Any, Any]]:
        """Points of the paths, and spots; the ground is a picture."""
        drawn = {(trace, key): values for trace, key, values in arrays}
        data = self._data()
        for i in (*range(1, 2 * len(self.paths), 2), *range(1 + 2 * len(self.paths), len(data))):
            yield from ((data[i]["name"], x, y) for x, y in zip(drawn[i, "x"], drawn[i, "y"], strict=True))

    def _data(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = [self._ground()]
        for path in self._paths():
            scatter = {"type": "scatter", "x": [], "y": [], "name": path.name, "hovertemplate": _hover(path.name)}
            line = {"color": path.color, "dash": path.dash, "width": path.width}
            head = {"color": path.color, "size": HEAD_SIZE, "line": RIM}
            made.append({**scatter, "mode": "lines", "line": line, "opacity": path.opacity})
            made.append({**scatter, "mode": "markers", "marker": head, "showlegend": False})
        for spot, symbol in zip(self._spots(), SPOTS, strict=False):
            marker = {"color": spot.color, "size": SPOT_SIZE, "symbol": symbol, "line": RIM}
            made.append(
                {
                    "type": "scatter", "mode": "markers", "x": [], "y": [], "name": spot.name, "marker": marker,
                    "hovertemplate": _hover(spot.name),
                }
            )  # fmt: skip
        return made

    def _ground(self) -> dict[str, Any]:
        low, high, last = math.log10(self.low), math.log10(self.high), len(self.shades) - 1
        return {
            "type": "contour", "name": self.unit, "x": [], "y": [], "z": [], "opacity": SHADE,
            "zmin": low, "zmax": high, "showscale": False,
            "colorscale": [[i / last, color] for i, color in enumerate(self.shades)],
            "contours": {"start": low, "end": high, "size": 1 / self.lines, "coloring": "heatmap"},
            "line": {"color": palette.NEUTRAL, "width": 1},
            "hovertemplate": "%{x:.3g}, %{y:.3g}: 10^%{z:.2f}<extra>" + self.unit + "</extra>",
        }  # fmt: skip

    def _layout(self) -> dict[str, Any]:
        return {name: {**titled(words), "showgrid": False} for name, words in (("xaxis", self.x), ("yaxis", self.y))}

    def _legend(self) -> list[dict[str, str]]:
        made = [{"name": path.name, "color": path.color, "dash": path.dash} for path in self._paths()]
        spots = zip(self._spots(), SPOTS, strict=False)
        return made + [{"name": spot.name, "color": spot.color, "dash": symbol} for spot, symbol in spots]

    def _paths(self) -> list[Trace]:
        return styled(self.paths)

    def _spots(self) -> list[Trace]:
        return styled(self.spots, first=len(self.paths))


def _hover(name: str) -> str:
    return "%{x:.4g}, %{y:.4g}<extra>" + name + "</extra>"


class ContourMemory(Memory):
    """The last ground, the paths so far, and where the spots are."""

    def __init__(self, paths: int, spots: int, x_range: Sequence[float], y_range: Sequence[float], low: float) -> None:
        super().__init__()
        self._low = low
        self._given: Any = None
        self._ground = (np.zeros(0), np.zeros(0), np.zeros((0, 0)))
        self._paths = [Path() for _ in range(paths)]
        self._spots: list[tuple[float, float] | None] = [None] * spots
        self.ranges = {"x": list(x_range), "y": list(y_range)}

    def _take(self, arrays: Any) -> None:
        if len(arrays) != 1 + len(self._paths) + len(self._spots):
            raise ShapeError(
                f"{len(arrays)} arrays do not fit. Give {1 + len(self._paths) + len(self._spots)}: "
                f"the ground, {len(self._paths)} points, {len(self._spots)} spots."
            )
        ground, points, spots = arrays[0], arrays[1 : 1 + len(self._paths)], arrays[1 + len(self._paths) :]
        if ground is not None and ground is not self._given:  # most events give the one of before
            x, y, z = (np.asarray(each, np.float64) for each in ground)
            if z.shape != (len(y), len(x)):
                raise ShapeError(f"a ground of shape {z.shape} does not fit {len(x)} x and {len(y)} y. Give (H, W).")
            # What has no logarithm, or one far below all colours, has the colour of the lowest.
            self._given, self._ground = ground, (x, y, np.log10(np.maximum(z, 1e-3 * self._low)))
        for path, point in zip(self._paths, points, strict=True):
            if point is not None:
                path.add(float(point[0]), float(point[1]))
        self._spots = [None if spot is None else (float(spot[0]), float(spot[1])) for spot in spots]

    def _arrays(self) -> Arrays:
        x, y, z = self._ground
        made: Arrays = [(0, "x", x), (0, "y", y), (0, "z", z)]
        for path in self._paths:
            for values in path.arrays():
                place = (len(made) - 1) // 2
                made += [(place, "x", values[0]), (place, "y", values[1])]
        for spot in self._spots:
            place, at = (len(made) - 1) // 2, np.array([] if spot is None else [spot], np.float32).reshape(-1, 2)
            made += [(place, "x", at[:, 0]), (place, "y", at[:, 1])]
        return made


class Path:
    """A bounded curve in the plane, with its end."""

    def __init__(self) -> None:
        self._x, self._y = Points(MOST), Points(MOST)
        self._points = 0

    def add(self, x: float, y: float) -> None:
        """Go on to a point. Both coordinates are thinned out alike, by the number of the point."""
        self._x.add(self._points, x)
        self._y.add(self._points, y)
        self._points += 1

    def arrays(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """x and y of the line, and of its end."""
        x, y = self._x.arrays()[1], self._y.arrays()[1]
        return (x, y), (x[-1:], y[-1:])
