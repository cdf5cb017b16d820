"""A matrix as a picture: of levels with a colour each, or of numbers in shades."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.errors import ShapeError
from widgets.charts.chart import Chart
from widgets.charts.memory import Arrays, Memory


@dataclass(frozen=True)
class Heatmap(Chart):
    """A matrix as a picture, its first row on top.

    Args:
        levels: of whole numbers 0 .. levels - 1, each with its colour and its name (`names`); None for numbers
            between `low` and `high`, in shades.
        shades: colours from `low` to `high`. missing: the colour of NaN, as of a pixel that was dropped; with shades,
            `names` are of the darkest one and of this. Nothing is drawn where a number is infinite,
            and no axes where all are.
        middle: the number whose colour is the middle one; the ends are then as far off as the entry farthest from it
            (instead of `low` and `high`), found by the page, to which the numbers go as they are.
        square: cells are as high as they are wide, without numbers at the axes: a picture.
    """

    levels: int | None = None
    names: Sequence[str] = ()
    colors: Sequence[str] = ()
    low: float = 0.0
    high: float = 1.0
    shades: Sequence[str] = ()
    missing: str = ""
    middle: float | None = None
    square: bool = False

    def memory(self) -> Memory:
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
        if self.middle is not None:
            return {"zauto": True, "zmid": self.middle, "colorscale": scale, "showscale": False, "hoverongaps": False}
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
        number = "%{z:.3g}" if self.levels is None else "%{z}"
        trace: dict[str, Any] = {
            "type": "heatmap",
            "z": [],
            "hovertemplate": f"%{{x}}, %{{y}}: {number}<extra></extra>",
        }
        if self.levels is None:
            return [{**trace, **self._shaded()}]
        ends = [i / self.levels for i in range(self.levels + 1)]
        scale = [[end, color] for i, color in enumerate(self._level_colors()) for end in ends[i : i + 2]]
        return [{**trace, "zmin": -0.5, "zmax": self.levels - 0.5, "colorscale": scale, "showscale": False}]

    def _legend(self) -> list[dict[str, str]]:
        colors = self._level_colors() if self.levels is not None else (*self.shades[-2:-1], self.missing)
        pairs = zip(self.names, colors, strict=False)
        return [{"name": name, "color": color, "dash": "block"} for name, color in pairs]


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
        empty = bool(np.isinf(z).all())
        if empty or self.axes:  # else they are there as declared
            self.axes = {axis: {"visible": not empty} for axis in ("x", "y")}
        self.ranges = {"x": [-0.5, z.shape[1] - 0.5], "y": [z.shape[0] - 0.5, -0.5]}

    def _arrays(self) -> Arrays:
        return [(0, "z", self._z)]
