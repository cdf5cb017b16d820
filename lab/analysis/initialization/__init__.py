"""Initialization: how the size of activations and gradients goes through a deep network."""

from lab.analysis.initialization.deep_layer import LayerCache, LayerGradient, layer, layer_grad, rms
from lab.analysis.initialization.deep_mlp import DeepMLP, Learned
from lab.analysis.initialization.draws import DeepPass, Drawn, Draws, deep_pass
from lab.analysis.initialization.laws import Law, fixed_weights_variance, moments, one_layer_variance, wide_network
from lab.analysis.initialization.one_layer import Drawings, OneLayer
from lab.analysis.initialization.scale_race import Lane, RacedRound, ScaleRace
from lab.analysis.initialization.scale_study import ScaleStudy, TrainedRun
from lab.analysis.initialization.scale_sweep import NetSwept, ScaleSweep
from lab.analysis.initialization.through_layers import NetSeen, ThroughLayers, flat_shares

__all__ = [
    "DeepMLP",
    "DeepPass",
    "Drawings",
    "Drawn",
    "Draws",
    "Lane",
    "Law",
    "LayerCache",
    "LayerGradient",
    "Learned",
    "NetSeen",
    "NetSwept",
    "OneLayer",
    "RacedRound",
    "ScaleRace",
    "ScaleStudy",
    "ScaleSweep",
    "ThroughLayers",
    "TrainedRun",
    "deep_pass",
    "flat_shares",
    "fixed_weights_variance",
    "layer",
    "layer_grad",
    "moments",
    "one_layer_variance",
    "rms",
    "wide_network",
]
