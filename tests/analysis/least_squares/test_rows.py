"""One sample under all its masks: the course's rows and solutions, gradients, bounds, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import rng
from lab.analysis.least_squares import MaskRows, equal_shares
from lab.errors import KeepProbabilityError, NotFiniteError, SettingError, ShapeError
from tests.gradients import central_differences, distance

COURSE = ([10, 1], 11)
keeps = st.floats(0.05, 0.99)
samples = st.lists(st.floats(0.1, 10) | st.floats(-10, -0.1), min_size=1, max_size=4)


def test_the_courses_four_rows_are_equally_likely():
    made = MaskRows(*COURSE, 0.5)
    assert made.rows[0].tolist() == [[20, 2], [0, 2], [20, 0], [0, 0]]
    assert made.probability[0].tolist() == [0.25] * 4
    assert MaskRows(*COURSE, 0.5, inverted=False).rows[0].tolist() == [[10, 1], [0, 1], [10, 0], [0, 0]]


def test_the_courses_solutions():
    """Drop rate 0: the shortest solution. Drop rate 1/2: equal contributions, with a floor of 40.333."""
    made = MaskRows(*COURSE, [1.0, 0.5])
    w = made.solution()
    assert w[0] == pytest.approx([1.08910891, 0.10891089], abs=5e-9)
    assert w[1] == pytest.approx([0.36666667, 3.66666667], abs=5e-9)
    assert 10 * w[1, 0] == pytest.approx(w[1, 1])
    assert made.loss(w) == pytest.approx([0, 40.333], abs=5e-4)


@pytest.mark.parametrize("drop", [0.05, 0.3, 0.65, 0.9])
def test_the_courses_sweep_in_closed_form(drop):
    q = 1 - drop
    expected = [1.1 * q / (1 + q), 11 * q / (1 + q)]
    assert MaskRows(*COURSE, q).solution()[0] == pytest.approx(expected)
    assert equal_shares(*COURSE, q)[0] == pytest.approx(expected)


def test_the_limit_of_no_dropout_is_not_the_solution_without():
    near = MaskRows(*COURSE, 1 - 1e-7).solution()[0]
    assert near == pytest.approx([0.55, 5.5], abs=1e-6)
    assert abs(near - MaskRows(*COURSE, 1.0).solution()[0]).min() > 0.5


@given(samples, st.floats(-20, 20), keeps, st.booleans())
def test_every_term_gives_the_same_share(x, y, keep, inverted):
    w = MaskRows(x, y, keep, inverted).solution()[0]
    assert w == pytest.approx(equal_shares(x, y, keep, inverted)[0], abs=1e-9)
    assert np.ptp(np.array(x) * w) < 1e-8 * (1 + abs(y))


@given(samples, keeps)
def test_plain_weights_times_p_are_inverted_ones(x, keep):
    plain, inverted = (MaskRows(x, 3.0, keep, scaled).solution()[0] for scaled in (False, True))
    assert keep * plain == pytest.approx(inverted)


@pytest.mark.parametrize("inverted", [True, False])
def test_the_gradient_is_that_of_the_loss(inverted):
    made = MaskRows([10, 1, -3], 11, [0.3, 0.5, 1.0], inverted)
    w = np.random.default_rng(0).normal(size=(3, 3))
    weights = made.drawn(rng.words(0, np.arange(16), 3, 0))
    for given_weights in (None, weights):
        numeric = central_differences(lambda w=w, each=given_weights: made.loss(w, each).sum(), w)
        assert distance(made.gradient(w, given_weights), numeric) < 1e-8


def test_the_loss_above_its_least_value_is_a_bowl():
    made, w = MaskRows(*COURSE, [0.5, 1.0]), np.random.default_rng(0).normal(size=(4, 5, 2))
    for which in (0, 1):
        least = made.loss(made.solution())[which]
        direct = [[made.loss(np.tile(each, (2, 1)))[which] - least for each in row] for row in w]
        assert made.above_least(w, which) == pytest.approx(np.array(direct))


def test_no_batch_throws_w_away_below_the_bound_and_the_whole_row_does_above_it():
    made = MaskRows([10, 1, -3], 11, [0.2, 0.7])
    for factor in (0.99, 1.01):
        steps = factor * made.stable()
        worst = [
            np.abs(np.linalg.eigvalsh(np.eye(3) - 2 * step * np.outer(row, row))).max()
            for step, rows in zip(steps, made.rows, strict=True)
            for row in rows
        ]
        assert (max(worst) <= 1 + 1e-12) == (factor < 1)


def test_the_courses_step_size_is_too_long_above_a_drop_rate_of_065():
    stable = MaskRows(*COURSE, [0.35, 0.3]).stable()
    assert stable[0] > 1e-3 > stable[1]


@given(samples, keeps)
def test_curvature_multiplies_every_step(x, keep):
    """An expected step takes the distance to the solution times 1 - delta eigenvalue, for the worst eigenvalue."""
    made = MaskRows(x, 1.0, keep)
    low, high = made.curvature()[0][[0, -1]]
    delta = 0.5 * made.stable()[0]
    w = np.ones((1, len(x)))
    after = w - delta * made.gradient(w)
    before, after = np.linalg.norm(w - made.solution()), np.linalg.norm(after - made.solution())
    shrinks = max(abs(1 - delta * low), abs(1 - delta * high))
    assert low >= -1e-9 and after <= shrinks * before + 1e-9


def test_shares_of_drawn_masks_are_their_probabilities_within_four_standard_errors():
    made, n = MaskRows(*COURSE, [0.2, 0.5, 1.0]), 100_000
    drawn = made.drawn(rng.words(3, np.arange(n), 2, 0))
    error = np.sqrt(made.probability * (1 - made.probability) / n)
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert (np.abs(drawn - made.probability) <= 4 * error).all() and drawn[2].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        (([], 1, 0.5), ShapeError, "Give the 1 to 8 features of one sample"),
        (([[1, 2]], 1, 0.5), ShapeError, r"x has shape \(1, 2\)"),
        (([1] * 9, 1, 0.5), ShapeError, "1 to 8"),
        (([1, np.nan], 1, 0.5), NotFiniteError, "x holds nan"),
        (([1, 2], np.inf, 0.5), NotFiniteError, "y holds inf"),
        (([0, 0], 1, 0.5), SettingError, "x holds only zeros"),
        (("words", 1, 0.5), ShapeError, "numbers are needed"),
        (([[1], [2, 3]], 1, 0.5), ShapeError, "x is no array: its rows have different lengths"),
        (([1, 2], "eleven", 0.5), ShapeError, "y has dtype"),
        (([1, 2], [1, 2], 0.5), ShapeError, r"y has shape \(2,\)"),
        (([1, 2], 1, 0), KeepProbabilityError, "keep = 0 is"),
        (([1, 2], 1, [0.5, 1.5]), KeepProbabilityError, "1.5"),
    ],
)
def test_what_is_not_allowed_is_named(values, error, said):
    with pytest.raises(error, match=said):
        MaskRows(*values)


def test_equal_shares_are_for_solutions_that_are_unique():
    for values in (([1, 0], 1, 0.5), ([1, 2], 1, 1.0)):
        with pytest.raises(SettingError, match="not unique"):
            equal_shares(*values)
