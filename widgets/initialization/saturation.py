"""Where the activations of a layer lie: tanh and sigmoid at their flat ends, and what it costs the gradient."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.initialization import NetSeen, ThroughLayers, flat_shares
from widgets.dashboard import (
    Curves,
    Dashboard,
    Experiment,
    Histogram,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    slider,
    switch,
)
from widgets.initialization.sizes import NAMES, banded, deviation, sized

DEPTH = 16
EDGES = np.linspace(-1, 1, 41)


@dataclass(frozen=True)
class SaturationSpec:
    """What can be moved; all but the layer begins with the first network again."""

    scale: float = slider(
        10.0, low=0.01, high=100.0, log=True, label="scale d·σ²", live=True, says=deviation,
        about="variance of a weight times the width: σ is the standard deviation",
    )  # fmt: skip
    activation: str = choice(
        "tanh", of={name: NAMES[name] for name in ("tanh", "sigmoid")}, label="activation", live=True,
        about="behind every layer",
    )  # fmt: skip
    batchnorm: bool = switch(
        False, label="batchnorm", live=True, about="in every layer, after the linear map and before the activation"
    )
    layer: int = slider(DEPTH, low=1, high=DEPTH, label="layer", live=True, about="whose histogram stands at the right")


def _flat(now: Now) -> float | None:
    run = now.run
    if run.last is None or (run.scale, run.activation, run.batchnorm) != (10.0, "tanh", False):
        return None
    return 100 * float(flat_shares(run.last, "tanh")[0])


def _histogram(name: str, title: str, color: str) -> Histogram:
    return Histogram(
        name, title=title, x="activation", y="share of units", x_range=(-1, 1), y_range=(0, 0.3),
        traces=(Trace("64 inputs, all units", color),),
    )  # fmt: skip


class InitializationSaturation(Dashboard):
    """One network after the other; the activations of the last one."""

    title, spec, step_name = "Saturation", SaturationSpec, "network"
    panels = (
        _histogram("first", "Layer 1", palette.SEEN),
        _histogram("chosen", "Chosen layer", palette.SEEN),
        Curves("flat", title="In the flat part", x="layer", y="% of units", x_range=(0, DEPTH + 1),
               y_range=(0, 100), traces=(Trace("slope below a tenth", palette.part(2), "solid", markers=True),)),
        sized("deltas", "Deltas: gradient by the pre-activations", palette.GRADIENT, DEPTH + 1),
    )  # fmt: skip
    questions = (
        Question(
            "flat", "tanh, σ = √(10/d). Which share of layer 1 is in the flat part, with a slope below a tenth?",
            number=(0.0, 100.0), unit="%", seen=_flat,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("saturated", "Two heaps at ±1: half of the slopes are nearly 0. Does the gradient vanish?",
                   scale=10.0, activation="tanh", batchnorm=False, layer=DEPTH, play=True),
        Experiment("Xavier: √(1/d)", "Nearly linear: the heap is in the middle, and it narrows from layer to layer.",
                   scale=1.0, activation="tanh", batchnorm=False, layer=DEPTH, play=True),
        Experiment("sigmoid", "All units say one half: nothing is saturated, and little is said.",
                   scale=1.0, activation="sigmoid", batchnorm=False, layer=DEPTH, play=True),
        Experiment("batchnorm", "Every layer has the same histogram, at any scale.",
                   scale=10.0, activation="tanh", batchnorm=True, layer=DEPTH, play=True),
    )  # fmt: skip

    def start(self, spec: SaturationSpec, seed: int) -> ThroughLayers:
        return ThroughLayers(seed, depth=DEPTH, scale=spec.scale, activation=spec.activation, batchnorm=spec.batchnorm)

    def change(self, run: ThroughLayers, name: str, value: object) -> None:
        if name != "layer":
            run.change(**{name: value})
            run.look()  # there is something to be seen at once

    @staticmethod
    def frame(event: NetSeen | None, now: Now) -> Mapping[str, Panel]:
        """Histograms of the last network, deltas of all."""
        run = now.run
        return {
            "first": Panel(lambda: _counted(run, 1)),
            "chosen": Panel(lambda: _counted(run, now.spec.layer)),
            "flat": Panel(lambda: _flat_ones(run)),
            "deltas": Panel(lambda: banded(run.band("deltas"), run.law.deltas if run.law else None, 1, 0, run.seen)),
        }


def _counted(run: ThroughLayers, layer: int) -> Panel:
    if run.last is None:
        return Panel((EDGES, np.zeros(len(EDGES) - 1)), "press Play")
    x = run.last.x[layer]
    return Panel((EDGES, np.histogram(x, EDGES)[0] / x.size), f"layer {layer}: RMS {run.last.sizes[layer]:.2f}")


def _flat_ones(run: ThroughLayers) -> Panel:
    layers = np.arange(1, run.depth + 1)
    if run.last is None:
        return Panel((layers, None), "press Play")
    shares = 100 * flat_shares(run.last, run.activation)
    return Panel((layers, shares), f"layer 1: {shares[0]:.0f} %, layer {run.depth}: {shares[-1]:.0f} %")
