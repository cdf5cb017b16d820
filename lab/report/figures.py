"""The charts of a run: small functions from a history to a `plotly.graph_objects.Figure`.

Axis ranges are set, not found: a line that is switched off in the legend does not move the others.
Only attributes valid from plotly.js 2.35 to 4 are used, and no template, so a figure looks the same
with every plotly. Text is neutral grey; a page that knows its theme recolours it.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from lab import palette
from lab.events import Changed, EpochDone

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LOSS_AXIS = "cross-entropy (nats per sample)"
FLOOR = 0.01  # an error of 0 % has no place on a logarithmic axis: it is drawn here


class History(Protocol):
    """What a run remembers of itself (`run.history`)."""

    epochs: list[EpochDone]
    changes: list[Changed]
    rounds: list[tuple[int, float]]


def loss_figure(history: History) -> "Figure":
    """Loss per epoch: as optimized, in test mode on the training subset, and on the test set."""
    epochs = history.epochs
    lines = (
        ("training set, as optimized", palette.TRAIN_OPTIMIZED, "dot", "circle-open", [e.loss for e in epochs]),
        ("training subset, test mode", palette.TRAIN, "solid", "circle", [e.train_loss for e in epochs]),
        ("test set", palette.TEST, "solid", "square", [e.test_loss for e in epochs]),
    )
    figure = _epoch_figure("Loss per epoch", LOSS_AXIS, epochs, lines, ".4f", "")
    return _y_range(figure, 0.0, 1.05 * _top(y for line in lines for y in line[-1]))


def accuracy_figure(history: History) -> "Figure":
    """Accuracy per epoch, in test mode, on the test set and on the training subset."""
    lines = _accuracy_lines(history.epochs, lambda accuracy: 100 * accuracy)
    figure = _epoch_figure("Accuracy per epoch", "accuracy (%)", history.epochs, lines, ".2f", " %")
    lowest = min((y for line in lines for y in line[-1] if math.isfinite(y)), default=0.0)
    bottom = max(0.0, 100 - 1.15 * (100 - lowest))
    return _y_range(figure, bottom, 100 + 0.03 * (100 - bottom))


def error_figure(history: History) -> "Figure":
    """Error per epoch on a logarithmic axis: the last tenths of a percent are as tall as the first tens."""
    lines = _accuracy_lines(history.epochs, lambda accuracy: max(100 * (1 - accuracy), FLOOR))
    figure = _epoch_figure("Error per epoch, logarithmic", "error (%)", history.epochs, lines, ".2f", " %")
    _log_range(figure, [y for line in lines for y in line[-1]])
    return figure


def rounds_figure(history: History) -> "Figure":
    """Loss of the rounds as optimized, its moving mean, and where settings were changed; logarithmic."""
    import plotly.graph_objects as go

    steps, losses = [step for step, _ in history.rounds], [loss for _, loss in history.rounds]
    figure = _figure("Loss of every round, logarithmic", "round", LOSS_AXIS)
    low, high = _log_range(figure, losses)
    thin = len(losses) > 60
    width, mode = palette.THIN_WIDTH if thin else palette.LINE_WIDTH, "lines" if len(losses) > 1 else "markers"
    line = {"color": palette.TRAIN_OPTIMIZED, "width": width}
    figure.add_trace(
        go.Scatter(
            x=steps, y=losses, name="one round, as optimized", mode=mode, line=line, opacity=0.5 if thin else 1.0
        )
    )
    if thin:
        window = max(5, len(losses) // 40)
        means, line = _moving_mean(losses, window), {"color": palette.TRAIN_OPTIMIZED, "width": palette.LINE_WIDTH}
        span = max(window, round(window * (steps[-1] - steps[0]) / (len(steps) - 1)))
        figure.add_trace(go.Scatter(x=steps, y=means, name=f"mean over {span:,} rounds", mode="lines", line=line))
    if not steps:
        _say(figure, "no round is finished yet")
    last = max([*steps, *(change.step for change in history.changes), 1])
    _mark_changes(figure, history.changes, low, high, last)
    figure.update_xaxes(range=[-0.01 * last, 1.01 * last])
    figure.update_layout(hovermode="closest")
    return figure


def workers_figure(history: History) -> "Figure":
    """Where the time of an epoch goes: gradient work and waiting, stacked, one column a worker."""
    import plotly.graph_objects as go

    epochs = history.epochs
    figure = _figure("Gradient time of every worker", "epoch", "time in the epoch (s)")
    workers = max((len(e.compute) for e in epochs), default=0)
    width = 0.8 / max(workers, 1)
    for worker in range(workers):
        here = [e for e in epochs if worker < len(e.compute)]
        x = [e.epoch - 0.4 + (worker + 0.5) * width for e in here]
        work = {"color": palette.worker(worker)}
        wait = {"color": palette.WAIT, "pattern": {"shape": "/", "fillmode": "overlay", "solidity": 0.2}}
        common = {
            "x": x,
            "width": 0.92 * width,
            "customdata": [[e.epoch, worker] for e in here],
            "hovertemplate": "epoch %{customdata[0]}, worker %{customdata[1]}: %{y:.3f} s<extra></extra>",
        }
        figure.add_trace(
            go.Bar(y=[e.compute[worker] for e in here], name=f"worker {worker}: gradients", marker=work, **common)
        )
        figure.add_trace(
            go.Bar(
                y=[e.wait[worker] for e in here],
                name="waiting for the slowest worker",
                marker=wait,
                legendgroup="wait",
                showlegend=worker == 0,
                legendrank=2000,
                **common,
            )
        )
    _epoch_axis(figure, epochs)
    figure.update_layout(barmode="stack", hovermode="closest")
    total = max((sum(pair) for e in epochs for pair in zip(e.compute, e.wait, strict=True)), default=0.0)
    return _y_range(figure, 0.0, 1.05 * total or 1.0)


def _accuracy_lines(epochs: Sequence[EpochDone], y: Any) -> tuple[tuple[Any, ...], ...]:
    return (
        ("training subset", palette.TRAIN, "dash", "circle", [y(e.train_accuracy) for e in epochs]),
        ("test set", palette.TEST, "solid", "square", [y(e.test_accuracy) for e in epochs]),
    )


def _epoch_figure(
    title: str, axis: str, epochs: Sequence[EpochDone], lines: Iterable[tuple[Any, ...]], digits: str, unit: str
) -> "Figure":
    """Lines over epochs; each is (name, colour, dash, marker, values)."""
    import plotly.graph_objects as go

    figure = _figure(title, "epoch", axis)
    for name, color, dash, symbol, values in lines:
        figure.add_trace(
            go.Scatter(
                x=[e.epoch for e in epochs],
                y=values,
                name=name,
                mode="lines+markers",
                line={"color": color, "dash": dash, "width": palette.LINE_WIDTH},
                marker={"symbol": symbol, "size": palette.MARKER_SIZE, "color": color},
                hovertemplate=f"%{{y:{digits}}}{unit}",
            )
        )
    _epoch_axis(figure, epochs)
    return figure


def _figure(title: str, x: str, y: str) -> "Figure":
    import plotly.graph_objects as go

    axis = {"automargin": True, "zeroline": False, "showgrid": True, "gridcolor": "rgba(128,136,147,0.25)"}
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
            "xaxis": {**axis, "title": {"text": x, "font": {"size": palette.AXIS_SIZE}, "standoff": 8}},
            "yaxis": {**axis, "title": {"text": y, "font": {"size": palette.AXIS_SIZE}}},
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.24, "yanchor": "top"},
            "showlegend": True,
            "hovermode": "x unified",
            "margin": {"l": 64, "r": 16, "t": 48, "b": 80},
        }
    )


def _epoch_axis(figure: "Figure", epochs: Sequence[EpochDone]) -> None:
    """Whole epochs only, at most about a dozen of them labelled."""
    first, last = (epochs[0].epoch, epochs[-1].epoch) if epochs else (1, 1)
    steps = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if (last - first) / step <= 12)
    figure.update_xaxes(range=[first - 0.5, last + 0.5], tick0=0, dtick=steps)
    if not epochs:
        _say(figure, "no epoch is finished yet")


def _say(figure: "Figure", text: str) -> None:
    figure.add_annotation(text=text, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)


def _mark_changes(figure: "Figure", changes: Sequence[Changed], low: float, high: float, last: int) -> None:
    """One dashed line for every change, its new values beside its head (if there are many, only on hovering)."""
    import plotly.graph_objects as go

    if not changes:
        return
    head = 10 ** (high - 0.04 * (high - low))
    x, y, texts = [], [], []
    for change in changes:
        words = ", ".join(f"{name} = {value}" for name, value in change.changes.items())
        left = change.step < 0.7 * last
        x += [change.step, change.step, None]
        y += [head, 10**low, None]
        texts += [words, words, None]
        if len(changes) <= 6:
            figure.add_annotation(
                text=words, x=change.step, y=math.log10(head), showarrow=False, xshift=7 if left else -7,
                xanchor="left" if left else "right", yanchor="middle",
            )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=x,
            y=y,
            hovertext=texts,
            name="settings changed",
            mode="lines+markers",
            line={"color": palette.CHANGED, "dash": "dash", "width": 1.5},
            marker={"symbol": "triangle-down", "size": [9, 0, 0] * len(changes), "color": palette.CHANGED},
            cliponaxis=False,
            hovertemplate="from round %{x}: %{hovertext}<extra></extra>",
        )
    )


def _moving_mean(values: Sequence[float], window: int) -> list[float]:
    """Mean of about `window` values around each one (fewer at the ends)."""
    sums = [0.0, *accumulate(values)]
    half = window // 2
    ends = ((max(i - half, 0), min(i + half + 1, len(values))) for i in range(len(values)))
    return [(sums[high] - sums[low]) / (high - low) for low, high in ends]


def _log_range(figure: "Figure", values: Sequence[float]) -> tuple[float, float]:
    """Make the y axis logarithmic around the values; returns the exponents of its ends."""
    drawn = [value for value in values if math.isfinite(value) and value > 0] or [0.1, 1.0]
    low, high = math.log10(min(drawn)), math.log10(max(drawn))
    low, high = low - 0.05 - 0.05 * (high - low), high + 0.05 + 0.05 * (high - low)
    in_a_decade = (1, 1.5, 2, 3, 4, 5, 7) if high - low < 1 else (1, 2, 5) if high - low < 3 else (1,)
    decades = range(math.floor(low), math.ceil(high) + 1)
    ticks = [tick * 10.0**decade for decade in decades for tick in in_a_decade]
    figure.update_yaxes(type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    _y_range(figure, low, high)
    return low, high


def _top(values: Iterable[float]) -> float:
    return max((value for value in values if math.isfinite(value)), default=1.0) or 1.0


def _y_range(figure: "Figure", low: float, high: float) -> "Figure":
    figure.update_yaxes(range=[low, high])
    return figure
