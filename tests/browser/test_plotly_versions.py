"""The charts a board declares, drawn by the oldest and by the newest plotly.js: Colab's 2.35, and what is installed."""

import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import widgets
from widgets.dashboard import Band, Bars, Columns, Contour, Curves, Heatmap, Histogram, Lines, Panel, Trace

pytestmark = pytest.mark.browser

OLDEST = "5.24.1"  # of the Python package; it brings plotly.js 2.35
CHARTS = {
    "lines": (Lines("loss", title="Loss", x="round", y="nats", traces=("train", "test")), (3.0, 0.5, 0.7)),
    "points": (
        Lines("acc", title="Error", x="round", y="%", log=True, y_range=(0.1, 9.0), traces=(Trace("a", markers=True),)),
        (3.0, 0.5),
    ),
    "stacked": (Bars("time", title="Time", x="worker", y="ms", traces=("compute", "wait")), ([1.0, 2.0], [0.5, 0.1])),
    "mask": (Heatmap("mask", title="Mask", x="unit", y="sample", levels=2), np.eye(8, dtype=np.uint8)),
    "shades": (Heatmap("weights", title="Weights", x="in", y="out"), np.linspace(0, 1, 64).reshape(8, 8)),
    "curves": (
        Curves(
            "gap",
            title="Gap",
            x="p",
            y="nats",
            traces=(Band("range"), Trace("dots", width=0)),
            log_x=True,
            x_range=(1, 9),
        ),
        ([1.0, 2.0], ([0.5, 0.6], [0.4, 0.5], [0.6, 0.7]), [0.1, 0.2]),
    ),
    "columns": (
        Columns("layers", title="Layers", x="layer", y="numbers", traces=("all", "now")),
        (["conv1", "fc1"], True, [3.0, 40.0], [0.0, 40.0]),
    ),
    "contour": (
        Contour("map", title="Map", x="w1", y="w2", paths=("descent",), spots=("least",), x_range=(-1, 1)),
        (([-1, 0, 1], [0, 1], [[1.0, 2.0, 3.0], [0.1, 10.0, 20.0]]), (0.5, 0.5), (0.1, 0.9)),
    ),
    "histogram": (
        Histogram("z", title="z", x="z", y="share", traces=("all",), lines=("mean",)),
        ([0, 1, 2], [0.3, 0.7], 1),
    ),
}
BOARDS = ("widgets.nn4.mnist", "widgets.dropout", "widgets.least_squares", "widgets.cost")
# What Plotly does not know it ignores without a word: so ask it.
DRAW = """async ([data, layout]) => {
  const chart = document.body.appendChild(document.createElement('div'));
  const wrong = (Plotly.validate(data, layout) ?? []).filter(w => !['unused', 'dynamic', 'invisible'].includes(w.code));
  await Plotly.newPlot(chart, data, layout, {displayModeBar: false});
  return {
    version: Plotly.version,
    wrong: wrong.map(w => w.msg),
    ink: chart.querySelectorAll('.mlayer path[d], .mlayer image').length,
    axes: ['.xtitle', '.ytitle'].map(name => chart.querySelector(name)?.textContent),
  };
}"""


@pytest.fixture(scope="session", params=["oldest", "newest"])
def plotly_page(request, browser, tmp_path_factory):
    """An empty page with one plotly.js; what it says on the console fails the test."""
    from plotly.offline import get_plotlyjs

    source = get_plotlyjs() if request.param == "newest" else _from_wheel(tmp_path_factory.mktemp("plotly"))
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_script_tag(content=source)
    yield page
    page.close()
    assert said == []


def _from_wheel(folder):
    """The plotly.js of the oldest Python package that the lab works with."""
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    fetched = subprocess.run([*fetch, f"plotly=={OLDEST}", "-d", folder], capture_output=True, text=True)
    if fetched.returncode:
        said = f"plotly {OLDEST} cannot be fetched: {fetched.stderr.strip().splitlines()[-1]}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(said)
    (wheel,) = folder.glob("plotly-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        return packed.read("plotly/package_data/plotly.min.js").decode()


@pytest.mark.parametrize("kind", CHARTS)
def test_chart_is_drawn(plotly_page, kind):
    chart, arrays = CHARTS[kind]
    drawn = plotly_page.evaluate(DRAW, _filled(chart, arrays))
    assert drawn["wrong"] == []
    assert drawn["ink"] > 0
    assert drawn["axes"] == [chart.x, chart.y]


@pytest.mark.parametrize("name", sorted(name for name, home in widgets._HOME.items() if home.startswith(BOARDS)))
def test_every_chart_of_a_dashboard_is_valid(plotly_page, name):
    for chart in getattr(widgets, name).panels:
        declared = chart.declare()
        assert plotly_page.evaluate(DRAW, [declared["data"], declared["layout"]])["wrong"] == [], chart.name


def _filled(chart, arrays):
    """Data and layout of plotly.js after two events, as the page puts them together."""
    declared, memory = chart.declare(), chart.memory()
    memory.take(Panel(arrays, "first"))
    if isinstance(chart, Lines):
        memory.take(Panel(tuple(2 * value for value in arrays), "second", (arrays[0], "keep p = 0.5")))
    for trace, key, values in memory.arrays():
        declared["data"][trace][key] = values.tolist()
    for axis, limits in memory.ranges.items():
        declared["layout"][f"{axis}axis"] |= {"range": limits} | memory.axes.get(axis, {})
    return [declared["data"], declared["layout"]]
