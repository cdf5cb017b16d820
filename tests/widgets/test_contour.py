"""A map with paths: what grows, what stays, what is drawn of it."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from lab.errors import SettingError, ShapeError
from widgets.board.export import figure, history_csv
from widgets.dashboard import Contour, Panel, Trace

CHART = Contour(
    "m", title="M", x="w1", y="w2", paths=("a", Trace("b", dash="dot")), spots=("least", "start"), x_range=(-1, 1),
    y_range=(0, 2), low=0.1, high=100, lines=2,
)  # fmt: skip
GROUND = ([-1, 0, 1], [0, 2], [[1, 10, 100], [0, -5, 1000]])


def drawn(memory):
    return {(trace, key): array.tolist() for trace, key, array in memory.arrays()}


def test_the_ground_is_drawn_by_its_logarithm_and_what_has_none_as_the_lowest():
    memory = CHART.memory()
    memory.take(Panel((GROUND, None, None, None, None)))
    assert drawn(memory)[0, "z"] == [[0, 1, 2], [-4, -4, 3]]
    ground = CHART.declare()["data"][0]
    assert (ground["zmin"], ground["zmax"]) == (-1, 2)
    assert ground["contours"] | {"start": -1, "end": 2, "size": 0.5} == ground["contours"]


def test_paths_grow_and_end_in_a_head_while_the_ground_stays():
    memory = CHART.memory()
    memory.take(Panel((GROUND, (0, 0), None, (0.5, 0.5), None)))
    memory.take(Panel((None, (0.25, 1), (0, 2), (0.5, 0.5), None)))
    arrays = drawn(memory)
    assert (arrays[1, "x"], arrays[1, "y"]) == ([0, 0.25], [0, 1])
    assert (arrays[2, "x"], arrays[2, "y"]) == ([0.25], [1])
    assert (arrays[3, "x"], arrays[4, "y"]) == ([0], [2])
    assert (arrays[5, "x"], arrays[5, "y"], arrays[6, "x"]) == ([0.5], [0.5], [])
    assert len(arrays[0, "z"]) == 2 and len(CHART.declare()["data"]) == 7


def test_axes_stay_wherever_a_path_goes():
    memory = CHART.memory()
    memory.take(Panel((GROUND, (50, -50), None, None, None)))
    assert memory.ranges == {"x": [-1, 1], "y": [0, 2]}


def test_a_long_path_keeps_its_shape_and_its_end():
    memory = CHART.memory()
    for i in range(5001):
        angle = math.pi * i / 5000
        memory.take(Panel((None, (math.cos(angle), math.sin(angle)), None, None, None)))
    x, y = (np.array(drawn(memory)[1, key]) for key in "xy")
    assert len(x) == len(y) <= 1001 and np.hypot(x, y) == pytest.approx(1) and (x[-1], y[-1]) == pytest.approx((-1, 0))


def test_a_path_that_comes_back_to_an_x_keeps_its_last_point():
    memory = CHART.memory()
    for point in ((0, 0), (1, 1), (1, 2)):
        memory.take(Panel((None, point, None, None, None)))
    assert drawn(memory)[1, "y"] == [0, 1, 2]


def test_the_legend_tells_paths_by_dash_and_spots_by_symbol():
    assert [(key["name"], key["dash"]) for key in CHART.declare()["legend"]] == [
        *(("a", "solid"), ("b", "dot"), ("least", "diamond"), ("start", "square")),
    ]


def test_it_is_a_plotly_figure_and_a_table_of_paths_and_spots():
    memory = CHART.memory()
    memory.take(Panel((GROUND, (0, 0), (1, 1), (0.5, 0.5), None)))
    go.Figure(figure(CHART, memory).to_dict())  # raises where an attribute is unknown
    assert history_csv([CHART], {"m": memory}).splitlines()[1:] == ["m,a,0,0", "m,b,1,1", "m,least,0.5,0.5"]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ((GROUND,), "1 arrays do not fit. Give 5: the ground, 2 points, 2 spots."),
        ((([0], [0, 1], [[1, 2]]), None, None, None, None), r"a ground of shape \(1, 2\) does not fit 1 x and 2 y"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, said):
    with pytest.raises(ShapeError, match=said):
        CHART.memory().take(Panel(arrays))


@pytest.mark.parametrize(
    "wrong",
    [{"paths": ("a", "a")}, {"spots": "abcde"}, {"low": 0}, {"low": 2, "high": 1}, {"lines": 0}, {"shades": ("#fff",)}],
)
def test_charts_that_cannot_be_are_refused(wrong):
    with pytest.raises(SettingError, match="m: "):
        Contour("m", title="M", **wrong)
