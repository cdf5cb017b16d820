"""The expected loss by Monte-Carlo: equal to the closed form within its standard errors, and these are right."""

from itertools import islice

import numpy as np
import pytest

from lab.analysis.least_squares import PLACES, ObjectiveMonteCarlo, dropout_objective, dropout_solution
from lab.errors import KeepProbabilityError, SettingError, ShapeError

X = np.array([[10, 1, -2], [3, 0.5, 4], [-6, 2, 1]])
Y = np.array([11, 2, -5.0])


def after(blocks, **settings):
    made = ObjectiveMonteCarlo(X, Y, **{"keep": 0.5} | settings)
    for _ in islice(made, blocks):
        pass
    return made


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_the_mean_is_the_closed_form_within_four_standard_errors(keep, inverted):
    made = after(300, keep=keep, inverted=inverted)
    w = PLACES[:, None] * dropout_solution(X, Y, keep, inverted)
    assert made.exact.total == pytest.approx(dropout_objective(X, Y, w, keep, inverted).total)
    assert made.masks == 300 * 64 and len(made.off) == len(PLACES) - 1  # at w = 0 no mask matters
    assert np.abs(made.off).max() < 4


def test_standard_errors_are_neither_too_wide_nor_too_narrow():
    """Over 200 seeds the deviations in standard errors have mean 0 and deviation 1, within four of their own errors."""
    off = np.array([after(20, seed=seed).off[9] for seed in range(200)])
    assert abs(off.mean()) < 4 / np.sqrt(200) and abs(off.std(ddof=1) - 1) < 4 / np.sqrt(2 * 200)


def test_without_the_penalty_it_would_be_seen():
    made = after(300)
    seen = made.seen
    middle = len(PLACES) // 2
    assert (seen.mean - made.exact.fit)[middle] > 50 * seen.standard_error[middle]


def test_at_the_solution_the_closed_form_is_least_and_at_zero_it_is_the_target():
    made = after(1)
    assert np.argmin(made.exact.total) == len(PLACES) // 2 and made.exact.total[0] == pytest.approx(Y @ Y)
    assert made.exact.total[-1] == pytest.approx(made.exact.total[0])  # a parabola along the ray


def test_the_course_narrows_as_one_over_the_root_of_the_masks():
    course = np.array(after(1000).course)
    early, late = course[5], course[-1]
    assert late[2] / early[2] == pytest.approx(np.sqrt(early[0] / late[0]), rel=0.15)
    assert len(course) < 60


def test_other_p_counts_anew_and_a_refused_one_changes_nothing():
    made = after(5)
    with pytest.raises(KeepProbabilityError):
        made.change(keep=0.0)
    assert made.masks == 320 and made.keep == 0.5
    made.change(keep=0.8)
    assert made.masks == 0 and made.course == [] and len(made.off) == 0 and np.isnan(made.seen.mean).all()
    assert made.w == pytest.approx(dropout_solution(X, Y, 0.8))


def test_a_seed_gives_the_same_masks_and_another_seed_others():
    means = [after(3, seed=seed).seen.mean for seed in (1, 1, 2)]
    assert (means[0] == means[1]).all() and (means[0] != means[2]).any()


def test_without_dropout_nothing_varies():
    made = after(2, keep=1.0)
    assert len(made.off) == 0 and made.seen.mean == pytest.approx(made.exact.total)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"keep": 1.5}, KeepProbabilityError, "keep = 1.5"),
        ({"seed": -1}, SettingError, "seed = -1"),
        ({"block": 0}, SettingError, "block = 0"),
    ],
)
def test_what_is_not_allowed_is_named(settings, error, said):
    with pytest.raises(error, match=said):
        after(0, **settings)
    with pytest.raises(ShapeError, match="Give one number a row"):
        ObjectiveMonteCarlo(X, Y[:2], 0.5)
