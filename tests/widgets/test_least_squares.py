"""The boards of the page on dropout as least squares: what their charts say is what the run has."""

import math

import numpy as np
import pytest

from lab.errors import SettingError
from tests.widgets.reading import arrays, said, told, tried
from widgets.least_squares.descent import TERMS, LeastSquaresDescent
from widgets.least_squares.landscape import W1, W2, landscape
from widgets.least_squares.optimizers import BOTH, ENDS, LeastSquaresOptimizers
from widgets.least_squares.ridge import ALIKE, CHANCE, NORMS, SCALES, DropoutAsRidge
from widgets.least_squares.sweep import DROPS, FINE, LIMITS, LONG, LeastSquaresSweep

BOARDS = (LeastSquaresDescent, LeastSquaresSweep, DropoutAsRidge, LeastSquaresOptimizers)


# ---- descent


def test_the_path_is_that_of_the_run_and_the_spots_are_the_solutions():
    made = LeastSquaresDescent(batch=16)
    made.run(1)
    first = made.session.run.w[0].copy()
    made.run(1)
    drawn, w = arrays(made, "map"), made.session.run.w[0]
    assert drawn[1, "x"] == pytest.approx([0, first[0], w[0]]) and drawn[1, "y"] == pytest.approx([0, first[1], w[1]])
    assert (drawn[2, "x"], drawn[2, "y"]) == (pytest.approx([w[0]]), pytest.approx([w[1]]))
    assert [drawn[3, key][0] for key in "xy"] == pytest.approx([0.36667, 3.66667], abs=1e-5)
    assert [drawn[4, key][0] for key in "xy"] == pytest.approx([1.0891, 0.1089], abs=1e-4)


def test_the_map_is_the_expected_loss_above_its_floor():
    made = LeastSquaresDescent(batch=0, keep=0.4)
    made.run(1)
    drawn, rows = arrays(made, "map"), made.session.run.rows
    for i, j in ((0, 0), (20, 30), (40, 5)):
        w = np.array([[drawn[0, "x"][j], drawn[0, "y"][i]]])
        above = rows.loss(w)[0] - rows.loss(rows.solution())[0]
        assert drawn[0, "z"][i, j] == pytest.approx(math.log10(above))
    assert made.session.memories["map"].ranges == {"x": list(W1), "y": list(W2)}
    assert landscape(0.4, True) is landscape(0.4, True)


def test_loss_weights_and_terms_are_those_of_the_run():
    made = LeastSquaresDescent(batch=0)
    made.run(1)
    assert made.scalars(6)["loss: of the batch"] == 121  # at w = 0 every row costs 11^2
    made.run(9999)
    run = made.session.run
    assert made.scalars(5) == {
        "steps": 10_000, "loss: of the batch": 40.333, "loss: expected": 40.333, "loss: floor": 40.333,
    }  # fmt: skip
    assert arrays(made, "weights")[0, "y"] == pytest.approx(run.w[0]) == arrays(made, "weights")[1, "y"]
    assert arrays(made, "terms")[0, "y"] == pytest.approx([3.66667, 3.66667], abs=1e-4)
    assert said(made, "terms")[1] == [10, 1, 3.67, 2, 3.67]


def test_what_is_seen_of_the_terms_and_of_the_floor_needs_a_run_at_rest():
    made = tried(LeastSquaresDescent(), "1,024 masks a step")
    made.run(300)
    assert (told(made, "terms"), told(made, "floor")) == (None, None)
    made.run(2700)
    assert (told(made, "terms"), told(made, "floor")) == (TERMS[1], pytest.approx(40.3))
    made.controls["dropout"].value = False
    made.run(100)
    assert made.session.run.rows.keep[0] == 1
    assert (told(made, "terms"), told(made, "floor")) == (None, None)  # not without dropout


def test_switch_and_slider_of_p_meet_and_the_map_follows_at_once():
    made = LeastSquaresDescent()
    made.run(1)
    before = arrays(made, "map")[0, "z"]
    for name, value, keep in (
        ("dropout", False, 1),
        ("dropout", True, 0.5),
        ("keep", 0.3, 0.3),
        ("inverted", False, 0.3),
    ):
        made.controls[name].value = value
        assert made.session.run.rows.keep[0] == keep
        assert (arrays(made, "map")[0, "z"] != before).any()
        before = arrays(made, "map")[0, "z"]
    assert made.session.steps == 1 and len(arrays(made, "map")[1, "x"]) == 2  # a move is no step


def test_batch_step_size_and_optimizer_are_taken_at_once_and_a_cut_is_said():
    made = LeastSquaresDescent(keep=0.1)
    made.run(1)
    assert "stable below 9.9e-05" in made.session.status() or "cut to 8.9e-05" in made.session.status()
    made.controls["delta"].value = 1e-4
    made.controls["batch"].value = 0
    assert made.session.run.batch is None and "cut to 8.9e-05" in made.session.status()
    made.controls["keep"].value = 0.5
    assert "step size 0.0001, stable below 0.0025" in made.session.status()
    made.controls["optimizer"].value = "adam"
    assert made.session.run.optimizer == "adam" and "step size" not in made.session.status()


def test_a_loss_that_falls_to_nothing_takes_the_axis_no_lower_than_told():
    made = tried(LeastSquaresDescent(), "no dropout")
    made.run(500)
    assert made.session.run.expected_loss[0] < 1e-20
    assert made.session.memories["loss"].ranges["y"][0] == -2 and said(made, "loss")[0].endswith("floor 0")


# ---- sweep


def test_the_dots_are_the_run_and_the_curve_the_closed_form():
    made = LeastSquaresSweep(keep=0.7)
    made.run(50)
    for which, panel in enumerate(("w1", "w2")):
        drawn, run = arrays(made, panel), made.session.run
        curve, trained, jump, read = (drawn[i, "y"] for i in range(4))
        p = 1 - FINE
        assert (
            curve[: len(FINE)] == pytest.approx((1.1, 11)[which] * p / (1 + p)) and np.isnan(curve[len(FINE) :]).all()
        )
        assert trained[np.isfinite(trained)] == pytest.approx(run.w[:, which])
        assert drawn[1, "x"][np.isfinite(trained)] == pytest.approx(DROPS)
        assert jump[-2] == pytest.approx((1.08911, 0.10891)[which], abs=1e-5)
        assert (drawn[3, "x"][-1], read[-1]) == pytest.approx((0.3, (1.1, 11)[which] * 0.7 / 1.7))
        assert said(made, panel)[0] == f"p = 0.70: {panel} = {read[-1]:.3f}; dots: step 50"


def test_after_10000_steps_small_drop_rates_are_far_off_and_the_others_have_arrived():
    made = tried(LeastSquaresSweep(), "expected gradient")
    made.run(9_999)
    assert told(made, "long") is None and told(made, "limit") == LIMITS[1]
    made.run(1)
    run = made.session.run
    assert run.w[1] == pytest.approx([0.904, 1.87], abs=2e-3)
    assert run.w[DROPS > 0.3] == pytest.approx(run.rows.solution()[DROPS > 0.3], rel=1e-3)
    folds, done = arrays(made, "folds")[0, "y"], arrays(made, "folds")[1, "y"]
    assert np.isnan(folds[0]) and folds[1:4] * DROPS[1:4] == pytest.approx(0.25, rel=0.02) and (done == 10).all()
    assert said(made, "off")[0].endswith("p = 1: (1.089, 0.109)")
    assert "step size cut at 5 of 23 p, where" in made.session.status()


def test_how_many_steps_a_small_drop_rate_takes_is_what_the_run_took():
    made = tried(LeastSquaresSweep(), "expected gradient")
    made.run(30_000)
    assert told(made, "long") is None
    made.run(1)
    assert told(made, "long") == LONG[2]
    made.reset()
    made.session.start()
    run = made.session.run
    run.w[1], run.steps = run.rows.solution()[1], 500  # had it been as fast as that
    assert told(made, "long") == LONG[0]


def test_adam_ends_at_ones_without_dropout_and_has_no_law_of_steps():
    made = tried(LeastSquaresSweep(), "Adam")
    made.run(3000)
    assert said(made, "off")[0].endswith("p = 1: (1.000, 1.000)")
    assert arrays(made, "folds")[0, "y"].size == 0 and said(made, "folds")[0] == "Adam knows no such law"


def test_the_sweep_takes_its_controls_at_once():
    made = LeastSquaresSweep()
    made.run(1)
    for name, value in (("batch", 16), ("delta", 5e-3), ("optimizer", "adam"), ("inverted", False), ("keep", 0.2)):
        made.controls[name].value = value
    run = made.session.run
    assert (run.batch, run.delta, run.optimizer, run.rows.inverted) == (16, 0.005, "adam", False)
    assert said(made, "w1")[1][:3] == [0.2, 1, pytest.approx(1.1 / 1.2, abs=1e-3)]


# ---- ridge


def test_dots_curves_and_course_are_those_of_the_run():
    made = DropoutAsRidge(data=SCALES, keep=0.3)
    made.run(100)
    run, drawn = made.session.run, arrays(made, "objective")
    whole = run.y @ run.y
    for trace, values in enumerate((run.exact.total, run.exact.fit, run.exact.penalty, run.seen.mean)):
        assert drawn[trace, "y"] * whole == pytest.approx(values)
    assert said(made, "objective")[1][0] == 6400 == run.masks
    low, high, middle = (arrays(made, "course")[i, "y"] for i in range(3))
    assert middle[-1] * whole == pytest.approx(run.course[-1][1])
    assert (high - low)[-1] * whole == pytest.approx(2 * run.course[-1][2])
    before, after = (arrays(made, "norms")[i, "y"] for i in range(2))
    assert before == pytest.approx(np.linalg.norm(run.X, axis=0)) and after == pytest.approx(np.sqrt(0.3 / 0.7))


def test_what_each_input_gives_and_the_rescaling_by_p():
    made = DropoutAsRidge(data=ALIKE, keep=0.4, inverted=False)
    made.run(1)
    run, (plain, learned, ridge) = made.session.run, (arrays(made, "weights")[i, "y"] for i in range(3))
    norms = np.linalg.norm(run.X, axis=0)
    assert plain == pytest.approx(norms * np.linalg.lstsq(run.X, run.y, rcond=None)[0])
    assert learned == pytest.approx(norms * run.w) and ridge == pytest.approx(0.4 * learned)
    made.controls["inverted"].value = True
    assert arrays(made, "weights")[1, "y"] == pytest.approx(arrays(made, "weights")[2, "y"]) == ridge


def test_what_is_seen_of_chance_and_of_norms():
    made = tried(DropoutAsRidge(), "the course's row")
    made.run(1)
    assert (told(made, "chance"), told(made, "norms")) == (None, NORMS[2])
    made.run(160)
    assert told(made, "chance") == CHANCE[0]
    other = DropoutAsRidge(key="b", data=SCALES)
    other.run(1)
    assert told(other, "norms") is None


def test_typed_data_act_after_a_reset_and_bad_ones_leave_the_old():
    made = DropoutAsRidge()
    made.run(2)
    made.controls["data"].value = "1 2 = 3\n4 5 = 6"
    assert "(needs a reset)" in made.controls["data"].description
    made.reset()
    made.run(1)
    assert made.session.run.X.tolist() == [[1, 2], [4, 5]] and made.session.run.y.tolist() == [3, 6]
    for bad, words in (
        ("1 2 = 3\n4 = 6", "line 2 has 2 numbers, and line 1 has 3. Give all lines the same number."),
        ("1 two = 3", "'two' in line 1 is no number. Write numbers such as"),
        ("1 nan = 3", "'nan' in line 1 is not a finite number. Give one"),
        ("1 2 = 3\n" * 30, "30 lines of 3 numbers are 90, and at most 64 are allowed. Leave lines or columns out."),
    ):
        made.controls["data"].value = bad
        assert words in made.session.wrong and made.controls["data"].value == bad
        with pytest.raises(SettingError, match="Mend it first"):
            made.reset()
        made.run(1)
        assert made.session.run.X.tolist() == [[1, 2], [4, 5]]
    tried(made, "the course's row")
    made.run(1)
    assert made.session.wrong == "" and made.session.run.X.tolist() == [[10, 1]]


def test_another_p_counts_anew_and_has_something_to_show_at_once():
    made = DropoutAsRidge()
    made.run(10)
    made.controls["keep"].value = 0.8
    assert said(made, "objective")[1][0] == 64 and made.session.run.keep == 0.8


# ---- optimizers


def test_without_dropout_the_two_end_apart_and_with_it_together():
    made = LeastSquaresOptimizers()
    made.run(3000)
    assert told(made, "ends") == ENDS[1] and told(made, "both") is None
    assert arrays(made, "weights")[0, "y"] == pytest.approx([1.0891, 0.1089], abs=1e-4)
    assert arrays(made, "weights")[1, "y"] == pytest.approx([1, 1], abs=1e-3)
    tried(made, "p = 0.5").run(15_000)
    assert told(made, "both") == BOTH[1]


def test_both_draw_the_same_masks_and_take_every_control():
    made = LeastSquaresOptimizers(keep=0.5, batch=16)
    made.run(5)
    run = made.session.run
    assert (run.sgd._batch() == run.adam._batch()).all()
    for name, value in (("keep", 0.3), ("batch", 1), ("delta", 2e-3)):
        made.controls[name].value = value
    for each in (run.sgd, run.adam):
        assert (each.rows.keep[0], each.batch, each.delta) == (0.3, 1, pytest.approx(2e-3))
    drawn = arrays(made, "map")
    assert drawn[1, "x"][-1] == pytest.approx(run.sgd.w[0, 0]) and drawn[3, "x"][-1] == pytest.approx(run.adam.w[0, 0])
