"""A page of the lab that stands alone: its looks and its charts. Nothing is loaded: it opens from a memory stick.

Reports of runs and of the bench are such pages. plotly.js is inside; texts are escaped by those who write them in.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from lab import palette

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
.notice {{ background: var(--notice); border-left: 5px solid {palette.WAITING}; border-radius: 6px;
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


def document(title: str, header: str, top: str, grid: str, style: str = "") -> str:
    """The whole HTML page.

    Args:
        title: of the window, as text; everything else is HTML. header: above all cards. top: two cards beside each
            other, the first one narrow. grid: the cards below. style: what this page adds to `STYLE`.
    """
    from plotly.offline import get_plotlyjs

    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{NOTHING_FROM_OUTSIDE}">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{STYLE}{style}</style>
</head>
<body>
<main>
<header>
{header}
</header>
<div class="grid top">
{top}
</div>
<div class="grid">
{grid}
</div>
</main>
<script>{get_plotlyjs()}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def charts(figures: Iterable[tuple["Figure", str, bool]]) -> str:
    """Cards with charts: each (figure, what it shows in one sentence, over both columns)."""
    return "".join(_chart(number, *parts) for number, parts in enumerate(figures))


def _chart(number: int, figure: "Figure", sentence: str, wide: bool) -> str:
    """A figure as JSON beside its place, as tall as it says; `<` is escaped: no text can end the script element."""
    data = json.dumps(json.loads(figure.to_json()), separators=(",", ":")).replace("<", "\\u003c")
    height = f' style="height: {figure.layout.height}px"' if figure.layout.height else ""
    return (
        f'<section class="card chart-card{" wide" if wide else ""}">'
        f'<div class="chart" id="chart-{number}" role="img" aria-label="{escape(sentence)}"{height}></div>'
        f'<script type="application/json">{data}</script></section>\n'
    )
