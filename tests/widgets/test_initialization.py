"""The boards of the page on initialization: what their charts say is what the run has."""

import math

import numpy as np
import pytest

from lab.errors import SettingError
from tests.widgets.reading import arrays, said, told
from widgets.controls.controls import controls_of
from widgets.initialization.layers import GROWN, SHRUNK, InitializationLayers
from widgets.initialization.saturation import InitializationSaturation
from widgets.initialization.sizes import in_float32, in_words, shown
from widgets.initialization.study import WIDE, InitializationStudy
from widgets.initialization.sweep import InitializationSweep
from widgets.initialization.training import WHO, InitializationTraining
from widgets.initialization.variance import FIXED, InitializationVariance

BOARDS = (
    InitializationLayers, InitializationVariance, InitializationTraining, InitializationSweep,
    InitializationSaturation, InitializationStudy,
)  # fmt: skip
EACH = pytest.mark.parametrize("board", BOARDS)


def tried(board, experiment):
    """A board with the values of an experiment."""
    (chosen,) = (each for each in board.experiments if each.name == experiment)
    return board(**chosen.fields)


@EACH
def test_before_anything_was_done_nothing_is_seen(board):
    made = board()
    made.reset()
    assert [told(made, each.name) for each in board.questions] == [None] * len(board.questions)
    made.run(0)
    assert all(text == "" or "Play" in text or "d·σ²/2" in text or "0 of" in text or "–" in text for text, _ in (
        said(made, panel.name) for panel in board.panels))  # fmt: skip


@EACH
def test_values_that_are_not_allowed_are_refused(board):
    name = next(iter(controls_of(board.spec)))
    with pytest.raises(SettingError, match=f"{name} = -5"):
        board(**{name: -5})


# ---- sizes through the layers


def test_the_band_is_that_of_the_networks_and_the_law_lies_beside_it():
    made = tried(InitializationLayers, "He: √(2/d)")
    made.run(6)
    run = made.session.run
    for panel, field, law in (("sizes", "sizes", "activations"), ("deltas", "deltas", "deltas")):
        low, high, middle, line = (arrays(made, panel)[i, "y"] for i in range(4))
        band = run.band(field)
        assert np.allclose([middle, low, high], band) and np.allclose(line, getattr(run.law, law))
    layer, low, high, nets = said(made, "sizes")[1]
    assert (layer, nets) == (32, 6) and low == pytest.approx(run.all("sizes")[:, -1].min(), rel=0.01) and high > low
    dots = arrays(made, "nets")[0, "y"]
    assert np.allclose(dots, run.all("sizes")[:, -1]) and len(arrays(made, "gradients")[0, "y"]) == 32


def test_a_moved_scale_is_answered_at_once_by_the_first_network():
    made = InitializationLayers()
    made.run(3)
    one = made.session.run.all("sizes")[0, -1]
    made.controls["scale"].value = 8.0
    assert said(made, "sizes")[1][-1] == 1 and made.session.run.seen == 1
    assert said(made, "nets")[1][0] == pytest.approx(one * 2**32, rel=0.01)


def test_what_the_questions_on_the_layers_say_is_seen():
    made = tried(InitializationLayers, "Xavier: √(1/d)")
    made.run(2)
    assert (told(made, "shrunk"), told(made, "grown")) == (SHRUNK[2], None)
    made = tried(InitializationLayers, "batchnorm")
    made.run(2)
    assert (told(made, "shrunk"), told(made, "grown")) == (None, GROWN[2])
    made.controls["depth"].value = 8
    made.reset()
    made.run(1)
    assert told(made, "grown") is None  # it asked for 32 layers


def test_zeros_are_said_in_words_and_leave_the_chart():
    made = tried(InitializationLayers, "zeros")
    made.run(2)
    assert said(made, "sizes")[0] == "layer 32: 0 (2 networks)" and said(made, "nets")[0] == "this one: 0"
    middle = arrays(made, "sizes")[2, "y"]
    assert middle[0] == pytest.approx(1, abs=0.05) and np.isnan(middle[1:]).all()
    assert arrays(made, "sizes")[3, "y"].size == 0


def test_sizes_that_float32_cannot_hold_are_said_and_not_drawn():
    made = InitializationLayers(scale=100.0, depth=64)
    made.run(1)
    text, (_, size, *_) = said(made, "sizes")
    assert size > 1e50 and text.endswith("overflow in float32 (1 network)")
    drawn = arrays(made, "sizes")[2, "y"]
    assert np.isnan(drawn[-1]) and np.nanmax(drawn) > 1e30 and made.session.memories["sizes"].ranges["y"][1] < 38
    made.controls["scale"].value = 0.01
    assert "0 in float32" in said(made, "deltas")[0]
    assert np.isfinite(made.session.memories["deltas"].ranges["y"]).all()


def test_sizes_in_words():
    assert [in_words(size) for size in (0.0, math.inf, 1.5, 2e-30)] == ["0", "overflow", "1.5", "2e-30"]
    assert [in_float32(size) for size in (0.0, 1.0, math.inf)] == ["", "", ""]
    assert (in_float32(1e39), in_float32(1e-46)) == (", overflow in float32", ", 0 in float32")
    assert np.isnan(shown((0.0, math.inf, math.nan, 1e40, 1e-40))).all() and shown((1.0,))[0] == 1


# ---- one layer


def test_the_measured_variance_stands_beside_the_law_with_its_error():
    made = tried(InitializationVariance, "σ = √(2/128)")
    made.run(40)
    run, seen = made.session.run, made.session.run.seen
    numbers = said(made, "variance")[1]
    variance, error, law = numbers[0], numbers[1], numbers[-1]
    assert (variance, error, law) == pytest.approx((seen.variance, seen.error, 1.0), abs=1e-3)
    low, high, middle, line = (arrays(made, "variance")[i, "y"] for i in range(4))
    assert np.allclose(high - low, 2 * np.array(run.trail)[:, 2]) and (line == 1.0).all()
    assert (low < middle).all() and told(made, "sigma") == pytest.approx(0.125, abs=0.003)
    heights = arrays(made, "y")[0, "y"]
    assert heights.sum() == pytest.approx(1) and said(made, "y")[1] == pytest.approx(
        (seen.variance, seen.error), abs=1e-3
    )


def test_one_fixed_w_has_its_own_mean_and_variance():
    made = tried(InitializationVariance, "one fixed w")
    made.run(40)
    run, seen = made.session.run, made.session.run.seen
    w = np.argsort(run.fixed_law)[169]
    text, (number, variance, _) = said(made, "y")
    assert text.startswith("w 170") and variance == pytest.approx(seen.fixed_variance[w], abs=1e-3) and number == 170
    assert arrays(made, "y")[1, "x"][0] == pytest.approx(seen.fixed_mean[w])
    assert told(made, "fixed") == FIXED[1]
    made.controls["which"].value = 1
    assert said(made, "y")[1][1] < 0.55 * run.law
    dots, line = arrays(made, "fixed")[0, "y"], arrays(made, "fixed")[1, "y"]
    assert (np.diff(line) >= 0).all() and np.abs(dots / line - 1).max() < 0.1
    within, between, together = arrays(made, "parts")[0, "x"][:3]
    assert within + between == pytest.approx(together) and within == pytest.approx(seen.within)


def test_another_sigma_counts_anew_and_a_switch_does_not():
    made = InitializationVariance()
    made.run(3)
    made.controls["fixed"].value = True
    assert made.session.run.seen.draws == 768
    made.controls["sigma"].value = 0.2
    assert made.session.run.seen.draws == 256 and said(made, "variance")[1][-1] == pytest.approx(128 * 0.2**2 / 2)


# ---- training


def test_the_training_shows_bands_of_seeds_and_who_has_learned():
    made = InitializationTraining(seeds=3)
    made.run(99)
    assert told(made, "without") is None
    made.run(1)
    assert (told(made, "without"), told(made, "with")) == (WHO[2], WHO[1])
    run = made.session.run
    low, high, middle = (arrays(made, "without")[i, "y"] for i in (3, 4, 5))  # He's
    assert np.allclose([middle, low, high], run.lanes["He"].band())
    assert np.isnan(arrays(made, "without")[8, "y"]).all()  # the large one never had a loss that fits the chart
    text, numbers = said(made, "without")
    assert "lost at round" in text and numbers[1] == pytest.approx(100 * np.median(run.lanes["He"].accuracy), abs=0.51)
    gradients = arrays(made, "gradient")
    assert np.allclose(gradients[5, "y"], np.median(run.lanes["He"].gradients, axis=0)) and gradients[8, "y"].size == 0
    assert len(gradients[2, "x"]) == 12 and (gradients[2, "y"] < gradients[5, "y"] / 30).all()
    assert arrays(made, "with")[9, "y"] == pytest.approx(math.log(10))


def test_the_step_size_moves_all_networks():
    made = InitializationTraining(seeds=1, depth=4)
    made.run(1)
    made.controls["delta"].value = 0.2
    assert made.session.run.delta == pytest.approx(0.2)


# ---- more


def test_the_sweep_says_where_the_size_is_kept():
    made = tried(InitializationSweep, "linear")
    made.run(3)
    run = made.session.run
    assert told(made, "linear") == run.crossing("activations") == pytest.approx(1, abs=0.05)
    assert said(made, "activations")[1][-1] == pytest.approx(run.crossing("activations"), abs=0.01)
    assert np.allclose(arrays(made, "factor")[2, "y"], run.band("activations", a_layer=True)[0])
    made.controls["activation"].value = "relu"
    made.run(2)
    assert said(made, "factor")[1][1:] == pytest.approx((1, 1), abs=0.05)
    made.controls["batchnorm"].value = True
    made.run(2)
    assert said(made, "deltas")[0] == "crosses 1 nowhere" and said(made, "factor")[1][2] == pytest.approx(
        1.21, abs=0.02
    )


def test_saturated_units_are_counted_where_they_are():
    made = tried(InitializationSaturation, "saturated")
    made.run(2)
    x = made.session.run.last.x
    share = 100 * np.mean(1 - x[1] ** 2 < 0.1)
    assert told(made, "flat") == pytest.approx(share) == arrays(made, "flat")[0, "y"][0] and 45 < share < 65
    assert arrays(made, "first")[0, "y"].sum() == pytest.approx(1)
    made.controls["layer"].value = 3
    assert said(made, "chosen")[1] == pytest.approx((3, np.sqrt((x[3] ** 2).mean())), abs=0.01)
    made.controls["activation"].value = "sigmoid"
    assert told(made, "flat") is None and said(made, "first")[1][0] == 1


def test_the_study_shows_what_has_ended_and_answers_when_all_has(monkeypatch):
    made = InitializationStudy(depth=4, rounds=50, seeds=3)
    made.run(8)
    run = made.session.run
    ended, total, lost = said(made, "loss")[1]
    assert (ended, total) == (8, 60) and lost == 0
    assert np.allclose(arrays(made, "loss")[2, "y"], run.band(True)[0], equal_nan=True)
    assert (
        np.isfinite(arrays(made, "learned")[1, "y"][:4]).all() and np.isnan(arrays(made, "learned")[1, "y"][4:]).all()
    )
    assert told(made, "wide") is None
    monkeypatch.setattr(run, "total", 8)
    assert told(made, "wide") is None  # it asked for 12 layers
    made.session.take(None)  # as if all had ended
    spans = [math.sqrt(max(of) / min(of)) if (of := run.learned(norm)) else 1.0 for norm in (False, True)]
    text, numbers = said(made, "learned")
    assert text.startswith("all seeds within a factor of") and numbers == pytest.approx(spans, rel=0.05)


def test_a_study_that_has_ended_says_how_wide_the_window_is(monkeypatch):
    made = InitializationStudy(seeds=3)
    made.run(1)
    run = made.session.run
    monkeypatch.setattr(run, "total", 1)
    for learned, said_then in (((2.0, 2.83), WIDE[0]), ((0.5, 8.0), WIDE[1]), ((0.125, 8.0), WIDE[2])):
        monkeypatch.setattr(run, "learned", lambda norm, learned=learned: list(learned))
        assert told(made, "wide") == said_then
