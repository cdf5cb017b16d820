"""The language that all pages speak: a dashboard is declared with the names below; see dashboard.py.

from widgets.dashboard import Curves, Dashboard, Experiment, Panel, Question, Trace, slider
"""

from widgets.charts import (
    Band,
    Bars,
    Columns,
    Contour,
    Curves,
    Diagram,
    Heatmap,
    Histogram,
    Lines,
    NamedBars,
    Panel,
    Trace,
    Words,
)  # fmt: skip
from widgets.controls.controls import choice, defaults_of, keep_slider, slider, switch, text
from widgets.dashboard.dashboard import Dashboard
from widgets.grammar.page import Experiment, More
from widgets.grammar.questions import Question
from widgets.session.session import Now

__all__ = (
    "Band", "Bars", "Columns", "Contour", "Curves", "Dashboard", "Diagram", "Experiment", "Heatmap", "Histogram",
    "Lines", "More", "NamedBars", "Now", "Panel", "Question", "Trace", "Words", "choice", "defaults_of",
    "keep_slider", "slider", "switch", "text",
)  # fmt: skip
