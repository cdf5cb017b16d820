"""Softmax and cross-entropy: stable and not, their gradient, smoothed labels, temperature."""

from lab.analysis.softmax.calibration import Reliability, best_temperature, reliability
from lab.analysis.softmax.descent import LogitDescent, LogitsSeen
from lab.analysis.softmax.precision import PRECISIONS, Limits, limits
from lab.analysis.softmax.smoothing import (
    CONVENTIONS,
    GapSeen,
    SmoothedDescent,
    cross_entropy,
    cross_entropy_grad,
    entropy,
    optimal_gap,
    smoothed,
)
from lab.analysis.softmax.stability import (
    WAYS,
    ScaleSeen,
    ScaleSweep,
    exact,
    failing_scale,
    naive_softmax,
)
from lab.analysis.softmax.temperature import TEMPERATURES, TemperatureSeen, TemperatureStudy
from lab.analysis.softmax.two_classes import TwoClasses, TwoSeen, both

__all__ = [
    "CONVENTIONS", "PRECISIONS", "TEMPERATURES", "WAYS", "GapSeen", "Limits", "LogitDescent", "LogitsSeen",
    "Reliability", "ScaleSeen", "ScaleSweep", "SmoothedDescent", "TemperatureSeen", "TemperatureStudy", "TwoClasses",
    "TwoSeen", "best_temperature", "both", "cross_entropy", "cross_entropy_grad", "entropy", "exact", "failing_scale",
    "limits", "naive_softmax", "optimal_gap", "reliability", "smoothed",
]  # fmt: skip
