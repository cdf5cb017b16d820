"""The charts of a board: what is drawn, on which axes, and what is remembered of the frames so far."""

from widgets.charts.bars import Bars
from widgets.charts.chart import Chart, Panel, Trace
from widgets.charts.columns import Columns
from widgets.charts.contour import Contour
from widgets.charts.curves import Band, Curves
from widgets.charts.heatmap import Heatmap
from widgets.charts.histogram import Histogram
from widgets.charts.lines import Lines
from widgets.charts.named_bars import NamedBars
from widgets.charts.words import Diagram, Words

__all__ = (
    "Band", "Bars", "Chart", "Columns", "Contour", "Curves", "Diagram", "Heatmap", "Histogram", "Lines", "NamedBars",
    "Panel", "Trace", "Words",
)  # fmt: skip
