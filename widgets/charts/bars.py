"""Columns, one for each entry of an array."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import SettingError, ShapeError
from widgets.charts.chart import Chart, Trace, check_traces, styled, titled
from widgets.charts.memory import Arrays, Memory, widen, widen_log


@dataclass(frozen=True)
class Bars(Chart):
    """Columns, one for each entry of the arrays; several traces stand on each other (`stacked`) or side by side.

    Args:
        prefix: what stands before a column's number ("worker "). first: that of the first one. y_range: as for `Lines`.
        log: a logarithmic y axis, for columns side by side: what is 0 or below has none.
    """

    traces: Sequence[str | Trace] = ()
    stacked: bool = True
    prefix: str = ""
    first: int = 0
    y_range: tuple[float, float] = (0.0, 1.0)
    log: bool = False

    def __post_init__(self) -> None:
        check_traces(self.name, self.traces)
        if self.log and (self.stacked or self.y_range[0] <= 0):
            raise SettingError(
                f"{self.name}: stacked = {self.stacked}, y_range = {self.y_range} has no place on a logarithmic axis. "
                "Let the columns stand side by side, and start above 0."
            )

    def memory(self) -> Memory:
        names = tuple(trace.name for trace in styled(self.traces))
        return BarsMemory(names, self.y_range, self.stacked, self.first, self.log, bool(self.prefix))

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
            **({"yaxis": {**titled(self.y), "type": "log"}} if self.log else {}),
        }

    def _legend(self) -> list[dict[str, str]]:
        listed = styled(self.traces, dashed=False)
        return [{"name": t.name, "color": t.color, "dash": "hatched" if t.dash else "block"} for t in listed]


FEW = 12  # columns that each have their number below them, where no words stand before it


class BarsMemory(Memory):
    """The last heights of each trace."""

    def __init__(
        self,
        names: Sequence[str],
        y_range: Sequence[float],
        stacked: bool,
        first: int = 0,
        log: bool = False,
        worded: bool = False,
    ) -> None:
        super().__init__()
        self.names, self._stacked, self._start, self._log = tuple(names), stacked, first, log
        self._worded = worded
        self._heights = [np.zeros(0, np.float32) for _ in names]
        self.ranges = {"x": [first - 0.5, first + 0.5], "y": list(np.log10(y_range)) if log else list(y_range)}

    def _take(self, arrays: Any) -> None:
        heights = [np.asarray(a, np.float32).reshape(-1) for a in arrays]
        if len(heights) != len(self.names) or len({len(h) for h in heights}) != 1:
            raise ShapeError(
                f"arrays of {[len(h) for h in heights]} bars do not fit the traces {', '.join(self.names)}. "
                "Give one array a trace, all of one length."
            )
        self._heights = heights
        count = max(len(heights[0]), 1)
        self.ranges["x"] = [self._start - 0.5, self._start + count - 0.5]
        if not self._worded:
            all_of_them = {"tickmode": "linear", "tick0": self._start, "dtick": 1}
            self.axes["x"] = all_of_them if count <= FEW else {"tickmode": "auto"}
        ends = np.sum(heights, axis=0) if self._stacked else np.concatenate(heights)
        for value in ends[np.isfinite(ends) & ((ends > 0) | (not self._log))]:
            (widen_log if self._log else widen)(self.ranges["y"], float(value))

    def _arrays(self) -> Arrays:
        made: Arrays = []
        for i, heights in enumerate(self._heights):
            made += [(i, "x", self._start + np.arange(len(heights), dtype=np.float32)), (i, "y", heights)]
        return made
