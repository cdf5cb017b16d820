"""The number types of this package, where the exponential leaves each of them, and what is checked on the way in."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.checks import as_array, check_choice, check_finite
from lab.errors import LabelError, SettingError, ShapeError

PRECISIONS = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Limits:
    """Of the exponential in one number type.

        exp(x) = inf  for x > overflow  = log(largest number)
        exp(x) = 0    for x < underflow = log(smallest number / 2), because a half of it is rounded to 0

    Attributes:
        overflow, underflow: as above; between them exp(x) is a number above 0.
        normal: log of the smallest number with all its digits; below it exp(x) loses some of them.
    """

    overflow: float
    underflow: float
    normal: float


def limits(dtype: str) -> Limits:
    """Where exp overflows and underflows; from what NumPy knows of the type.

    Raises:
        SettingError: the type is none of `PRECISIONS`.
    """
    info = np.finfo(check_choice("dtype", dtype, PRECISIONS))
    smallest = math.log(float(info.smallest_subnormal)) - math.log(2)  # a half of float64's would itself be 0
    return Limits(math.log(float(info.max)), smallest, math.log(float(info.tiny)))


def check_logits(name: str, logits: object) -> np.ndarray:
    """Return a row of at least two finite numbers as float64, (d,).

    Raises:
        ShapeError: it is no such row. NotFiniteError: it holds NaN or infinity.
    """
    row = as_array(name, logits)
    if row.ndim != 1 or len(row) < 2 or row.dtype.kind == "b":
        raise ShapeError(
            f"{name} has shape {row.shape} and dtype {row.dtype}, but (d,) numbers with d >= 2 are needed: "
            "one for each class."
        )
    return check_finite(name, row.astype(np.float64))


def check_label(label: object, classes: int) -> int:
    """Return the number of a class, 0 .. classes - 1, or raise `LabelError`."""
    whole = isinstance(label, (int, np.integer)) and not isinstance(label, bool)
    if not whole or not 0 <= label < classes:  # type: ignore[operator]
        raise LabelError(
            f"label = {label!r} is none of the {classes} classes. Give a whole number from 0 to {classes - 1}."
        )
    return int(label)  # type: ignore[call-overload]


def check_number(name: str, value: Any) -> float:
    """Return a finite number as a float, or raise `SettingError` that names it."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        raise SettingError(f"{name} = {value!r} is not allowed. Give a finite number.")
    return float(value)
