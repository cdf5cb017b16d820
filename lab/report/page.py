"""The report's page: HTML and CSS around the charts, every text of a run escaped.

The page stands alone: plotly.js is inside, nothing is loaded, so it opens from a memory stick.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lab import palette
from lab.events import EpochDone
from lab.report.words import data_set, labels, settings_rows

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def _variables(theme: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in theme.items())


STYLE = f"""
:root {{ color-scheme: light dark; {_variables(palette.LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(palette.DARK)} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 {palette.FONT}; }}
main {{ max-width: 1240px; margin: 0 auto; padding: 20px; }}
h1 {{ font-size: 24px; line-height: 1.25; margin: 0 0 2px; }}
h2 {{ font-size: {palette.TITLE_SIZE}px; margin: 0 0 8px; }}
p {{ margin: 0; }}
.muted {{ color: var(--muted); }}
.notice {{ background: var(--notice); border-left: 5px solid {palette.ORANGE}; border-radius: 6px;
  padding: 10px 14px; margin-top: 14px; overflow-wrap: anywhere; }}
.card {{ background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 16px 18px; min-width: 0; }}
.grid {{ display: grid; gap: 14px; grid-template-columns: repeat(2, minmax(0, 1fr)); margin-top: 14px; }}
.top {{ grid-template-columns: minmax(0, 5fr) minmax(0, 9fr); }}
.wide {{ grid-column: 1 / -1; }}
.big {{ font-size: 60px; font-weight: 700; line-height: 1.1; letter-spacing: -1px; color: var(--accent); }}
.facts {{ display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 6px 18px; margin: 12px 0 0; }}
.facts dt, .settings dt {{ color: var(--muted); font-size: 13px; line-height: 1.35; }}
.facts dd, .settings dd {{ margin: 0; font-variant-numeric: tabular-nums; }}
.settings {{ margin: 0; columns: 2; column-gap: 28px; }}
.settings div {{ break-inside: avoid; padding-bottom: 6px; }}
.settings dd {{ overflow-wrap: anywhere; line-height: 1.35; }}
.chart {{ height: 360px; width: 100%; min-width: 0; }}
.chart-card {{ padding: 10px; }}
table {{ border-collapse: collapse; width: 100%; font-size: 14px; }}
th, td {{ text-align: left; vertical-align: top; padding: 3px 12px 3px 0; overflow-wrap: anywhere; }}
.plain th {{ font-weight: 400; color: var(--muted); width: 11.5em; }}
.scroll {{ overflow-x: auto; }}
.numbers th, .numbers td {{ text-align: right; border-top: 1px solid var(--rule); white-space: nowrap;
  font-variant-numeric: tabular-nums; padding: 4px 10px; }}
.numbers thead th {{ border: 0; font-weight: 600; white-space: normal; vertical-align: bottom; }}
summary {{ cursor: pointer; font-weight: 600; }}
code {{ font-size: 13px; overflow-wrap: anywhere; }}
@media (max-width: 940px) {{
  main {{ padding: 12px; }}
  .grid, .top {{ grid-template-columns: minmax(0, 1fr); }}
  .big {{ font-size: 48px; }}
  .chart {{ height: 400px; }}
}}
@media (max-width: 560px) {{ .settings {{ columns: 1; }} }}
"""

# Some plotly.js ask for a style sheet of maps that are not used here.
NOTHING_FROM_OUTSIDE = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

# Draws every figure of the page, and recolours them when the reader switches the theme.
SCRIPT = """
"use strict";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
function theme() {
  const change = {"font.color": colour("text"), "hoverlabel.bgcolor": colour("card"),
    "hoverlabel.font.color": colour("text"), "hoverlabel.bordercolor": colour("rule")};
  for (const axis of ["xaxis", "yaxis"]) {
    change[axis + ".gridcolor"] = colour("grid");
    change[axis + ".color"] = colour("muted");
    change[axis + ".linecolor"] = colour("rule");
  }
  return change;
}
const config = {responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false};
const charts = [...document.querySelectorAll(".chart")];
async function draw(chart) {
  const figure = JSON.parse(chart.nextElementSibling.textContent);
  await Plotly.newPlot(chart, figure.data, figure.layout, config);
  await Plotly.relayout(chart, theme());
}
Promise.all(charts.map(draw)).then(() => { document.body.dataset.drawn = charts.length; });
dark.addEventListener("change", () => charts.forEach(chart => Plotly.relayout(chart, theme())));
"""


def page(
    description: Mapping[str, Any],
    epochs: Sequence[EpochDone],
    figures: Sequence[tuple["Figure", str, bool]],
    seconds: float,
    host: Mapping[str, Any] | None,
) -> str:
    """The whole HTML page; `figures` holds (figure, what it shows in one sentence, over both columns)."""
    from plotly.offline import get_plotlyjs

    title = f"NN4 on {data_set(description.get('data', 'unnamed data'))}, {labels(description.get('classes'))}"
    charts = "".join(_chart(number, *parts) for number, parts in enumerate(figures))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{NOTHING_FROM_OUTSIDE}">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<header>
<h1>{escape(title)}</h1>
<p class="muted">A four-layer network written from scratch, trained by synchronous mini-batch SGD</p>
{_notice(description.get("note"))}
</header>
<div class="grid top">
<section class="card" aria-label="Result">{_result(epochs, seconds)}</section>
<section class="card"><h2>Settings</h2>{_pairs("settings", settings_rows(description))}</section>
</div>
<div class="grid">
{charts}
<section class="card wide"><details><summary>The numbers of every epoch</summary>{_numbers(epochs)}</details></section>
{_machine(description, host)}
</div>
</main>
<script>{get_plotlyjs()}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _notice(note: Any) -> str:
    return f'<p class="notice" role="note"><strong>Note.</strong> {escape(str(note))}</p>' if note else ""


def _result(epochs: Sequence[EpochDone], seconds: float) -> str:
    """The one number in large type, and what belongs to it."""
    if not epochs:
        return '<h2>Test accuracy</h2><p class="big">&ndash;</p><p>No epoch is finished yet.</p>'
    last = epochs[-1]
    facts = (
        ("test error", f"{100 * (1 - last.test_accuracy):.2f} %"),
        ("test loss", f"{last.test_loss:.4f}"),
        ("training subset, accuracy", f"{100 * last.train_accuracy:.2f} %"),
        ("training subset, loss", f"{last.train_loss:.4f}"),
        ("epochs", f"{last.epoch:,}"),
        ("rounds", f"{last.step:,}"),
        ("seconds in all", f"{seconds:,.1f}"),
        ("training seconds an epoch", f"{sum(e.seconds for e in epochs) / len(epochs):.2f}"),
    )
    return (
        f'<h2>Test accuracy</h2><p class="big">{100 * last.test_accuracy:.2f} %</p>'
        f'<p class="muted">in test mode, after epoch {last.epoch}</p>{_pairs("facts", facts)}'
    )


def _pairs(kind: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Names with their values, small over large."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="{kind}">{items}</dl>'


def _table(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(words)}</td></tr>' for name, words in rows)
    return f'<table class="plain">{body}</table>'


def _chart(number: int, figure: "Figure", sentence: str, wide: bool) -> str:
    """A figure as JSON beside its place; `<` is escaped so that no text can end the script element."""
    data = json.dumps(json.loads(figure.to_json()), separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<section class="card chart-card{" wide" if wide else ""}">'
        f'<div class="chart" id="chart-{number}" role="img" aria-label="{escape(sentence)}"></div>'
        f'<script type="application/json">{data}</script></section>\n'
    )


def _numbers(epochs: Sequence[EpochDone]) -> str:
    names = ("epoch", "round", "loss as optimized", "train loss", "test loss", "test accuracy %", "error %", "seconds")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        f"<tr><td>{e.epoch}</td><td>{e.step:,}</td><td>{e.loss:.4f}</td><td>{e.train_loss:.4f}</td>"
        f"<td>{e.test_loss:.4f}</td><td>{100 * e.test_accuracy:.2f}</td><td>{100 * (1 - e.test_accuracy):.2f}</td>"
        f"<td>{e.seconds:.2f}</td></tr>"
        for e in epochs
    )
    table = f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll">{table}</div>'


def _machine(description: Mapping[str, Any], host: Mapping[str, Any] | None) -> str:
    """Where it ran, and the two hashes by which runs are compared."""
    rows = [(str(name), str(value)) for name, value in (host or {}).items()]
    for key, label in (("fingerprint", "data fingerprint"), ("parameters_sha256", "weights, sha256")):
        if description.get(key):
            rows.append((label, str(description[key])))
    if not rows:
        return ""
    details = f"<details><summary>Machine and fingerprints</summary>{_table(rows)}</details>"
    return f'<section class="card wide">{details}</section>'
