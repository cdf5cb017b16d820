"""What a board remembers: bounded, in order, on axes that widen in steps and never shrink."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import SettingError, ShapeError
from widgets.charts.memory import round_up, widen_log
from widgets.dashboard import Bars, Heatmap, Lines, Panel, Trace

LINES = Lines("loss", title="Loss", traces=("train", "test"), most=20)
numbers = st.floats(-1e6, 1e6, allow_nan=False)


def test_a_picture_of_nothing_has_no_axes_until_there_is_one_again():
    memory = Heatmap("array", title="Array").memory()
    shown = []
    for value in (1.0, math.inf, math.nan, 2.0):
        memory.take(Panel(np.array([[value, math.inf]])))
        shown.append([memory.axes.get(axis, {}).get("visible", True) for axis in "xy"])
    assert shown == [[True] * 2, [False] * 2, [True] * 2, [True] * 2]


def test_each_trace_gets_its_own_points():
    memory = LINES.memory()
    memory.take(Panel((1, 0.5, None)))
    memory.take(Panel((2, 0.25, 0.75)))
    x, y = memory.points(0)
    assert x.tolist() == [1, 2] and y.tolist() == [0.5, 0.25]
    assert memory.points(1)[0].tolist() == [2]
    assert memory.last() == {"train": 0.25, "test": 0.75}


@given(st.lists(numbers, min_size=1, max_size=400))
def test_points_are_bounded_in_order_and_end_with_the_last(values):
    memory = LINES.memory()
    for i, value in enumerate(values):
        memory.take(Panel((i, value, None)))
    x, y = memory.points(0)
    assert len(x) <= LINES.most + 1 and x[0] == 0 and x[-1] == len(values) - 1
    assert (np.diff(x) > 0).all() and y[-1] == np.float32(values[-1])
    assert [np.float32(values[int(i)]) for i in x] == y.tolist()


@given(st.lists(numbers, min_size=1, max_size=60))
def test_ranges_hold_every_point_and_only_widen(values):
    memory, before = LINES.memory(), [0.0, 0.0]
    for i, value in enumerate(values):
        memory.take(Panel((i, value, None)))
        low, high = memory.ranges["y"]
        assert low <= value <= high and low <= before[0] and high >= before[1]
        before = [low, high]
    assert memory.ranges["x"][1] >= len(values) - 1


@given(st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=40))
def test_logarithmic_ranges_hold_every_point(values):
    memory = replace(LINES, log=True, y_range=(1.0, 100.0)).memory()
    for i, value in enumerate(values):
        memory.take(Panel((i, value, None)))
        low, high = memory.ranges["y"]
        assert 10**low <= value * (1 + 1e-9) and value <= 10**high * (1 + 1e-9)


@given(st.floats(1e-300, 1e300))
def test_round_numbers_are_not_below_and_near(value):
    assert value <= round_up(value) * (1 + 1e-12) and round_up(value) <= 2.5 * value


def test_a_range_is_not_new_in_every_frame():
    memory, seen = LINES.memory(), set()
    for i in range(2000):
        memory.take(Panel((i, i / 1000, None)))
        seen.add(tuple(memory.ranges["x"]))
    assert len(seen) <= 9


def test_what_is_not_finite_is_a_gap_and_moves_no_axis():
    memory = LINES.memory()
    for i, value in enumerate((0.5, math.nan, math.inf, 0.25)):
        memory.take(Panel((i, value, None)))
    assert np.isnan(memory.points(0)[1]).tolist() == [False, True, True, False]
    assert memory.ranges["y"] == [0.0, 1.0]


def test_a_live_number_has_parts_that_change_one_by_one():
    memory = LINES.memory()
    memory.take(Panel(text={"train": "0.5"}))
    memory.take(Panel(text={"test": "0.7"}))
    memory.take(Panel(text={"train": "0.4"}))
    assert memory.text == "train 0.4 · test 0.7"
    memory.take(Panel(text="gone"))
    assert memory.text == "gone"


def test_a_dragged_slider_makes_one_mark():
    memory = LINES.memory()
    for i in range(5):
        memory.take(Panel(mark=(10 + 0.1 * i, f"keep = 0.{i}")))
    memory.take(Panel(mark=(11, "delta = 1")))
    memory.take(Panel(mark=(80, "delta = 2")))
    assert memory.marks == [[10, "keep = 0.4"], [11, "delta = 1"], [80, "delta = 2"]]


def test_marks_are_bounded():
    memory = LINES.memory()
    for i in range(1000):
        memory.take(Panel(mark=(i, f"x{i} = 1")))
    assert len(memory.marks) == 40 and memory.marks[-1] == [999, "x999 = 1"]


def test_arrays_that_cost_time_are_made_only_when_they_are_asked_for():
    made = []

    def picture():
        made.append(1)
        return np.eye(3, dtype=bool)

    memory = Heatmap("mask", title="Mask", levels=2).memory()
    memory.take(Panel(picture, "p"))
    memory.take(Panel(picture, "p"))
    assert made == []
    ((trace, key, z),) = memory.arrays()
    assert made == [1] and (trace, key) == (0, "z") and z.tolist() == np.eye(3).tolist()
    memory.arrays()
    assert made == [1]


def test_a_whole_panel_can_be_made_late():
    memory = Heatmap("mask", title="Mask", levels=2).memory()
    memory.take(Panel(lambda: Panel(np.ones((2, 2), bool), "kept 100 %")))
    memory.arrays()
    assert memory.text == "kept 100 %"


def test_a_picture_is_a_copy_and_its_first_row_is_on_top():
    z = np.zeros((2, 5), np.uint8)
    memory = Heatmap("mask", title="Mask", levels=2).memory()
    memory.take(Panel(z))
    z[:] = 1
    assert memory.arrays()[0][2].sum() == 0
    assert memory.ranges == {"x": [-0.5, 4.5], "y": [1.5, -0.5]}


def test_stacked_bars_fit_below_the_top():
    memory = Bars("time", title="Time", traces=("work", "wait")).memory()
    memory.take(Panel(([1.0, 2.0], [0.5, 0.9])))
    assert memory.ranges == {"x": [-0.5, 1.5], "y": [0.0, 3.0]}
    assert [(trace, key) for trace, key, _ in memory.arrays()] == [(0, "x"), (0, "y"), (1, "x"), (1, "y")]


@pytest.mark.parametrize(
    ("chart", "arrays", "said"),
    [
        (LINES, (1, 0.5), "a point of 2 numbers does not fit the traces train, test. Give x and 2 values"),
        (Bars("b", title="B", traces=("a", "b")), ([1, 2],), r"arrays of \[2\] bars do not fit the traces a, b"),
        (Bars("b", title="B", traces=("a", "b")), ([1, 2], [1]), r"arrays of \[2, 1\] bars do not fit"),
        (Heatmap("h", title="H"), np.zeros(3), r"an array of shape \(3,\) is no picture. Give a matrix."),
    ],
)
def test_arrays_that_do_not_fit_are_refused(chart, arrays, said):
    with pytest.raises(ShapeError, match=said):
        chart.memory().take(Panel(arrays))


@pytest.mark.parametrize("traces", [(), ("a", "a"), ("a", Trace("a"))])
def test_a_chart_of_lines_names_each_of_them_once(traces):
    with pytest.raises(SettingError, match="Name at least one trace, each once"):
        Lines("x", title="X", traces=traces)


def test_nothing_below_zero_has_a_place_on_a_logarithmic_axis():
    with pytest.raises(SettingError, match="Start above 0"):
        Lines("x", title="X", traces=("a",), log=True)


def test_lines_of_a_chart_differ_in_more_than_colour():
    declared = Lines("x", title="X", traces=("a", "b", "c")).declare()
    looks = [(entry["line"]["color"], entry["line"]["dash"]) for entry in declared["data"]]
    assert len({color for color, _ in looks}) == len({dash for _, dash in looks}) == 3
    assert [entry["name"] for entry in declared["legend"]] == ["a", "b", "c"]


@given(st.lists(st.floats(), max_size=20))
def test_logarithmic_ranges_hold_every_point_that_has_a_logarithm(values):
    limits = [0.0, 1.0]
    for value in values:
        before = list(limits)
        widen_log(limits, value)
        assert limits[0] <= before[0] and limits[1] >= before[1]
        if math.isfinite(value) and value > 0:
            assert limits[0] - 1e-9 <= math.log10(value) <= limits[1] + 1e-9
        else:
            assert limits == before
