"""Calibration: how sure and how often right, and the temperature that was put in is found again."""

import numpy as np
import pytest

from lab.analysis.softmax import best_temperature, reliability
from lab.errors import LabelError, NotFiniteError, SettingError, ShapeError
from lab.layers import softmax


def test_the_temperature_of_logits_that_were_multiplied_is_found_again():
    """Labels drawn from softmax(z): then T = 1 is right, and for 3 z it is T = 3; within the error of 20,000 draws."""
    rng = np.random.default_rng(0)
    z = 2 * rng.normal(size=(20000, 4))
    labels = (softmax(z)[0].cumsum(axis=1) < rng.random((20000, 1))).sum(axis=1)
    found = best_temperature(z, labels)
    assert found == pytest.approx(1, abs=0.03) and best_temperature(3 * z, labels) == pytest.approx(3 * found, rel=1e-9)
    assert reliability(softmax(z)[0], labels).error < 0.015 < reliability(softmax(3 * z)[0], labels).error


def test_where_all_is_right_or_all_is_wrong_an_end_is_the_best():
    z = np.array([[2.0, 0.0], [0.0, 2.0]])
    assert best_temperature(z, np.array([0, 1])) == pytest.approx(0.05)
    assert best_temperature(z, np.array([1, 0])) == pytest.approx(20)


def test_reliability_is_what_it_says():
    p = np.array([[0.95, 0.05], [0.93, 0.07], [0.4, 0.6], [1.0, 0.0]])
    seen = reliability(p, np.array([0, 1, 1, 0]))
    assert seen.count.tolist() == [0] * 6 + [1, 0, 0, 3]
    assert seen.confidence[9] == pytest.approx(0.96) and seen.accuracy[9] == pytest.approx(2 / 3)
    assert seen.error == pytest.approx((0.4 + 3 * (0.96 - 2 / 3)) / 4) and np.isnan(seen.accuracy[0])


def test_the_interval_of_a_share_covers_it_in_95_of_100_samples():
    """Of 60 draws with probability 0.9: covered within four standard errors of 4,000 repetitions."""
    rng, covered, repetitions = np.random.default_rng(1), 0, 4000
    for _ in range(repetitions):
        right = rng.random(60) < 0.9
        p = np.full((60, 2), (0.85, 0.15))
        low, high = reliability(p, np.where(right, 0, 1)).interval[:, 8]
        covered += low <= 0.9 <= high
    assert abs(covered / repetitions - 0.95) < 0.02
    assert np.isnan(reliability(p, np.where(right, 0, 1)).interval[:, 0]).all()


def test_bad_input_is_named():
    with pytest.raises(SettingError, match="0 < low < high"):
        best_temperature(np.zeros((2, 2)), np.array([0, 1]), low=2, high=1)
    with pytest.raises(ShapeError):
        best_temperature(np.zeros((2, 2)), np.array([0]))
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        reliability(np.zeros((2, 2)), np.array([0, 1, 1]))
    with pytest.raises(LabelError, match="from 0 to 1"):
        best_temperature(np.zeros((2, 2)), np.array([0, 7]))
    with pytest.raises(NotFiniteError, match="probabilities holds nan"):
        reliability(np.full((2, 2), np.nan), np.array([0, 1]))
