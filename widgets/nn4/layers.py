"""NN4 as a diagram whose layers open: weights, mask, sums, ReLU and batchnorm with the numbers of a real pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import lab
from lab import palette
from lab.analysis.nn4 import LayerView, layer_view, parameter_counts
from lab.presets import widths
from widgets.charts.arrays_shown import signed, signed_picture, table
from widgets.dashboard import (
    Dashboard,
    Diagram,
    Experiment,
    Heatmap,
    Now,
    Panel,
    Question,
    Words,
    choice,
    keep_slider,
    slider,
    switch,
)
from widgets.nn4_run import load_at_once

SAMPLES = 32
ASKED = (64, 32, 32, 16, 10)  # not those at first: the boxes say what these have
SIZES = {
    "32, 32, 16": (32, 32, 16),
    "64, 32, 16": (64, 32, 16),
    "256, 128, 64": (256, 128, 64),
    "512, 256, 128": (512, 256, 128),
}


@dataclass(frozen=True)
class LayersSpec:
    """What can be moved."""

    layer: int = choice(1, of=(1, 2, 3, 4), label="layer", live=True, about="which layer is open; or press its box")
    keep: float = keep_slider(0.8, low=0.1, live=True, about="probability of keeping an input, in all four layers")
    batchnorm: bool = switch(
        True, label="batchnorm", live=True, about="normalize after every ReLU; gamma and beta learn"
    )
    mode: str = choice(
        "train", of={"training": "train", "test": "test"}, label="mode", live=True,
        about="training: masks and the batch's statistics; test: no masks, running statistics",
    )  # fmt: skip
    delta: float = slider(0.5, low=0.01, high=5.0, log=True, label="step size δ", live=True, about="of Play and Step")
    hidden: tuple[int, ...] = choice((64, 32, 16), of=SIZES, label="hidden widths", about="units of layers 1, 2, 3")
    classes: int = choice(
        10, of={"ten digits: softmax": 10, "even or odd: sigmoid": 2}, label="labels", about="what the last layer says"
    )
    data: str = choice("digits", of={"small digits": "digits", "MNIST if here": "auto"}, label="data", about="inputs")


def _total(now: Now) -> float | None:
    """Of what learns in the network that is asked about, once it is shown."""
    net = now.run.net
    asked = net.batchnorm and net.widths == ASKED
    return float(sum(sum(each.values()) for each in parameter_counts(net).values())) if asked else None


class NN4Layers(Dashboard):
    """The four layers in a row; the one that is pressed stands below, array by array."""

    title, spec, step_name = "NN4, opened", LayersSpec, "round"
    panels = (
        Diagram(
            "net", title="The network: press a layer, or use ← and →", boxes=tuple(f"Layer {i}" for i in range(1, 5)),
            colors=tuple(palette.layer(i) for i in range(1, 5)), field="layer", wide=True,
        ),
        Heatmap("mask", title="Mask", x="input", y="sample", levels=2, names=("dropped", "kept"), height=150),
        signed_picture("W", "Weights W", x="unit", y="input", height=150),
        signed_picture("z", "Sums z", x="unit", y="sample", height=150),
        signed_picture("relu", "ReLU(z)", x="unit", y="sample", height=150),
        signed_picture("y", "Output y", x="unit", y="sample", height=150),
        Words("table", title="Numbers", height=150),
    )  # fmt: skip
    questions = (
        Question(
            "total", "64 inputs, hidden widths 32, 32, 16, ten outputs; no biases, γ and β for every hidden unit. "
            "How many numbers does NN4 learn?", number=(0.0, 1e6), seen=_total, holds=("hidden",),
        ),
    )  # fmt: skip
    experiments = (
        Experiment("a layer of NN4", "The holes of the mask; z has both signs, ReLU(z) one; y has both again.",
                   layer=2, keep=0.8, batchnorm=True, mode="train", classes=10),
        Experiment("while it learns", "z becomes stripes: some units stay below 0 for all digits; blank in ReLU(z).",
                   layer=1, keep=0.95, batchnorm=True, mode="train", delta=0.5, play=True),
        Experiment("test mode", "No holes. y takes running statistics: mean 0 and variance 1 before any round.",
                   layer=2, mode="test"),
        Experiment("even or odd", "The last layer has one column of weights, and a sigmoid: 1 says even.",
                   layer=4, classes=2, mode="train"),
    )  # fmt: skip

    def start(self, spec: LayersSpec, seed: int) -> lab.Run:
        data = load_at_once(spec.data, spec.classes)
        sizes = widths(data.name, data.train_x.shape[1], data.classes, spec.hidden)
        net = lab.NN4(sizes, spec.keep, spec.batchnorm, seed=seed, backend="reference")
        return lab.train(net, data, delta=spec.delta, K=1, batch=128, epochs=1000)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("keep", "batchnorm", "delta"):
            run.change(**{name: value})

    @staticmethod
    def frame(event: Any, now: Now) -> Mapping[str, Panel]:
        """The open layer in a pass of the first samples, with what the controls say."""
        spec, net = now.spec, now.run.net
        made: list[LayerView] = []

        def view() -> LayerView:
            if not made:  # one pass for all charts of a frame that is sent
                x = now.run.data.train_x[:SAMPLES]
                made.append(layer_view(net, x, spec.layer, spec.mode, spec.keep, spec.batchnorm))
            return made[0]

        i = spec.layer
        return {
            "net": Panel(lambda: _diagram(net, spec)),
            "mask": Panel(lambda: _mask(view())),
            "W": Panel(lambda: signed(f"W{i}", view().W)),
            "z": Panel(lambda: signed(f"z{i}", view().z)),
            "relu": Panel(lambda: signed(f"relu{i}", view().relu)),
            "y": Panel(lambda: signed(f"y{i}", view().y)),
            "table": Panel(lambda: Panel(table(view().arrays), f"layer {i}, {SAMPLES} samples")),
        }


def _diagram(net: lab.NN4, spec: LayersSpec) -> Panel:
    counts, texts = parameter_counts(net), []
    for i, (d_in, d_out) in enumerate(pairwise(net.widths), start=1):
        after = ("sigmoid" if net.outputs == 1 else "softmax") if i == net.depth else "ReLU"
        after += " → batchnorm" if spec.batchnorm and i < net.depth else ""
        texts.append(f"{d_in} → {d_out}\ndropout → W → {after}\n{sum(counts[i].values()):,} parameters")
    total = sum(sum(each.values()) for each in counts.values())
    return Panel((spec.layer - 1, texts), f"{total:,} parameters")


def _mask(view: LayerView) -> Panel:
    kept = view.mask > 0
    scale = f"{1 / kept.mean() if kept.all() else view.mask.max():.3g}"
    return Panel(kept[:, :64], f"mask{view.layer}: kept {kept.mean():.1%}, times {scale}")
