"""Sizes through the layers: activations, deltas and weight gradients of network after network, beside the law."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.initialization import NetSeen, ThroughLayers
from widgets.dashboard import Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider, switch
from widgets.initialization.sizes import LAW, NAMES, banded, deviation, in_words, shown, sized

SHRUNK = ("as large as that of the inputs", "about a sixth: √32 times smaller", "more than ten thousand times smaller")
GROWN = ("they keep their size, as the activations do", "they grow to about twice", "they grow more than a hundredfold")


@dataclass(frozen=True)
class LayersSpec:
    """What can be moved; live ones begin with the first network again."""

    scale: float = slider(
        2.0, low=0.01, high=100.0, log=True, label="scale d·σ²", live=True, says=deviation,
        about="variance of a weight times the width: σ is the standard deviation",
    )  # fmt: skip
    activation: str = choice("relu", of=NAMES, label="activation", live=True, about="behind every layer")
    batchnorm: bool = switch(
        False, label="batchnorm", live=True, about="in every layer, after the linear map and before the activation"
    )
    weights: str = choice(
        "normal", of=("normal", "uniform", "zeros"), label="weights", live=True, about="how they are drawn"
    )
    depth: int = choice(32, of=(8, 16, 32, 64), label="depth", about="number of layers")
    width: int = choice(128, of=(32, 64, 128, 256), label="width d", about="units of every layer")


def _at(now: Now, scale: float, batchnorm: bool) -> bool:
    """Whether the run is what a question asks for."""
    run = now.run
    asked = (run.scale, run.batchnorm, run.activation, run.weights) == (scale, batchnorm, "relu", "normal")
    return asked and run.depth == 32 and run.seen > 0


def _shrunk(now: Now) -> str | None:
    if not _at(now, 1.0, False):
        return None
    ratio = now.run.band("sizes")[0][-1]
    return SHRUNK[2] if ratio < 1e-4 else SHRUNK[1] if ratio < 0.5 else SHRUNK[0]


def _grown(now: Now) -> str | None:
    if not _at(now, 2.0, True):
        return None
    deltas = now.run.band("deltas")[0]
    ratio = deltas[0] / deltas[-1]
    return GROWN[2] if ratio > 100 else GROWN[1] if ratio > 1.5 else GROWN[0]


class InitializationLayers(Dashboard):
    """One network after the other, forward and backward; nothing is learned."""

    title, spec, step_name = "Sizes through the layers", LayersSpec, "network"
    panels = (
        sized("sizes", "Activations", palette.SEEN),
        sized("deltas", "Deltas: gradient by the pre-activations", palette.GRADIENT),
        sized("gradients", "Gradient by the weights", palette.GRADIENT, law=False),
        Curves("nets", title="Last layer, network by network", x="network", y="root mean square", log=True,
               x_range=(0, 30), y_range=(0.1, 10), traces=(Trace("activations", palette.SEEN, width=0), LAW)),
    )  # fmt: skip
    questions = (
        Question(
            "shrunk", "ReLU, 32 layers, σ = √(1/d), as Xavier draws. How large are the activations of the last layer?",
            choices=SHRUNK, seen=_shrunk,
        ),
        Question(
            "grown", "ReLU, σ = √(2/d), and now batchnorm in every layer. Gradients on their way back from layer 32:",
            choices=GROWN, holds=("batchnorm",), seen=_grown,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("Xavier: √(1/d)", "Half of the variance goes at every ReLU. Read the numbers at the axis.",
                   scale=1.0, activation="relu", batchnorm=False, weights="normal", play=True),
        Experiment("He: √(2/d)", "Flat, but see how wide the band grows: the law is true on the mean.",
                   scale=2.0, activation="relu", batchnorm=False, weights="normal", play=True),
        Experiment("too large", "σ is 2.24 times He's: so much larger at every layer, in both directions.",
                   scale=10.0, activation="relu", batchnorm=False, weights="normal", play=True),
        Experiment("batchnorm", "The activations are flat at any scale. The deltas, from right to left, are not.",
                   scale=2.0, activation="relu", batchnorm=True, weights="normal", play=True),
        Experiment("zeros", "Nothing comes through. Of the gradients, which one is left? Try sigmoid.",
                   scale=2.0, activation="relu", batchnorm=False, weights="zeros", play=True),
        Experiment("sigmoid", "The activations look healthy; a slope of at most ¼ makes nothing of the gradient.",
                   scale=1.0, activation="sigmoid", batchnorm=False, weights="normal", play=True),
        Experiment("tanh", "√(1/d) is the best for tanh, and even so both sizes sink slowly.",
                   scale=1.0, activation="tanh", batchnorm=False, weights="normal", play=True),
    )  # fmt: skip

    def start(self, spec: LayersSpec, seed: int) -> ThroughLayers:
        return ThroughLayers(
            seed, depth=spec.depth, width=spec.width, scale=spec.scale, activation=spec.activation,
            batchnorm=spec.batchnorm, weights=spec.weights,
        )  # fmt: skip

    def change(self, run: ThroughLayers, name: str, value: object) -> None:
        run.change(**{name: value})
        run.look()  # there is something to be seen at once

    @staticmethod
    def frame(event: NetSeen | None, now: Now) -> Mapping[str, Panel]:
        """Bands over all networks so far."""
        run = now.run
        return {
            "sizes": Panel(lambda: _sizes(run)),
            "deltas": Panel(lambda: banded(run.band("deltas"), run.law.deltas if run.law else None, 1, 0, run.seen)),
            "gradients": Panel(lambda: _gradients(run)),
            "nets": Panel(lambda: _nets(run)),
        }


def _sizes(run: ThroughLayers) -> Panel:
    return banded(run.band("sizes"), run.law.activations if run.law else None, 0, -1, run.seen)


def _gradients(run: ThroughLayers) -> Panel:
    panel = banded(run.band("gradients"), None, 1, 0, run.seen)
    return Panel(panel.arrays[:2], panel.text)


def _nets(run: ThroughLayers) -> Panel:
    if not run.seen:
        return Panel((np.zeros(0), None, None), "press Play")
    last = run.all("sizes")[:, -1]
    law = shown(np.full(len(last), run.law.activations[-1])) if run.law else None
    words = f"this one: {in_words(last[-1])}"
    return Panel((np.arange(1, len(last) + 1), shown(last), law), words)
