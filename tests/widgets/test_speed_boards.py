"""The boards of the page on speed: what their charts say is what was measured, and nothing is written down."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lab.bench import live, rungs
from lab.bench.fusing import WayTimed
from lab.bench.rungs import BLAS, names
from lab.errors import SettingError, ShapeError
from tests.widgets.reading import arrays, seen, text
from widgets.dashboard import Dashboard, NamedBars, Panel
from widgets.grammar import answers
from widgets.speed.fusing import SpeedFusing
from widgets.speed.ladder import LABELS, SHAPES, SpeedLadder
from widgets.speed.roofline import KERNELS, SHOWN, SpeedRoofline
from widgets.speed.threads import SpeedThreads

BOARDS = (SpeedLadder, SpeedRoofline, SpeedFusing, SpeedThreads)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(live, "PIECE", 1e-4)
    monkeypatch.setattr(rungs, "LONGEST", 1e-4)
    yield
    answers.forget()
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


@pytest.mark.parametrize("board", BOARDS)
def test_before_anything_was_measured_nothing_is_seen_and_the_machine_is_named(board):
    made = board()
    made.reset()
    assert [seen(made, each.name) for each in board.questions] == [None] * len(board.questions)
    assert made.session.run.machine in text(made, board.panels[0].name)


@pytest.mark.parametrize("board", BOARDS)
def test_the_verdict_on_the_machine_is_on_the_board(board):
    made = board()
    made.run(40)
    made.session.take(None)  # the calibration comes after the last event of a round
    assert text(made, "noise") == made.session.run.verdict != "measuring"


# ---- ladder


def test_bars_are_the_rates_and_shares_of_the_peak():
    made = SpeedLadder(shape=SHAPES["64 × 64 × 64"])
    made.run(1)
    first = arrays(made, "rate")[0, "x"]
    assert first[0] > 0 and np.isnan(first[1:]).all()  # the others were not measured yet
    made.run(len(names()) + 1)
    run, drawn = made.session.run, arrays(made, "rate")
    expected = [run.timed[name].rate / 1e9 for name in (*names(), BLAS)]
    assert np.allclose(drawn[0, "x"], expected) and len(LABELS) == len(names()) + 1
    assert np.allclose(drawn[1, "x"].reshape(-1, 3)[:, 0], [run.timed[name].low / 1e9 for name in LABELS])
    assert np.allclose(drawn[2, "x"], run.peak / 1e9)
    assert np.allclose(arrays(made, "share")[0, "x"], 100 * np.array(expected) / (run.peak / 1e9))


@pytest.mark.parametrize(
    ("rates", "factor", "blocked"),
    [
        ((1, 10, 20, 9.9), "less than 10 times", "faster"),
        ((1, 10, 10.4, 10), "10 to 50 times", "the same to 5 %"),
        ((1, 10, 5, 199), "50 to 200 times", "slower"),
        ((1, 10, 5, 201), "more than 200 times", "slower"),
    ],
)
def test_what_is_seen_of_the_ladder_is_read_off_the_rates(rates, factor, blocked):
    made = SpeedLadder()
    made.reset()
    for name, rate in zip(("naive", "reordered", "blocked", "registers"), rates, strict=True):
        made.session.run.timed[name] = rungs.RungTimed(name, rate, rate, rate, 1, 1)
    assert seen(made, "factor") == factor and seen(made, "blocked") == blocked


@pytest.mark.parametrize("other", [{"shape": (64, 64, 64)}, {"dtype": "float64"}])
def test_another_product_than_the_one_that_was_asked_for_answers_no_question(other):
    made = SpeedLadder(**other)
    made.reset()
    for name in ("naive", "reordered", "blocked", "registers"):
        made.session.run.timed[name] = rungs.RungTimed(name, 1, 1, 1, 1, 1)
    assert seen(made, "factor") is None and seen(made, "blocked") is None


# ---- roofline


def test_points_lie_at_their_intensity_and_rate():
    made = SpeedRoofline(size="tiny", batch=64)
    made.run(10)
    run, drawn = made.session.run, arrays(made, "roof")
    points = {point.kernel: point for point in run.points()}
    for trace, kernel in enumerate(KERNELS, start=2):
        (place,) = np.flatnonzero(np.isfinite(drawn[trace, "y"]))
        assert drawn[trace, "x"][place] == pytest.approx(points[kernel].count.intensity)
        assert drawn[trace, "y"][place] == pytest.approx(points[kernel].rate / 1e9)
    roof = drawn[0, "y"][: len(SHOWN)]
    assert roof == pytest.approx(np.minimum(run.roofs["peak"], SHOWN * run.roofs["copy, cache"]) / 1e9)
    assert arrays(made, "time")[0, "x"] == pytest.approx([1e6 * points[name].seconds for name in KERNELS])


def test_the_layer_is_chosen_at_once():
    made = SpeedRoofline(size="tiny", batch=64)
    made.run(5)
    steps = made.session.steps
    made.controls["layer"].value = 4
    assert made.session.steps == steps and not np.isfinite(arrays(made, "time")[0, "x"][0])  # the input is layer 1's
    assert math.isfinite(arrays(made, "time")[0, "x"][1])


def test_the_intensity_that_was_asked_for_is_the_counted_one():
    made = SpeedRoofline()
    made.run(5)
    assert seen(made, "intensity") == pytest.approx(70.08, abs=0.005)
    points = {point.kernel: point.seconds for point in made.session.run.points()}
    products = points["product"] + points["weights"] + points["inputs"]
    assert seen(made, "share") == pytest.approx(100 * products / sum(points.values()))
    made = SpeedRoofline(size="tiny", batch=64)
    made.run(5)
    assert seen(made, "intensity") is None and seen(made, "share") is None


# ---- fusing


def test_the_parts_of_a_way_stand_on_its_bar_and_the_product_can_be_left_out():
    made = SpeedFusing(shape=(64, 784, 512))
    made.run(3)
    run = made.session.run
    whole = sum(arrays(made, "time")[trace, "x"] for trace in range(8))
    assert whole == pytest.approx([1e6 * run.whole(way) for way in ("NumPy", "pass by pass", "fused")])
    made.controls["product"].value = False
    assert not arrays(made, "time")[0, "x"].any() and arrays(made, "time")[7, "x"][2] > 0
    assert arrays(made, "moved")[0, "x"] == pytest.approx([10 * 64 * 512 * 4e-6, 3 * 64 * 512 * 4e-6])


@pytest.mark.parametrize(
    ("fused", "says", "choice"), [(40, "saves 60%", 0), (80, "saves 20%", 1), (150, "costs 50%", 2)]
)
def test_what_fusing_saves_or_costs_is_said_as_measured(fused, says, choice):
    made = SpeedFusing()
    made.run(3)
    made.session.run.parts |= {"pass by pass": {"ReLU": [100e-6]}, "fused": {"fused pass": [fused * 1e-6]}}
    question = SpeedFusing.questions[0]
    assert seen(made, "saved") == question.choices[choice]
    assert question.seen(SimpleNamespace(run=made.session.run, spec=replace(made.values, keep=1.0))) is None
    event = WayTimed("fused", {}, 1)
    assert says in SpeedFusing.frame(event, made.session.now())["moved"].text


# ---- threads


def test_speed_ups_stand_beside_amdahls_law():
    made = SpeedThreads(size="tiny", batch=64, most=2)
    made.run(6)
    run, drawn = made.session.run, arrays(made, "speedup")
    assert drawn[2, "y"][0] == 1 and drawn[2, "y"][1] == pytest.approx(run.speed_up(2)[0])
    assert drawn[4, "y"] == pytest.approx([1, 1 / (1 - run.share / 2)])
    assert drawn[5, "y"].tolist() == [1, 2] and f"{run.share:.1%}" in text(made, "time")
    assert seen(made, "two") is None  # the questions are of a larger step


def test_what_is_seen_of_the_threads_is_measured_on_the_step_that_was_asked_for():
    made = SpeedThreads(most=2)
    made.run(6)
    run = made.session.run
    assert seen(made, "two") == run.speed_up(2)[0] and seen(made, "share") == 100 * run.share


def test_more_workers_than_cores_and_than_mini_batches_is_said_on_the_screen():
    made = SpeedThreads(size="tiny", batch=64, most=2, K=1)
    made.reset()
    made.session.run.cores = 1
    made.session.take(None)
    assert "P = 2: more workers than the 1 core here, so they take turns" in text(made, "speedup")
    made.session.run.cores = 8
    made.session.take(None)
    assert "P = 2: more workers than the K = 1 mini-batch, so some are idle" in text(made, "speedup")


# ---- bars with names


BARS = NamedBars("a", title="A", labels=("one", "two"), traces=("t",), lines=("l",), spread=True)


def test_named_bars_have_their_labels_ends_and_lines():
    memory = BARS.memory()
    memory.take(Panel(([1.0, 30.0], [0.5, 20.0], [2.0, 35.0], 42.0)))
    made = {(trace, key): array.tolist() for trace, key, array in memory.arrays()}
    assert made[0, "x"] == [1, 30] and made[0, "y"] == [0, 1] and made[2, "x"] == [42, 42]
    assert made[1, "x"][:2] == [0.5, 2] and math.isnan(made[1, "x"][2]) and made[1, "y"] == [0.25] * 3 + [1.25] * 3
    assert memory.ranges == {"x": [0.0, 50.0], "y": [1.5, -0.5]}
    assert BARS.declare()["layout"]["yaxis"]["ticktext"] == ["one", "two"]
    assert [trace["name"] for trace in BARS.declare()["data"]] == ["t", "quartiles", "l"]


def test_a_line_that_is_not_known_yet_is_not_drawn():
    memory = BARS.memory()
    memory.take(Panel(([math.nan, 1.0], [math.nan, 1.0], [math.nan, 1.0], None)))
    assert [array.size for trace, _, array in memory.arrays() if trace == 2] == [0, 0]


@pytest.mark.parametrize("wrong", [([1.0], [1.0], [1.0], None), ([1.0, 2.0],)])
def test_bars_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ShapeError, match="do not fit"):
        BARS.memory().take(Panel(wrong))


def test_named_bars_without_labels_or_with_one_name_twice_are_refused():
    for labels, traces in (((), ("t",)), (("one",), ()), (("one",), ("t", "t"))):
        with pytest.raises(SettingError, match="each once"):
            NamedBars("a", title="A", labels=labels, traces=traces)
