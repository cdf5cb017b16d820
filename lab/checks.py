"""Checks at the lab's border: a wrong value is named before any work is done or lost.

Kernels take arrays and numbers on trust; whatever a learner can type passes through here first.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.errors import (
    KeepProbabilityError,
    LabelError,
    NotFiniteError,
    SettingError,
    ShapeError,
    ShardError,
    StepSizeError,
)


def check_keep(keep: Any) -> float:
    """Return `keep` as a float in (0, 1], or raise `KeepProbabilityError`."""
    value = _number(keep)
    if value is None or not 0.0 < value <= 1.0:
        raise KeepProbabilityError(
            f"keep = {keep!r} is not a probability of keeping a unit. "
            "Give a value in (0, 1]; keep = 0.8 drops 20 % of the units, keep = 1 switches dropout off."
        )
    return value


def check_delta(delta: Any) -> float:
    """Return the step size as a float, or raise `StepSizeError` unless it is finite and above 0."""
    value = _number(delta)
    if value is None or not 0.0 < value < math.inf:
        raise StepSizeError(
            f"delta = {delta!r} is not a step size. Give a finite number above 0; 0.1 is a good first try."
        )
    return value


def check_count(name: str, value: Any, low: int = 1, high: int | None = None) -> int:
    """Return a whole number in [low, high], or raise `SettingError` that names it."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        allowed = f"from {low} to {high}" if high is not None else f"of at least {low}"
        raise SettingError(f"{name} = {value!r} is not allowed. Give a whole number {allowed}.")
    return int(value)


def check_choice(name: str, value: Any, choices: Sequence[Any]) -> Any:
    """Return `value` if it is one of `choices`, or raise `SettingError` that lists them."""
    if value not in choices:
        listed = ", ".join(str(choice) for choice in choices)
        raise SettingError(f"{name} = {value!r} is unknown. Choose one of: {listed}.")
    return value


def check_shards(shards: Any, samples: int, batchnorm: bool) -> int:
    """Return K if `samples` can be split into K shards, or raise `ShardError`.

    With batch normalization every shard needs two rows: the variance of one row is zero, so its
    normalized values are all zero and nothing is learned from it.
    """
    if isinstance(shards, bool) or not isinstance(shards, (int, np.integer)) or shards < 1:
        raise ShardError(f"K = {shards!r} is not a number of mini-batches. Give a whole number of at least 1.")
    if shards > samples:
        raise ShardError(
            f"K = {shards} mini-batches cannot be made of the {samples} samples of a round. "
            f"Give K <= {samples}, or a larger batch."
        )
    if batchnorm and samples // shards < 2:
        raise ShardError(
            f"K = {shards} leaves a mini-batch of {samples // shards} row of the {samples} samples of a round, "
            "and batch normalization needs at least 2 rows (one row has no variance). "
            f"Give K <= {max(samples // 2, 1)}, a larger batch, or switch batchnorm off."
        )
    return int(shards)


def as_array(name: str, x: Any) -> np.ndarray:
    """Return `x` as an array of numbers, or raise `ShapeError` for words and for rows of different lengths."""
    try:
        made = np.asarray(x)
    except ValueError as error:
        raise ShapeError(f"{name} is no array: its rows have different lengths. Give all the same length.") from error
    if made.dtype.kind not in "fiub":
        raise ShapeError(
            f"{name} has dtype {made.dtype}, but numbers are needed. Convert it with {name}.astype(np.float32)."
        )
    return made


def check_matrix(name: str, x: Any, columns: int | None = None) -> np.ndarray:
    """Return `x` as an array (N, D) of finite floats, or raise `ShapeError` or `NotFiniteError`."""
    x = as_array(name, x)
    if x.ndim != 2 or len(x) == 0 or (columns is not None and x.shape[1] != columns):
        wanted = f"(N, {columns})" if columns is not None else "(N, D)"
        raise ShapeError(
            f"{name} has shape {x.shape}, but {wanted} with N >= 1 is needed: one row a sample. "
            "Reshape it, for example with x.reshape(len(x), -1)."
        )
    return check_finite(name, x)


def check_finite(name: str, x: np.ndarray) -> np.ndarray:
    """Return `x` if no entry is NaN or infinite, or raise `NotFiniteError` with the first bad place.

    A sum is NaN or infinite whenever an entry is (an overflow of the sum itself is looked at twice),
    and costs no array of booleans.
    """
    if x.dtype.kind != "f" or math.isfinite(float(np.sum(x, dtype=np.float64))):
        return x
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        place = tuple(int(i) for i in bad[0])
        raise NotFiniteError(
            f"{name} holds {x[place]} at {list(place)} ({len(bad)} such entries). "
            "Remove or replace them before training; np.isfinite finds them."
        )
    return x


def check_labels(name: str, y: Any, samples: int, classes: int) -> np.ndarray:
    """Return labels (N,) as int64 in 0 .. classes - 1, or raise `ShapeError` or `LabelError`."""
    y = np.asarray(y)
    if y.shape == (samples, 1):
        y = y[:, 0]
    if y.shape != (samples,):
        raise ShapeError(f"{name} has shape {y.shape}, but ({samples},) is needed: one label a sample.")
    if y.dtype.kind not in "iub" and not (y.dtype.kind == "f" and np.array_equal(y, np.round(y))):
        raise LabelError(f"{name} has dtype {y.dtype}. Labels are whole numbers from 0 to {classes - 1}.")
    bad = (y < 0) | (y >= classes)
    if bad.any():
        first = int(np.argmax(bad))
        raise LabelError(
            f"{name}[{first}] = {y[first]} is not a label. "
            f"Labels are whole numbers from 0 to {classes - 1} ({classes} classes); "
            f"{int(bad.sum())} of {samples} are outside."
        )
    return y.astype(np.int64, copy=False)


def _number(value: Any) -> float | None:
    """The value as a float, or None where it is no number (True and "0.5" are none)."""
    if isinstance(value, (bool, str, bytes)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
