"""Columns with names that every frame gives anew: the layers of a network that somebody types."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import ShapeError
from widgets.charts.chart import COMMON, Chart, Trace, check_traces, styled, titled
from widgets.charts.memory import Arrays, Memory, round_up

MOST_NAMES = 48  # of upright words beside each other on a projector; of more columns, every second one is named
TURNED = 12  # more names than these stand upright


@dataclass(frozen=True)
class Columns(Chart):
    """A column for each name; the traces lie upon each other, so that a later one marks some columns of the first.

    A panel's arrays are (names, log, heights of trace 1, heights of trace 2, ...): a list of N texts, whether the axis
    is logarithmic, and (N,) each; NaN draws nothing. The axes fit every frame anew.
    """

    traces: Sequence[str | Trace] = ()

    def __post_init__(self) -> None:
        check_traces(self.name, self.traces)

    def memory(self) -> "ColumnsMemory":
        return ColumnsMemory(len(self.traces))

    def rows(self, arrays: Arrays) -> Iterator[tuple[str, Any, Any]]:
        """(trace, number of the column from 0, its height), but for columns that are not drawn."""
        return ((trace, x, y) for trace, x, y in super().rows(arrays) if not math.isnan(y))

    def _data(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "bar", "name": trace.name, "x": [], "y": [], "marker": {"color": trace.color},
                "hovertemplate": "%{x}: %{y:,.4~s}<extra>" + trace.name + "</extra>",
            }
            for trace in styled(self.traces, dashed=False)
        ]  # fmt: skip

    def _layout(self) -> dict[str, Any]:
        names = {**titled(self.x), "automargin": True, "showgrid": False}  # they take as much room as they need
        return {"barmode": "overlay", "bargap": 0.25, "xaxis": names, "margin": {"l": 68, "r": 18, "t": 8, "b": 26}}

    def _legend(self) -> list[dict[str, str]]:
        listed = styled(self.traces, dashed=False)
        return [{"name": trace.name, "color": trace.color, "dash": "block"} for trace in listed]


class ColumnsMemory(Memory):
    """The last names and heights."""

    def __init__(self, traces: int) -> None:
        super().__init__()
        self._heights = [np.zeros(0) for _ in range(traces)]

    def _take(self, arrays: Any) -> None:
        names, log, *heights = arrays
        taken = [np.asarray(each, np.float64) for each in heights]
        if len(taken) != len(self._heights) or any(each.shape != (len(names),) for each in taken):
            raise ShapeError(
                f"heights of shapes {[each.shape for each in taken]} do not fit {len(names)} names and "
                f"{len(self._heights)} traces. Give one array a trace, with a height for each name."
            )
        self._heights = taken
        every = 1 + (len(names) - 1) // MOST_NAMES
        places = range(0, len(names), every)
        turned = -90 if len(names) > TURNED else 0
        self.axes["x"] = {"tickvals": list(places), "ticktext": [names[i] for i in places], "tickangle": turned}
        self.axes["y"] = {"type": "log", **COMMON["log"]} if log else {"type": "linear", "tickmode": "auto"}
        self.ranges = {"x": [-0.5, max(len(names), 1) - 0.5], "y": _range(np.concatenate(taken), log)}

    def _arrays(self) -> Arrays:
        made: Arrays = []
        for i, heights in enumerate(self._heights):
            made += [(i, "x", np.arange(len(heights), dtype=np.float32)), (i, "y", heights)]
        return made


def _range(heights: np.ndarray, log: bool) -> list[float]:
    """Ends that all heights fit into; those of a logarithmic axis are exponents, and heights of 0 are not on it."""
    seen = heights[np.isfinite(heights) & (heights > 0)]
    if not seen.size:
        return [0.0, 1.0]
    if not log:
        return [0.0, round_up(float(seen.max()))]
    return [math.floor(math.log10(seen.min())) - 0.5, math.log10(round_up(float(seen.max())))]
