"""The ratios as charts: one line for each workload, a mark for each peer with its quartiles, and the goals.

Only attributes valid from plotly.js 2.35 to 4 are used. Peers differ in colour and in the shape of their mark.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lab import palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Row = Mapping[str, Any]
STYLES = {  # colour and mark of a peer
    "torch": (palette.part(6), "circle"),
    "torch.compile": (palette.part(2), "diamond"),
    "torch DDP": (palette.part(6), "circle-open"),
    "jax": (palette.part(3), "square"),
    "numpy": (palette.part(1), "triangle-up"),
    "P = 1": (palette.part(4), "pentagon"),
}
APART = 0.19  # between the marks of one line, in lines
LINE_HEIGHT, HEAD_HEIGHT, FOOT_HEIGHT = 44, 72, 52  # pixels
SECOND_ROW = 26  # of a legend that has no room for all names beside each other
FIRST = "One training step, 1 thread, float32"  # the chart over both columns
TICKS = (0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500)


def ratio_figures(rows: Sequence[Row]) -> list[tuple["Figure", str, bool]]:
    """Charts of all rows that are ratios, as (figure, what it shows in one sentence, over both columns)."""
    ratios = [row for row in rows if row["unit"] is None and row["peer"]]
    groups: dict[str, list[Row]] = {}
    for row in ratios:
        groups.setdefault(_title(row), []).append(row)
    return [
        (ratio_figure(title, group, wide), f"Dot chart: {title}; how many times slower each peer is, with goals.", wide)
        for title, group in groups.items()
        for wide in (title == FIRST,)
    ]


def _title(row: Row) -> str:
    """The chart on which a row stands."""
    if row["workload"] != "NN4 step":
        return "Epoch, synchronous SGD, masks, start"
    return f"One training step, {row['threads']} thread{'s' if row['threads'] > 1 else ''}, {row['dtype']}"


def ratio_figure(title: str, rows: Sequence[Row], wide: bool = True) -> "Figure":
    """How many times slower each peer is, on a logarithmic axis; a goal is a bar across its peer's line."""
    import plotly.graph_objects as go

    lines = list(dict.fromkeys(map(label, rows)))
    figure = _figure(title, lines, rows, HEAD_HEIGHT + (0 if wide else SECOND_ROW))
    for peer in sorted({row["peer"] for row in rows}, key=[*STYLES].index):
        colour, symbol = STYLES[peer]
        own = [row for row in rows if row["peer"] == peer]
        y = [_place(row, rows, lines) for row in own]
        error = {
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["ratio"] for row in own],
            "arrayminus": [row["ratio"] - row["low"] for row in own],
            "color": colour,
            "thickness": 1.5,
            "width": 3,
        }
        figure.add_trace(
            go.Scatter(
                x=[row["ratio"] for row in own],
                y=y,
                name=peer,
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 10, "line": {"width": 1.5, "color": colour}},
                error_x=error,
                customdata=[[label(row), row["low"], row["high"]] for row in own],
                hovertemplate="%{customdata[0]}: %{x:.2f} times slower "
                "(%{customdata[1]:.2f} to %{customdata[2]:.2f})<extra>" + peer + "</extra>",
            )
        )
    for key, name, dash in (("goal", "goal", "solid"), ("stretch", "stretch", "dot")):
        _add_goals(figure, key, name, dash, rows, lines)
    return figure


def label(row: Row) -> str:
    """A line of the chart: `mnist10, B = 64`."""
    batch = f"{row['size']}, B = {row['batch']:,}" if row["batch"] else row["size"]
    if row["workload"] == "NN4 step":
        return batch
    return row["workload"] if row["workload"] == "dropout masks" else f"{row['workload']}<br>{batch}"


def _place(row: Row, rows: Sequence[Row], lines: Sequence[str]) -> float:
    """Where a mark stands: its line, counted downwards, and beside it the peers of the same line."""
    peers = sorted((other["peer"] for other in rows if label(other) == label(row)), key=[*STYLES].index)
    return lines.index(label(row)) + APART * (peers.index(row["peer"]) - (len(peers) - 1) / 2)


def _add_goals(figure: "Figure", key: str, name: str, dash: str, rows: Sequence[Row], lines: Sequence[str]) -> None:
    """Short upright lines in the peers' colours; the legend shows one in grey."""
    import plotly.graph_objects as go

    aimed = [row for row in rows if row[key] is not None]
    for row in aimed:
        y = _place(row, rows, lines)
        colour = STYLES[row["peer"]][0]
        figure.add_trace(
            go.Scatter(
                x=[row[key]] * 2,
                y=[y - 0.42 * APART * 2, y + 0.42 * APART * 2],
                mode="lines",
                line={"color": colour, "width": 3 if dash == "solid" else 2, "dash": dash},
                hovertemplate=f"{name} for {row['peer']}: {row[key]:g}<extra></extra>",
                legendgroup=name,
                showlegend=False,
            )
        )
    if aimed:
        line = {"color": palette.LAW, "width": 3, "dash": dash}
        figure.add_trace(
            go.Scatter(x=[None], y=[None], mode="lines", name=name, line=line, legendgroup=name, hoverinfo="skip")
        )


def _figure(title: str, lines: Sequence[str], rows: Sequence[Row], head: int) -> "Figure":
    import plotly.graph_objects as go

    drawn = [row[key] for row in rows for key in ("low", "high", "goal", "stretch") if row[key]] + [1.0]
    low, high = math.log10(0.85 * min(drawn)), math.log10(1.15 * max(drawn))
    axis = {"automargin": True, "zeroline": False, "gridcolor": "rgba(128,136,147,0.25)"}
    size = {"size": palette.AXIS_SIZE}
    return go.Figure(
        layout={
            "template": go.layout.Template(),
            "title": {
                "text": f"<b>{title}</b>",
                "font": {"size": palette.TITLE_SIZE},
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
                "pad": {"t": 10, "l": 10},
            },
            "font": {"family": palette.FONT, "size": palette.TEXT_SIZE, "color": palette.NEUTRAL},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "height": head + FOOT_HEIGHT + LINE_HEIGHT * len(lines),
            "margin": {"l": 64, "r": 16, "t": head, "b": FOOT_HEIGHT},
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"},
            "hovermode": "closest",
            "xaxis": {
                **axis,
                "type": "log",
                "range": [low, high],
                "tickvals": list(TICKS),
                "ticktext": [f"{tick:g}x" for tick in TICKS],
                "title": {"text": "slower than the lab by", "font": size, "standoff": 8},
            },
            "yaxis": {
                **axis,
                "range": [len(lines) - 0.5, -0.5],
                "tickvals": list(range(len(lines))),
                "ticktext": list(lines),
                "showgrid": False,
            },
            "shapes": [
                {
                    "type": "line", "xref": "x", "yref": "paper", "x0": 1, "x1": 1, "y0": 0, "y1": 1,
                    "line": {"color": palette.NEUTRAL, "width": 1.5}, "layer": "below",
                }
            ],
        }
    )  # fmt: skip
