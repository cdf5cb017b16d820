"""NN4 from the inside: layers and phases with their numbers and sources, gradients checked, health."""

from lab.analysis.nn4.alarms import Alarm
from lab.analysis.nn4.gradient_check import MISTAKES, GradientCheck, ViewChecked
from lab.analysis.nn4.health import Health, HealthWatch, look, step_ratio, weight_scale
from lab.analysis.nn4.layer_view import LayerView, layer_view, parameter_counts
from lab.analysis.nn4.phases import PhaseDone, RoundPhases
from lab.analysis.nn4.sources import Source, source_of

__all__ = [
    "Alarm",
    "GradientCheck",
    "Health",
    "HealthWatch",
    "LayerView",
    "MISTAKES",
    "PhaseDone",
    "RoundPhases",
    "Source",
    "ViewChecked",
    "layer_view",
    "look",
    "parameter_counts",
    "source_of",
    "step_ratio",
    "weight_scale",
]
