"""Dropout against batchnorm: test accuracy with the statistics of training, and with statistics without masks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

import lab
from lab import palette
from lab.analysis.batchnorm import ShiftSeen, VarianceShift
from lab.events import RoundDone
from lab.presets import widths
from widgets.dashboard import Curves, Dashboard, Experiment, Lines, Now, Panel, Question, Trace, choice, slider, switch
from widgets.nn4_run import load_at_once

ASKED = 0.3  # the p of the question
SAME = 0.02  # of accuracy: what counts as no difference
GAIN = ("it rises", "it stays within 2 %", "it falls")
LEAST = 0.03  # ratio that is drawn: units that only masks wake come near to 0
ENOUGH = 60  # rounds of learning before one looks


@dataclass(frozen=True)
class ShiftSpec:
    """What can be moved; the network learns anew where its p changes."""

    recompute: bool = switch(
        False, label="recompute without masks", live=True,
        about="test mode also with statistics of one pass of the training set without masks, at the same weights",
    )  # fmt: skip
    keep: float = slider(
        0.3, low=0.2, high=1.0, step=0.05, label="keep p", says=lambda p: f"drops {100 * (1 - p):.0f} %",
        about="probability of keeping a unit while it learns",
    )  # fmt: skip
    delta: float = slider(0.2, low=0.01, high=2.0, log=True, label="step size δ", about="of the training")
    epochs: int = choice(10, of=(5, 10, 30, 100), label="epochs", about="of the training")


def _gain(now: Now) -> str | None:
    looks = now.run.looks
    asked = now.spec.recompute and now.run.net.keep == ASKED
    if not (asked and looks and looks[-1].step >= ENOUGH):
        return None
    gain = looks[-1].recomputed.accuracy - looks[-1].running.accuracy
    return GAIN[1] if abs(gain) <= SAME else GAIN[0] if gain > 0 else GAIN[2]


_STATISTICS = (
    Trace("running statistics", palette.MASKED, "solid", markers=True),
    Trace("recomputed without masks", palette.WHOLE, "dash", markers=True),
)


class BatchnormShift(Dashboard):
    """A network with dropout and batchnorm learns, and is tested again and again with two sets of statistics."""

    title, spec, step_name = "Dropout against batchnorm", ShiftSpec, "round"
    panels = (
        Curves("accuracy", title="Test accuracy", x="round", y="accuracy (%)", x_range=(0, 120), y_range=(0, 100),
               traces=_STATISTICS),
        Curves("ratio", title="Variance without masks / running variance", x="unit, sorted (%)", y="ratio",
               x_range=(0, 100), y_range=(0.03, 3), log=True, traces=(
                   *(Trace(f"layer {i}", palette.layer(i)) for i in (1, 2, 3)),
                   Trace("no shift", palette.NEUTRAL, "dot", palette.THIN_WIDTH),
               )),
        Curves("loss", title="Test loss", x="round", y="cross-entropy (nats)", x_range=(0, 120), y_range=(0, 2.5),
               traces=_STATISTICS),
        Lines("optimized", title="Training loss, as optimized", x="round", y="cross-entropy (nats)", x_range=(0, 120),
              y_range=(0, 5), traces=(Trace("masks on", palette.TRAIN_OPTIMIZED, "solid"),)),
    )  # fmt: skip
    questions = (
        Question(
            "gain", "p = 0.3. The statistics of test mode are recomputed without masks, the weights stay. "
            "What does the test accuracy do?", choices=GAIN, holds=("play", "recompute"), seen=_gain,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("p = 0.3", "Let it learn. Then tick 'recompute without masks': no weight changes.",
                   keep=0.3, recompute=False, play=True),
        Experiment("p = 0.7", "The ratios come nearer to 1, and so do the two accuracies.",
                   keep=0.7, recompute=True, play=True),
        Experiment("without dropout", "No masks, no shift: all ratios are about 1.",
                   keep=1.0, recompute=True, play=True),
    )  # fmt: skip

    def start(self, spec: ShiftSpec, seed: int) -> VarianceShift:
        data = load_at_once("digits", 10)
        net = lab.NN4(widths(data.name, data.train_x.shape[1], data.classes), spec.keep, seed=seed)
        net.loss_gradient(data.train_x[:2], data.train_y[:2])  # kernels are ready before the first round
        return VarianceShift(net, data, delta=spec.delta, epochs=spec.epochs)

    def is_step(self, event: object) -> bool:
        return isinstance(event, RoundDone)

    @staticmethod
    def frame(event: RoundDone | ShiftSeen | None, now: Now) -> Mapping[str, Panel]:
        """All looks so far; those without masks where the switch is on."""
        if isinstance(event, RoundDone):
            return {"optimized": Panel((now.step, event.loss), f"{event.loss:.3f}")}
        run, both = now.run, now.spec.recompute
        return {
            "accuracy": Panel(lambda: _looks(run, "accuracy", 100, "{:.1f} %", both)),
            "loss": Panel(lambda: _looks(run, "loss", 1, "{:.3f}", both)),
            "ratio": Panel(lambda: _ratios(run)),
        }


def _looks(run: VarianceShift, field: str, unit: float, style: str, both: bool) -> Panel:
    steps = np.array([look.step for look in run.looks])
    running, without = (
        np.array([unit * getattr(getattr(look, which), field) for look in run.looks])
        for which in ("running", "recomputed")
    )
    if not len(steps):
        return Panel((steps, None, None), "press Play: it learns first")
    words = f"running {style.format(running[-1])}" + (f", without masks {style.format(without[-1])}" if both else "")
    return Panel((steps, running, without if both else None), words)


def _ratios(run: VarianceShift) -> Panel:
    """Of every layer's units, on one axis from 0 to 100 %."""
    at = np.linspace(0, 100, 101)
    if not run.looks:
        return Panel((at, None, None, None, np.ones(101)), "")
    ratios = run.looks[-1].ratio
    curves = [np.maximum(np.interp(at, np.linspace(0, 100, len(r)), r), LEAST) for r in ratios.values()]
    words = ", ".join(f"layer {i}: {np.median(ratio):.2f}" for i, ratio in ratios.items())
    return Panel((at, *curves, np.ones(101)), f"median of {words}")
