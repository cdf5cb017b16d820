"""One round of NN4, an operation at a time: what it computed, its equation, and the lines that did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import lab
from lab import palette
from lab.analysis.nn4 import PhaseDone, RoundPhases
from lab.presets import widths
from widgets.charts.arrays_shown import NOTHING, signed, signed_picture, table
from widgets.dashboard import (
    Dashboard,
    Diagram,
    Experiment,
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
HIDDEN = (64, 32, 16)
ORDERS = ("dropout, linear, relu, batchnorm", "batchnorm, relu, linear, dropout", "linear, dropout, relu, batchnorm")
WHEN = ("layer by layer, on the way back", "once, when the whole gradient is there", "after every mini-batch")
BOXES = ("x", "Layer 1", "Layer 2", "Layer 3", "Layer 4", "Loss", "Update")


@dataclass(frozen=True)
class PhasesSpec:
    """What can be moved."""

    layer: int = choice(1, of=(1, 2, 3, 4), label="weights of layer", live=True, about="drawn in the update's phases")
    keep: float = keep_slider(0.8, low=0.1, live=True, about="probability of keeping an input, from the next round on")
    delta: float = slider(0.5, low=0.01, high=5.0, log=True, label="step size δ", live=True, about="of the update")
    K: int = slider(1, low=1, high=4, label="mini-batches K", live=True, about="of a round, from the next one on")
    batchnorm: bool = switch(True, label="batchnorm", about="whether hidden layers are normalized")
    classes: int = choice(
        10, of={"ten digits: softmax": 10, "even or odd: sigmoid": 2}, label="labels", about="what the last layer says"
    )


def _order(now: Now) -> str | None:
    """In which the operations of layer 2 ran on the way back."""
    phases = now.run.last_round or now.run.done
    back = [each.operation for each in phases if each.shard == 0 and each.stage == "backward" and each.layer == 2]
    return next((order for order in ORDERS if order == ", ".join(back)), None)


def _when(now: Now) -> str | None:
    """From the phases after which a weight was another, and how many of them whole rounds had."""
    stages = now.run.changed_weights
    if not stages:
        return None
    begun = now.run.last.round + 1
    return WHEN[1] if len(stages) in (begun - 1, begun) and set(stages) == {"update"} else WHEN[0]


class NN4Phases(Dashboard):
    """Step goes through one round: forward, loss, backward, update."""

    title, spec, step_name = "One round, phase by phase", PhasesSpec, "phase"
    speed = "slow"
    panels = (
        Diagram(
            "where", title="Where the round is", boxes=BOXES, wide=True,
            colors=(palette.NEUTRAL, *map(palette.layer, range(1, 5)), palette.TRAIN_OPTIMIZED, palette.NEUTRAL),
        ),
        Words("source", title="The lines that did it", height=200, wide=True),
        signed_picture("first", "What it computed", x="column", y="row", height=170),
        signed_picture("second", "And beside it", x="column", y="row", height=170),
        Words("arrays", title="All arrays that changed", height=190, wide=True),
    )  # fmt: skip
    questions = (
        Question("order", "Forward, a hidden layer does dropout, linear, relu, batchnorm. And backward?",
                 choices=ORDERS, seen=_order),
        Question("when", "When do the weights change?", choices=WHEN, seen=_when),
    )  # fmt: skip
    experiments = (
        Experiment("one round", "Press Step (s or →) and read the equation, the lines, the pictures. It ends with W.",
                   K=1, keep=0.8, batchnorm=True, classes=10),
        Experiment("without batchnorm", "Seven phases less: y is relu, and dz is dy where z was above 0.",
                   K=1, batchnorm=False),
        Experiment("two mini-batches", "Both go forward and backward at the same W; then the mean, then one step.",
                   K=2, batchnorm=True, play=True),
        Experiment("no dropout", "keep p = 1: the mask is 1 everywhere, and nothing is drawn.", keep=1.0, K=1),
    )  # fmt: skip

    def start(self, spec: PhasesSpec, seed: int) -> RoundPhases:
        data = load_at_once("digits", spec.classes)
        sizes = widths(data.name, data.train_x.shape[1], data.classes, HIDDEN)
        net = lab.NN4(sizes, spec.keep, spec.batchnorm, seed=seed, dtype="float64", backend="reference")
        return RoundPhases(net, data.train_x, data.train_y, spec.delta, spec.K, batch=SAMPLES)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("delta", "keep", "K"):
            run.change(**{name: value})

    @staticmethod
    def frame(event: PhaseDone | None, now: Now) -> Mapping[str, Panel]:
        """The last phase."""
        phase = event or now.run.last
        if phase is None:
            return {"where": Panel((0, _boxes(now)), f"{SAMPLES} samples; press Step")}
        pictures = [signed(name, array) for name, array in _drawn(phase, now.spec.layer)][:2] + [NOTHING] * 2
        return {
            "where": Panel(lambda: _where(phase, now)),
            "first": pictures[0],
            "second": pictures[1],
            "source": Panel(lambda: _source(phase)),
            "arrays": Panel(lambda: Panel(table(phase.arrays), "" if phase.shard is None else _batch(phase))),
        }


def _boxes(now: Now) -> list[str]:
    return ["digits", *(f"{a} → {b}" for a, b in pairwise(now.run.net.widths)), "", "W ← W - δg"]


def _batch(phase: PhaseDone) -> str:
    return f"mini-batch {phase.shard + 1}" if phase.shard is not None else ""


def _drawn(phase: PhaseDone, layer: int) -> list[tuple[str, Any]]:
    """Matrices first; of an update, those of the chosen layer."""
    named = [(name, array) for name, array in phase.arrays.items()]
    if phase.stage == "update":
        named = [each for each in named if each[0].endswith(str(layer))] or named
    return sorted(named, key=lambda each: each[1].ndim, reverse=True)


def _where(phase: PhaseDone, now: Now) -> Panel:
    box = {"loss": 5, "update": 6}.get(phase.stage, phase.layer)
    texts = _boxes(now)
    texts[box] = phase.name.rpartition(": ")[2] if phase.stage != "loss" else f"L = {phase.loss:.4f}"
    arrow = {"forward": "forward →", "backward": "← backward"}.get(phase.stage, phase.stage)
    return Panel((box, texts), f"round {phase.round}, phase {phase.number} of {phase.of}: {arrow}")


def _source(phase: PhaseDone) -> Panel:
    parts = [phase.equation, *(f"# {each.file}, line {each.line}\n{each.text}" for each in phase.sources)]
    return Panel("\n\n".join(parts), phase.name)
