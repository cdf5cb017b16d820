"""The boards of the page on dropout: what their charts say is what the run has."""

import numpy as np
import pytest

from tests.widgets.reading import arrays, said, told
from widgets.dropout.aggregation import LOWER, DropoutAggregation
from widgets.dropout.masks import ERRORS, SHARES, DropoutMasks
from widgets.dropout.means import KEPT, DropoutMeans
from widgets.dropout.study import DropoutStudyBoard

BOARDS = (DropoutMasks, DropoutMeans, DropoutAggregation, DropoutStudyBoard)


# ---- masks


def test_the_picture_is_the_input_beside_what_is_kept_divided_by_p():
    made = DropoutMasks(data="digits", keep=0.25, sample=3)
    made.run(2)
    last, z = made.session.run.last, arrays(made, "forward")[0, "z"]
    assert np.allclose(z[:, :8], last.x[2].reshape(8, 8)) and np.isnan(z[:, 8]).all()
    kept = last.mask[2].reshape(8, 8)
    assert np.allclose(z[:, 9:][kept], 4 * last.x[2].reshape(8, 8)[kept]) and (z[:, 9:][~kept] < 0).all()
    assert said(made, "forward")[1] == [kept.sum(), 64, 4]
    assert (arrays(made, "mask")[0, "z"] == last.mask).all()


def test_a_moved_p_changes_the_masks_at_once_and_test_mode_drops_nothing():
    made = DropoutMasks(data="digits", keep=0.5)
    made.run(1)
    before = arrays(made, "mask")[0, "z"]
    made.controls["keep"].value = 0.2
    after = arrays(made, "mask")[0, "z"]
    assert (after <= before).all() and abs(after.mean() - 0.2) < 0.04
    made.controls["mode"].value = "test"
    assert arrays(made, "mask")[0, "z"].all()


def test_the_gradient_is_checked_with_the_right_mask_and_the_wrong_one():
    made = DropoutMasks(data="digits")
    made.run(1)
    text, (off,) = said(made, "backward")
    assert text.startswith("same mask") and off < 1e-6
    made.controls["redraw"].value = True
    text, (off,) = said(made, "backward")
    assert text.startswith("another mask") and off > 0.1
    assert (told(made, "redraw"), told(made, "share")) == (ERRORS[2], SHARES[1])
    made.controls["keep"].value = 0.2
    made.run(1)
    assert told(made, "share") is None  # "about half" is asked, and seen, at p = 0.5


def test_the_wrong_mask_is_seen_before_the_first_pass():
    made = DropoutMasks(data="digits", redraw=True)
    made.run(0)
    assert told(made, "redraw") == ERRORS[2] and said(made, "backward")[0].endswith("of its size")


# ---- means


def test_means_that_are_kept_and_means_that_are_not():
    made = DropoutMeans()
    made.run(40)
    assert told(made, "kept") == KEPT[1]
    mean, error, without = said(made, "z")[1]
    assert abs(mean - without) < 4.5 * error
    mean, error, without = said(made, "relu")[1]
    assert mean - without > 20 * error
    assert 50 <= said(made, "off")[1][1] <= 90  # about 68 %; sums share their masks, so that their share varies
    made.controls["inverted"].value = False
    assert told(made, "plain") == pytest.approx(0.5, abs=0.03)
    made.controls["keep"].value = 0.4
    assert told(made, "plain") is None
    made.controls["keep"].value = 0.5
    assert said(made, "unit")[1][2] == 1


def test_the_unit_is_chosen_by_its_slider():
    made = DropoutMeans(unit=10)
    made.run(1)
    z = made.session.run.seen.z
    assert said(made, "z")[1][2] == pytest.approx(z.without[9], abs=1e-3)
    made.controls["unit"].value = 128
    assert said(made, "z")[1][2] == pytest.approx(z.without.max(), abs=1e-3) or z.without[127] > 0


# ---- aggregation and study


def test_aggregation_says_who_is_better_once_it_has_seen_64():
    made = DropoutAggregation(epochs=10, T=64)
    made.run(63)
    assert told(made, "lower") is None
    made.run(1)
    run = made.session.run
    ratio = run.scores[64][0].loss / run.whole_score.loss
    assert told(made, "lower") == (LOWER[0] if ratio < 0.99 else LOWER[1] if ratio > 1.01 else LOWER[2])
    assert said(made, "loss")[1][0] == 64
    bars = arrays(made, "prediction")
    assert np.allclose(bars[0, "y"], run.mean(64)[0], atol=1e-6) and np.allclose(bars[1, "y"], run.whole[0], atol=1e-6)
    low, high, middle = (arrays(made, "loss")[i, "y"] for i in range(3))
    assert (low <= middle).all() and (middle <= high).all() and len(middle) == 7


@pytest.mark.parametrize("other", [{"keep": 0.5, "epochs": 10}, {"epochs": 0}])
def test_aggregation_judges_only_the_network_that_is_asked_about(other):
    made = DropoutAggregation(**other)
    made.run(64)
    assert made.session.run.scores[64] and told(made, "lower") is None


def test_the_study_shows_bands_and_says_what_hurts():
    made = DropoutStudyBoard(epochs=20)
    made.run(24)  # three seeds
    run = made.session.run
    low, high, middle = (arrays(made, "loss")[i, "y"] for i in range(3))
    spread = run.spread("test_loss")
    for drawn, expected in ((low, spread.low), (high, spread.high), (middle, spread.middle)):
        assert np.allclose(drawn, expected)
    text, _ = said(made, "difference")
    hurts = [f"{keep:g}" for keep in run.keeps[:-1] if run.verdict(keep).word == "hurts"]
    assert hurts and text.split("hurts: p = ")[1] == ", ".join(hurts)
    assert told(made, "best") is None  # only when all seeds have run
