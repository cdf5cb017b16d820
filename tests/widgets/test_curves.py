"""Curves given anew in every frame, bands around them, histograms, and pictures with holes: what is drawn of them."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from lab import palette
from lab.errors import SettingError, ShapeError
from widgets.board.export import figure, history_csv
from widgets.charts.chart import decades, whole_layout
from widgets.dashboard import Band, Bars, Curves, Diagram, Heatmap, Histogram, Lines, NamedBars, Panel, Trace, Words

CURVES = Curves("c", title="C", traces=(Band("range", palette.TEST), "line", Trace("dots", width=0)), y_range=(0, 1))


def taken(chart, *arrays):
    memory = chart.memory()
    memory.take(Panel(arrays))
    return memory, {(trace, key): array for trace, key, array in memory.arrays()}


def test_a_band_is_drawn_as_two_edges_with_a_fill_and_its_middle():
    data = CURVES.declare()["data"]
    assert [trace["name"] for trace in data] == ["range: low", "range: high", "range", "line", "dots"]
    assert data[1]["fill"] == "tonexty" and data[1]["fillcolor"].startswith("rgba(213,94,0,")
    assert [trace["mode"] for trace in data] == ["lines", "lines", "lines", "lines", "markers"]
    _, arrays = taken(CURVES, [1, 2], ([5, 6], [4, 5], [7, 8]), [0, 1], [2, 2])
    assert [arrays[i, "y"].tolist() for i in range(5)] == [[4, 5], [7, 8], [5, 6], [0, 1], [2, 2]]
    assert all(arrays[i, "x"].tolist() == [1, 2] for i in range(5))
    assert [key["dash"] for key in CURVES.declare()["legend"]] == ["band", "dot", "circle"]


def test_a_logarithmic_y_axis_has_room_for_its_long_labels():
    wide, plain = (whole_layout(Curves("c", title="C", log=log, y_range=(0.1, 1), traces=("a",)).declare()["layout"])
                   for log in (True, False))  # fmt: skip
    assert wide["margin"]["l"] > plain["margin"]["l"] and wide["margin"]["t"] == plain["margin"]["t"]
    assert wide["yaxis"]["type"] == "log" and "type" not in plain["yaxis"]


def test_curves_are_given_anew_and_left_away():
    memory, _ = taken(CURVES, [1, 2], ([5, 6], [4, 5], [7, 8]), [0, 1], [2, 2])
    memory.take(Panel(([3.0], None, [0.5], None)))
    arrays = {(trace, key): array.tolist() for trace, key, array in memory.arrays()}
    assert [arrays[i, "y"] for i in range(5)] == [[], [], [], [0.5], []] and arrays[0, "x"] == []


def test_axes_widen_in_steps_and_never_shrink():
    memory, _ = taken(CURVES, [0, 4.2], ([1, 1.2], [0.5, -0.3], [1.4, 6.5]), [0, np.nan], [np.inf, 0])
    assert memory.ranges == {"x": [0, 5], "y": pytest.approx([-0.3, 7])}
    memory.take(Panel(([0], ([0.1], [0.1], [0.1]), [0], [0])))
    assert memory.ranges == {"x": [0, 5], "y": pytest.approx([-0.3, 7])}


def test_logarithmic_axes_take_exponents_and_leave_out_what_has_none():
    chart = Curves("c", title="C", traces=("a",), log_x=True, log=True, x_range=(1, 10), y_range=(0.1, 1))
    memory, _ = taken(chart, [1, 64], [0.0, 5])
    assert memory.ranges == {"x": [0, math.log10(70)], "y": [-1, math.log10(5)]}
    layout = chart.declare()["layout"]
    assert layout["xaxis"]["type"] == layout["yaxis"]["type"] == "log"


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        (([1],), "1 arrays do not fit. Give 4"),
        (([1, 2], [1, 2], [1, 2], [1, 2]), r"Give \(3, 2\): middle, low, high"),
        (([1, 2], None, [1], None), r"a trace of shape \(1,\) does not fit. Give \(2,\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, says):
    with pytest.raises(ShapeError, match=says):
        taken(CURVES, *arrays)


def test_charts_that_cannot_be_are_refused():
    with pytest.raises(SettingError, match="Name at least one trace"):
        Curves("c", title="C")
    with pytest.raises(SettingError, match="Name at least one trace"):
        Curves("c", title="C", traces=("a", Trace("a")))
    with pytest.raises(SettingError, match=r"x_range = \(0, 1\) has no place on a logarithmic axis"):
        Curves("c", title="C", traces=("a",), log_x=True, x_range=(0, 1))
    with pytest.raises(SettingError, match="Name at least one trace"):
        Histogram("h", title="H", traces=("a",), lines=("a",))


# ---- histograms

HISTOGRAM = Histogram("h", title="H", traces=("all",), lines=("mean", "expected"), x_range=(0, 1), y_range=(0, 0.2))


def test_columns_stand_between_their_edges_and_lines_across_the_chart():
    memory, arrays = taken(HISTOGRAM, [0, 1, 3], [0.25, 0.75], 1.5, None)
    assert arrays[0, "x"].tolist() == [0.5, 2] and arrays[0, "width"].tolist() == [1, 2]
    assert arrays[0, "y"].tolist() == [0.25, 0.75]
    assert arrays[1, "x"].tolist() == [1.5, 1.5] and arrays[1, "y"].tolist() == memory.ranges["y"] == [0, 1]
    assert arrays[2, "x"].size == arrays[2, "y"].size == 0
    assert memory.ranges["x"] == [0, 3]


def test_empty_columns_widen_no_axis():
    memory, _ = taken(HISTOGRAM, [-9, 0, 1, 50], [0, 1, 0], None, 0.5)
    assert memory.ranges["x"] == [0, 1]


def test_a_histogram_before_the_first_pass_is_empty():
    assert all(array.size == 0 for _, _, array in HISTOGRAM.memory().arrays())


def test_histograms_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="Give 4: edges, heights"):
        taken(HISTOGRAM, [0, 1], [1])
    with pytest.raises(ShapeError, match="Give 1 heights a trace"):
        taken(HISTOGRAM, [0, 1], [1, 2], None, None)


# ---- pictures


def test_what_is_missing_has_a_colour_of_its_own_below_all_shades():
    chart = Heatmap(
        "p", title="P", low=0, high=9, shades=("#ffffff", "#000000"), missing="#808080", names=("kept", "dropped")
    )
    (trace,) = chart.declare()["data"]
    assert (trace["zmin"], trace["zmax"]) == (-1, 9)
    assert trace["colorscale"] == [
        [0, "#808080"],
        [0.05, "#808080"],
        [0.05, "#ffffff"],
        [0.1, "#ffffff"],
        [1, "#000000"],
    ]
    memory = chart.memory()
    memory.take(Panel(np.array([[0.0, np.nan], [np.inf, 9]])))
    ((_, _, z),) = memory.arrays()
    assert np.array_equal(z, [[0, -1], [np.nan, 9]], equal_nan=True)
    assert [key["name"] for key in chart.declare()["legend"]] == ["kept", "dropped"]


@pytest.mark.parametrize(
    ("chart", "arrays"),
    [
        (CURVES, ([1, 2], ([5, 6], [4, 5], [7, 8]), [0, 1], [2, 2])),
        (HISTOGRAM, ([0, 1, 3], [0.25, 0.75], 1.5, None)),
        (Heatmap("p", title="P", shades=("#fff", "#000"), missing="#888", square=True), [np.eye(3)]),
    ],
)
def test_each_is_a_plotly_figure_with_valid_attributes(chart, arrays):
    memory = chart.memory()
    memory.take(Panel(arrays[0] if isinstance(chart, Heatmap) else arrays))
    go.Figure(figure(chart, memory).to_dict())  # raises where an attribute is unknown


# ---- tables


def table(chart, *arrays):
    memory, _ = taken(chart, *arrays)
    return history_csv([chart], {chart.name: memory}).splitlines()[1:]


def test_curves_are_a_table_with_both_ends_of_a_band():
    rows = table(CURVES, [1, 2], ([5, 6], [4, 5], [7, np.nan]), [0.5, 1], None)
    assert rows == [
        *("c,range: low,1,4", "c,range: low,2,5", "c,range: high,1,7", "c,range: high,2,nan"),
        *("c,range,1,5", "c,range,2,6", "c,line,1,0.5", "c,line,2,1"),
    ]


def test_a_histogram_is_a_table_of_middles_and_heights_and_of_the_lines_that_stand():
    chart = Histogram("h", title="H", traces=("seen", "wanted"), lines=("mean", "none"))
    rows = table(chart, [0, 0.5, 1.5], [0.25, 0.75], [1, 0], 0.3, None)
    assert rows == ["h,seen,0.25,0.25", "h,seen,1,0.75", "h,wanted,0.25,1", "h,wanted,1,0", "h,mean,0.3,"]


def test_what_is_made_only_when_it_is_sent_is_in_the_table_too():
    chart = Curves("c", title="C", traces=("a",))
    memory = chart.memory()
    memory.take(Panel(lambda: Panel(([1], [2]), "two")))
    assert history_csv([chart], {"c": memory}) == "chart,trace,x,value\nc,a,1,2\n"


def test_bars_with_names_are_a_table_by_their_names():
    chart = NamedBars("b", title="B", labels=("one, slow", "two"), traces=("t",), lines=("l",), spread=True)
    rows = table(chart, [3, np.nan], [2, np.nan], [4, np.nan], 2.5)
    assert rows == [
        *('b,t,"one, slow",3', "b,t,two,nan", 'b,lower quartile,"one, slow",2', "b,lower quartile,two,nan"),
        *('b,upper quartile,"one, slow",4', "b,upper quartile,two,nan", "b,l,2.5,"),
    ]
    assert history_csv([chart], {"b": chart.memory()}) == "chart,trace,x,value\n"


@pytest.mark.parametrize(
    "chart", [Heatmap("p", title="P"), Words("w", title="W"), Diagram("d", title="D", boxes=("a",))]
)
def test_pictures_and_texts_have_no_table(chart):
    assert history_csv([chart], {chart.name: chart.memory()}) == "chart,trace,x,value\n"


def test_a_logarithmic_axis_of_lines_ends_where_it_is_told_however_small_a_value_is():
    chart = Lines("l", title="L", traces=("a",), log=True, y_range=(1, 10), lowest=0.01)
    memory = chart.memory()
    for y in (5, 0.02, 1e-9):
        memory.take(Panel((1, y)))
    assert memory.ranges["y"] == [-2, 1] and memory.last() == {"a": 1e-9}
    free = Lines("l", title="L", traces=("a",), log=True, y_range=(1, 10)).memory()
    free.take(Panel((1, 1e-9)))
    assert free.ranges["y"][0] == -9


def test_columns_on_a_logarithmic_axis_widen_it_both_ways_and_none_of_them_is_nought():
    chart = Bars("b", title="B", traces=("a", "b"), stacked=False, log=True, y_range=(1, 10))
    assert chart.declare()["layout"]["yaxis"]["type"] == "log"
    memory, _ = taken(chart, [0.03, 0], [400, -3])
    assert memory.ranges["y"] == pytest.approx([math.log10(0.02), math.log10(500)])
    for wrong in ({"y_range": (0, 1)}, {"y_range": (1, 2), "stacked": True}):
        with pytest.raises(SettingError, match="has no place on a logarithmic axis"):
            Bars("b", title="B", traces=("a",), log=True, **{"stacked": False} | wrong)


def test_a_long_logarithmic_axis_has_powers_of_ten_only_and_says_them_plainly():
    ticks = decades(-6.2, 7)
    assert ticks["tickvals"] == [1e-6, 1e-3, 1, 1e3, 1e6]
    assert ticks["ticktext"] == ["10⁻⁶", "0.001", "1", "1000", "10⁶"]
    for low, high in ((-2.1, 2), (0, 300), (-300, 1)):
        ticks = decades(low, high)
        assert 4 <= len(ticks["tickvals"]) <= 6
        assert all(low <= math.log10(value) <= high for value in ticks["tickvals"])
