"""Dropout is ridge: the expectation over all masks written out, solutions, norms of columns, and what is refused."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lab.analysis.least_squares import (
    MaskRows,
    column_norms,
    dropout_objective,
    dropout_solution,
    effective_data,
    gamma,
    least_squares,
)
from lab.errors import KeepProbabilityError, NotFiniteError, SettingError, ShapeError
from tests.gradients import central_differences

numbers = st.floats(0.1, 5) | st.floats(-5, -0.1)
keeps = st.floats(0.05, 0.95)
matrices = arrays.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 3)), elements=numbers)


def over_all_masks(X, y, w, keep, inverted):
    """E ||y - (R*X) w||^2 written out: the sum over every one of the 2^(ND) masks."""
    total = 0.0
    for kept in itertools.product((0, 1), repeat=X.size):
        R = np.array(kept).reshape(X.shape)
        chance = keep ** R.sum() * (1 - keep) ** (R.size - R.sum())
        total += chance * ((y - (R * X) @ w / (keep if inverted else 1)) ** 2).sum()
    return total


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_the_expected_loss_is_fit_and_penalty(keep, inverted):
    draw = np.random.default_rng(1)
    X, y, w = draw.normal(size=(3, 3)), draw.normal(size=3), draw.normal(size=3)
    found = dropout_objective(X, y, w, keep, inverted)
    assert found.total[0] == pytest.approx(over_all_masks(X, y, w, keep, inverted), rel=1e-12)
    G = np.diag(column_norms(X))
    fit = y - X @ w if inverted else y - keep * X @ w
    factor = (1 - keep) / keep if inverted else keep * (1 - keep)
    assert found.fit[0] == pytest.approx(fit @ fit)
    assert found.penalty[0] == pytest.approx(factor * ((G @ w) ** 2).sum())


def test_of_the_courses_sample_it_is_what_the_four_rows_say():
    for inverted in (True, False):
        rows = MaskRows([10, 1], 11, 0.5, inverted)
        w = dropout_solution([[10, 1]], [11], 0.5, inverted)
        assert w == pytest.approx(rows.solution()[0])
        assert dropout_objective([[10, 1]], [11], w, 0.5, inverted).total == pytest.approx(rows.loss(w[None]))


@settings(max_examples=40)
@given(matrices, keeps, st.booleans(), st.integers(0, 99))
def test_the_solution_is_where_the_gradient_vanishes(X, keep, inverted, seed):
    y = np.random.default_rng(seed).normal(size=len(X))
    w = dropout_solution(X, y, keep, inverted)
    slope = central_differences(lambda: dropout_objective(X, y, w, keep, inverted).total[0], w, h=1e-4)
    # rounding of the loss, over the width of the difference
    assert np.abs(slope).max() < 1e-6 * (1 + y @ y) + 1e-9 * np.abs(w).max() * (X**2).sum()


@given(matrices, keeps)
def test_rescaled_by_p_the_plain_solution_is_ridge(X, keep):
    y = np.arange(1.0, len(X) + 1)
    ridge = np.linalg.solve(X.T @ X + np.diag(gamma(X, keep) ** 2), X.T @ y)
    assert keep * dropout_solution(X, y, keep, inverted=False) == pytest.approx(ridge, rel=1e-6, abs=1e-9)
    assert dropout_solution(X, y, keep) == pytest.approx(ridge, rel=1e-6, abs=1e-9)


@given(matrices, keeps)
def test_all_columns_of_the_effective_data_have_one_norm(X, keep):
    assert column_norms(effective_data(X, keep)) == pytest.approx(np.sqrt(keep / (1 - keep)))


@given(matrices, keeps)
def test_with_the_effective_data_it_is_classical_ridge(X, keep):
    """v = Gamma w minimizes ||y - X~ v||^2 + ||v||^2."""
    y, made = np.arange(1.0, len(X) + 1), effective_data(X, keep)
    v = np.linalg.solve(made.T @ made + np.eye(X.shape[1]), made.T @ y)
    assert v / gamma(X, keep) == pytest.approx(dropout_solution(X, y, keep), rel=1e-6, abs=1e-9)


def test_units_of_a_column_do_not_matter_to_dropout():
    """A feature in other units has a weight in other units, and the prediction stays: as after batchnorm."""
    draw = np.random.default_rng(2)
    X, y, units = draw.normal(size=(5, 3)), draw.normal(size=5), np.array([1e3, 1, 1e-3])
    w, rescaled = dropout_solution(X, y, 0.5), dropout_solution(X * units, y, 0.5)
    assert rescaled * units == pytest.approx(w)


def test_no_dropout_is_least_squares():
    X, y = np.random.default_rng(3).normal(size=(2, 4, 3)).sum(0), np.arange(4.0)
    assert dropout_solution(X, y, 1.0) == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0])
    assert least_squares([[10, 1]], [11]) == pytest.approx([1.08910891, 0.10891089], abs=5e-9)
    assert gamma(X, 1.0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: least_squares([1, 2], [1, 2]), ShapeError, r"X has shape \(2,\)"),
        (lambda: least_squares([[1, 2]], [1, 2]), ShapeError, r"y has shape \(2,\), but X has 1 rows"),
        (lambda: least_squares([[1, np.nan]], [1]), NotFiniteError, "X holds nan"),
        (lambda: dropout_solution([[1.0]], [np.inf], 0.5), NotFiniteError, "y holds inf"),
        (lambda: dropout_solution([[1.0]], [1], 0), KeepProbabilityError, "keep = 0"),
        (lambda: dropout_objective([[1, 2]], [1], [1, 2, 3], 0.5), ShapeError, r"Give \(T, 2\)"),
        (lambda: effective_data([[1, 2]], 1.0), KeepProbabilityError, "keep = 1 drops nothing"),
        (lambda: effective_data([[1, 0], [1, 0]], 0.5), SettingError, "column 2 of X holds only zeros"),
        (lambda: column_norms([["a"]]), ShapeError, "numbers are needed"),
    ],
)
def test_what_is_not_allowed_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call()
