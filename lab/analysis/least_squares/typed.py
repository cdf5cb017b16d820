"""Data for least squares that a learner types: a sample a line, as an equation."""

import math

import numpy as np

from lab.errors import NotFiniteError, SettingError, ShapeError

MOST = 64  # numbers, X and y together
LARGEST = 1e6  # in magnitude: squares of it are still drawn in single precision
TAKES = f"a sample a line, 10 1 = 11: inputs, =, target; at most {MOST} numbers"
HOW = "Write a sample as 'x1 x2 ... = y', one a line, for example 10 1 = 11."


def typed_samples(text: str) -> tuple[np.ndarray, np.ndarray]:
    """X (N, D) and y (N,) of a text such as "10 1 = 11"; lines or semicolons between samples, commas are spaces.

    Raises:
        ShapeError: nothing is there, lines are not of one length, an equals sign or a number is missing.
        NotFiniteError: a number is NaN or infinite. SettingError: too many or too large numbers, no number, a column or
            all targets of zeros.
    """
    lines = [line for line in text.replace(";", "\n").splitlines() if line.strip()]
    if not lines:
        raise ShapeError(f"there is nothing. {HOW}")
    samples = [_sample(number, line) for number, line in enumerate(lines, start=1)]
    width = len(samples[0])
    for number, sample in enumerate(samples, start=1):
        if len(sample) != width:
            raise ShapeError(
                f"line {number} has {len(sample)} numbers, and line 1 has {width}. Give all lines the same number."
            )
    if len(samples) * width > MOST:
        raise SettingError(
            f"{len(samples)} lines of {width} numbers are {len(samples) * width}, and at most {MOST} are allowed. "
            "Leave lines or columns out."
        )
    table = np.array(samples)
    X, y = table[:, :-1], table[:, -1]
    if not X.any(axis=0).all():
        column = int(np.argmin(X.any(axis=0))) + 1
        raise SettingError(f"input {column} is 0 in every line, and has no weight to be found. Leave it out.")
    if not y.any():
        raise SettingError("every target is 0, which w = 0 solves. Give one that is not 0.")
    return X, y


def _sample(number: int, line: str) -> list[float]:
    """Inputs and target of a line."""
    inputs, equals, target = line.partition("=")
    values = [_number(number, word) for side in (inputs, target) for word in side.replace(",", " ").split()]
    if not equals or len(target.replace(",", " ").split()) != 1 or len(values) < 2:
        raise ShapeError(f"line {number}, {_short(line)}, is no sample. {HOW}")
    return values


def _number(number: int, word: str) -> float:
    try:
        value = float(word.replace("_", "?"))  # Python would take 1_0 for ten
    except ValueError:
        raise SettingError(
            f"{_short(word)} in line {number} is no number. "
            "Write numbers such as 10, -0.5 or 1e-3, with spaces between."
        ) from None
    if not math.isfinite(value):
        raise NotFiniteError(
            f"{_short(word)} in line {number} is not a finite number. Give one, or leave the line out."
        )
    if abs(value) > LARGEST:
        raise SettingError(
            f"{_short(word)} in line {number} is too large. Give numbers from -{LARGEST:g} to {LARGEST:g}."
        )
    return value


def _short(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 24 else text[:21] + "...")
