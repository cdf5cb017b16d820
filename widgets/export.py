"""What leaves a dashboard: its charts as figures and as one page of HTML, its history as CSV."""

import csv
import html
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lab import palette
from widgets import library
from widgets.frames import as_sent
from widgets.memory import LinesMemory, Memory
from widgets.panels import Chart, whole_layout

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def figure(chart: Chart, memory: Memory) -> "Figure":
    """A chart as it is now, as a plain figure with title and legend, readable on light and dark pages."""
    import plotly.graph_objects as go

    declared = chart.declare()
    data = [dict(trace) for trace in declared["data"]]
    for trace, key, array in memory.arrays():
        data[trace][key] = as_sent(array)
    made = go.Figure(data=data, layout=whole_layout(declared["layout"]), skip_invalid=False)
    made.layout.template = None
    grid = "rgba(128, 136, 147, 0.3)"
    axis = {"gridcolor": grid, "linecolor": palette.NEUTRAL, "tickcolor": palette.NEUTRAL}
    made.update_xaxes(range=memory.ranges.get("x"), **axis)
    made.update_yaxes(range=memory.ranges.get("y"), **axis)
    made.update_layout(
        title={"text": f"{chart.title}: {memory.text}" if memory.text else chart.title, "x": 0.02},
        font={"family": palette.FONT, "size": palette.AXIS_SIZE, "color": palette.NEUTRAL},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", height=380, showlegend=len(data) > 1,
        margin={"t": 56, "l": 64, "r": 16, "b": 48},
        legend={"orientation": "h", "traceorder": "normal", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    for x, words in memory.marks:
        made.add_vline(x=x, line={"color": palette.CHANGED, "dash": "dash", "width": 1})
        made.add_annotation(
            x=x, y=1, yref="paper", text="▼", hovertext=words, showarrow=False, font={"color": palette.CHANGED}
        )
    return made


def page(title: str, says: str, charts: Iterable[Chart], memories: Mapping[str, Memory]) -> str:
    """One self-contained page of all charts as they are now: it needs neither a kernel nor a network."""
    drawn = [figure(chart, memories[chart.name]) for chart in charts]
    parts = [each.to_html(full_html=False, include_plotlyjs=False, config=_CONFIG) for each in drawn]
    script = library.plotly_source().decode("utf-8").replace("</script", "<\\/script")
    head = f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
    return (
        f"{head}<meta name='viewport' content='width=device-width'><style>{_PAGE}</style>"
        f"<script>{script}</script></head><body><h1>{html.escape(title)}</h1><p>{html.escape(says)}</p>"
        f"<main>{''.join(f'<section>{part}</section>' for part in parts)}</main>{_FIT}</body></html>"
    )


def history_csv(charts: Iterable[Chart], memories: Mapping[str, Memory]) -> str:
    """All points of all curves, one a line: chart, trace, x, value; and where something was changed, with the words."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("chart", "trace", "x", "value"))
    for chart in charts:
        memory = memories[chart.name]
        if isinstance(memory, LinesMemory):
            for i, name in enumerate(memory.names):
                x, y = memory.points(i)
                writer.writerows((chart.name, name, _plain(a), _plain(b)) for a, b in zip(x, y, strict=True))
            writer.writerows((chart.name, "changed", _plain(x), words) for x, words in memory.marks)
    return lines.getvalue()


def plural(word: str) -> str:
    """Several of them: rounds, passes."""
    return f"{word}es" if word.endswith("s") else f"{word}s"


def _plain(value: Any) -> str:
    return f"{float(value):.7g}"


_CONFIG = {"displayModeBar": False, "responsive": True}
# A chart is drawn before those after it are there, and with them the columns of the page.
_FIT = "<script>for (const chart of document.querySelectorAll('.js-plotly-plot')) Plotly.Plots.resize(chart)</script>"
_PAGE = (
    "body{margin:0 auto;max-width:1200px;padding:16px;color-scheme:light dark;font-family:" + palette.FONT + "}"
    "main{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr))}"
    "section{border:1px solid #80889355;border-radius:8px;min-width:0}h1{font-size:20px}"
)
