"""What leaves a dashboard: its charts as figures and as one page of HTML, its history as CSV."""

import csv
import html
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lab import palette
from widgets.board import library
from widgets.board.frames import as_sent
from widgets.charts import Chart
from widgets.charts.chart import decades, whole_layout
from widgets.charts.memory import Memory
from widgets.charts.words import Diagram, Words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def figure(chart: Chart, memory: Memory) -> "Figure":
    """A chart as it is now, as a plain figure with title and legend, readable on light and dark pages."""
    import plotly.graph_objects as go

    says = f"<br><span style='font-size:{palette.AXIS_SIZE}px'>{memory.text}</span>" if memory.text else ""
    title = {"text": f"{chart.title}{says}", "x": 0.02, "y": 1, "yanchor": "top", "pad": {"t": 28}}
    font = {"family": palette.FONT, "size": palette.AXIS_SIZE, "color": palette.NEUTRAL}
    if isinstance(chart, Words | Diagram):
        return chart.figure(memory).update_layout(title=title, font=font)  # type: ignore[arg-type]
    declared = chart.declare()
    data = [dict(trace) for trace in declared["data"]]
    for trace, key, array in memory.arrays():
        data[trace][key] = as_sent(array)
    made = go.Figure(data=data, layout=whole_layout(declared["layout"]), skip_invalid=False)
    made.layout.template = None
    grid = palette.faint(palette.NEUTRAL, 0.3)
    axis = {"gridcolor": grid, "linecolor": palette.NEUTRAL, "tickcolor": palette.NEUTRAL}
    made.update_layout({f"{name}axis": given for name, given in memory.axes.items()})
    made.update_xaxes(range=memory.ranges.get("x"), **axis)
    made.update_yaxes(range=memory.ranges.get("y"), **axis)
    for name, (low, high) in memory.ranges.items():
        if made.layout[f"{name}axis"].type == "log" and high - low > 4:  # as on the page
            made.update_layout({f"{name}axis": decades(low, high)})
    made.update_layout(
        title=title, font=font,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", height=380, showlegend=len(data) > 1,
        margin={"t": 76, "l": 64, "r": 16, "b": 48},
        legend={"orientation": "h", "traceorder": "normal", "x": 0, "y": -0.2, "yanchor": "top"},  # a title may be long
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
    """All points of all curves, and all bars as they are now, one a line: chart, trace, x, value.

    Where something was changed stands under the trace "changed", with the words. Pictures and texts are left away.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("chart", "trace", "x", "value"))
    for chart in charts:
        memory = memories[chart.name]
        rows = chart.rows(memory.arrays())
        writer.writerows((chart.name, trace, _plain(x), _plain(value)) for trace, x, value in rows)
        writer.writerows((chart.name, "changed", _plain(x), words) for x, words in memory.marks)
    return lines.getvalue()


def plural(word: str) -> str:
    """Several of them: rounds, passes, batches."""
    return f"{word}es" if word.endswith(("s", "ch")) else f"{word}s"


def _plain(value: Any) -> str:
    """A number in as many digits as are drawn; the label of a bar as it is."""
    return "" if value is None else value if isinstance(value, str) else f"{float(value):.7g}"


_CONFIG = {"displayModeBar": False, "responsive": True}
# A chart is drawn before those after it are there, and with them the columns of the page.
_FIT = "<script>for (const chart of document.querySelectorAll('.js-plotly-plot')) Plotly.Plots.resize(chart)</script>"
_PAGE = (
    "body{margin:0 auto;max-width:1200px;padding:16px;color-scheme:light dark;font-family:" + palette.FONT + "}"
    "main{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr))}"
    "section{border:1px solid " + palette.faint(palette.NEUTRAL, 0.3) + ";border-radius:8px;min-width:0}"
    "h1{font-size:20px}"
)
