"""Least squares with dropout: closed forms, expected loss, and descent on it."""

from lab.analysis.least_squares.descent import OPTIMIZERS, Descent, DescentStep
from lab.analysis.least_squares.monte_carlo import PLACES, ObjectiveMonteCarlo, ObjectiveSeen
from lab.analysis.least_squares.ridge import (
    Objective,
    column_norms,
    dropout_objective,
    dropout_solution,
    effective_data,
    gamma,
    least_squares,
)
from lab.analysis.least_squares.rows import STABLE, MaskRows, equal_shares
from lab.analysis.least_squares.typed import TAKES, typed_samples

__all__ = [
    "OPTIMIZERS",
    "PLACES",
    "STABLE",
    "TAKES",
    "Descent",
    "DescentStep",
    "MaskRows",
    "Objective",
    "ObjectiveMonteCarlo",
    "ObjectiveSeen",
    "column_norms",
    "dropout_objective",
    "dropout_solution",
    "effective_data",
    "equal_shares",
    "gamma",
    "least_squares",
    "typed_samples",
]
