"""Bands over seeds, and the interval of a mean difference."""

import numpy as np
import pytest

from lab.analysis.spread import mean_interval, spread


def test_a_band_is_median_and_range_and_empty_where_no_seed_has_come():
    band = spread([[3.0, 1.0, 2.0], [5.0], []])
    np.testing.assert_array_equal(band.middle, [2, 5, np.nan])
    np.testing.assert_array_equal(band.low, [1, 5, np.nan])
    np.testing.assert_array_equal(band.high, [3, 5, np.nan])
    assert spread([]).middle.shape == (0,)


@pytest.mark.parametrize(("n", "t"), [(2, 12.7062), (4, 3.1824), (8, 2.3646)])  # Student's t, two-sided 95 % (tables)
def test_an_interval_is_students(n, t):
    values = np.random.default_rng(n).normal(3, 2, n)
    mean, half = mean_interval(values)
    assert mean == pytest.approx(values.mean()) and half == pytest.approx(t * values.std(ddof=1) / np.sqrt(n), rel=1e-4)


def test_it_holds_the_mean_in_95_of_100_cases_and_one_value_has_none():
    rng = np.random.default_rng(0)
    hits = [abs(mean) <= half for mean, half in (mean_interval(rng.normal(0, 1, 5)) for _ in range(2000))]
    assert np.mean(hits) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 2000))
    assert mean_interval([1.0]) is None and mean_interval([]) is None
