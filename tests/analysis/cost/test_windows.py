"""Small windows: the receptive field of a stack, and the multiplications that 1x1 convolutions save."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.cost import inceptions, stack
from lab.errors import SettingError


@given(n=st.integers(1, 8), size=st.integers(1, 9), channels=st.integers(1, 5))
def test_a_stack_sees_n_f_minus_n_plus_1(n, size, channels):
    made = stack(n, size, channels)
    assert made.sees == n * (size - 1) + 1 == n * size - n + 1
    assert made.stacked == n * size**2 * channels**2 and made.single == made.sees**2 * channels**2
    assert made.fields == tuple(i * (size - 1) + 1 for i in range(n + 1))


def test_three_windows_of_five_see_thirteen():
    assert stack(3, 5).sees == 13
    assert stack(3, 3).sees == 7 and stack(3, 3).single / stack(3, 3).stacked == 49 / 27


def test_the_inception_modules_of_the_course():
    both = inceptions()
    assert both.naive.rows[-1].shape == (32, 32, 672) and both.reduced.rows[-1].shape == (32, 32, 480)
    assert (both.naive.forward, both.reduced.forward) == (1_115_684_864, 354_418_688)
    assert round(both.saving, 3) == 3.148
    assert sum(naive for naive, _ in both.paths.values()) == both.naive.forward
    assert sum(sum(reduced) for _, reduced in both.paths.values()) == both.reduced.forward
    assert both.paths["5x5"] == (32 * 32 * 25 * 256 * 96, (32 * 32 * 256 * 64, 32 * 32 * 25 * 64 * 96))


@given(st.integers(1, 255))
def test_a_wider_reduction_saves_less(reduce):
    assert inceptions(reduce).saving > inceptions(reduce + 1).saving


def test_too_wide_a_reduction_costs_more_than_none():
    assert inceptions(256).saving < 1 < inceptions(200).saving


def test_wrong_numbers_are_refused():
    for wrong in ((0, 3), (3, 0), (101, 3), (3, 1.5), (True, 3)):
        with pytest.raises(SettingError, match="whole number"):
            stack(*wrong)
    with pytest.raises(SettingError, match="reduce = 0"):
        inceptions(0)
    with pytest.raises(SettingError, match="projection"):
        inceptions(64, projection=-1)
