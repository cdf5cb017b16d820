"""Where the exponential ends in each precision: seen in NumPy itself, one number to either side."""

import numpy as np
import pytest

from lab.analysis.softmax import PRECISIONS, limits
from lab.errors import SettingError


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_exp_is_finite_and_above_0_between_its_limits_and_nowhere_else(dtype):
    ends, type_ = limits(dtype), np.dtype(dtype).type
    away = 4 * float(np.finfo(dtype).eps)  # the limit itself is rounded to the type
    places = [end * (1 + side) for end in (ends.overflow, ends.underflow) for side in (-away, away)]
    with np.errstate(all="ignore"):
        below, above, small, nothing = np.exp(np.array(places, type_))
    assert np.isfinite(below) and np.isposinf(above)
    assert small > 0 and nothing == 0
    assert ends.underflow < ends.normal < 0 < ends.overflow


def test_the_limits_of_the_course():
    """11.09, 88.72 and 709.78: log of the largest number of each type."""
    assert [round(limits(dtype).overflow, 2) for dtype in PRECISIONS] == [11.09, 88.72, 709.78]


def test_another_type_is_refused():
    with pytest.raises(SettingError, match=r"dtype = 'int8' is unknown. Choose one of: float16, float32, float64"):
        limits("int8")
