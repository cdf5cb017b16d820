"""Dropout against batchnorm: test accuracy with the statistics of training, and with statistics without masks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.batchnorm import ShiftSeen, ShiftStudy
from widgets.dashboard import (
    Band,
    Curves,
    Dashboard,
    Experiment,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    keep_slider,
    slider,
    switch,
)
from widgets.nn4_run import backend_at_once, load_at_once, note_of

ASKED = 0.3  # the p of the question
SEEDS, ENOUGH = 8, 4  # networks; and those of which one may judge
SAME = 0.02  # of accuracy: what counts as no difference
GAIN = ("it rises", "it stays within 2 %", "it falls")
LEAST = 0.03  # ratio that is drawn: units that only masks wake come near to 0


@dataclass(frozen=True)
class ShiftSpec:
    """What can be moved; the networks learn anew where their p changes."""

    recompute: bool = switch(
        False, label="also with recomputed statistics", live=True,
        about="one pass of the training set without masks gives test mode other statistics; the weights stay",
    )  # fmt: skip
    keep: float = keep_slider(0.3, low=0.2, step=0.05, about="probability of keeping a unit while it learns")
    delta: float = slider(0.2, low=0.01, high=2.0, log=True, label="step size δ", about="of the training")
    samples: int = choice(1000, of=(200, 500, 1000), label="samples", about="to learn from; the 360 test digits stay")
    epochs: int = choice(10, of=(5, 10, 30), label="epochs", about="of the training")


def _gain(now: Now) -> str | None:
    """By the 95 % interval of the mean difference, paired by network; None where it says neither."""
    study = now.run
    if not (now.spec.recompute and study.keep == ASKED and study.ended >= ENOUGH):
        return None
    mean, half = study.gain
    if abs(mean) + half <= SAME:
        return GAIN[1]
    return GAIN[0] if mean - half > SAME else GAIN[2] if mean + half < -SAME else None


_NAMES = (("running", "running statistics", palette.RUNNING), ("recomputed", "recomputed", palette.TRAIN))
_BANDS = tuple(
    Band(name, color, dash, markers=True) for (_, name, color), dash in zip(_NAMES, ("solid", "dash"), strict=True)
)
_DOTS = tuple(Trace(name, color, width=0) for _, name, color in _NAMES)


class BatchnormShift(Dashboard):
    """Eight networks with dropout and batchnorm learn in turn, and are tested with two sets of statistics."""

    title, spec, step_name = "Dropout against batchnorm", ShiftSpec, "look"
    panels = (
        Curves("accuracy", title="Test accuracy, median and range", x="round", y="accuracy (%)",
               x_range=(0, 100), y_range=(0, 100), traces=_BANDS),
        Curves("ends", title="At the end, network by network", x="network", y="accuracy (%)",
               x_range=(0.5, SEEDS + 0.5), y_range=(0, 100), x_ticks=range(1, SEEDS + 1), traces=_DOTS),
        Curves("ratio", title="Variance without masks / running variance", x="unit, sorted (%)", y="ratio",
               x_range=(0, 100), y_range=(0.03, 3), log=True, traces=(
                   *(Trace(f"layer {i}", palette.layer(i)) for i in (1, 2, 3)),
                   Trace("no shift", palette.LAW, "dot", palette.THIN_WIDTH),
               )),
        Curves("loss", title="Test loss, median and range", x="round", y="cross-entropy (nats)",
               x_range=(0, 100), y_range=(0, 2.5), traces=_BANDS),
    )  # fmt: skip
    questions = (
        Question(
            "gain", "p = 0.3. The statistics of test mode are recomputed without masks, the weights stay. "
            "What does the test accuracy do?", choices=GAIN, holds=("play", "recompute"), seen=_gain,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("p = 0.3", "Let four of them learn, then tick 'also with recomputed statistics': no weight changes.",
                   keep=0.3, recompute=False, play=True),
        Experiment("p = 0.7", "The ratios come nearer to 1. What is left to mend?",
                   keep=0.7, recompute=True, play=True),
        Experiment("without dropout", "No masks, no shift: all ratios are about 1.",
                   keep=1.0, recompute=True, play=True),
    )  # fmt: skip

    def start(self, spec: ShiftSpec, seed: int) -> ShiftStudy:
        return ShiftStudy(
            load_at_once("digits", 10), keep=spec.keep, seeds=SEEDS, samples=spec.samples, epochs=spec.epochs,
            delta=spec.delta, seed=seed, backend=backend_at_once("cpu"),
        )  # fmt: skip

    def note(self, run: ShiftStudy) -> str:
        return note_of(run.backend, "cpu")

    def is_step(self, event: object) -> bool:
        return isinstance(event, ShiftSeen)

    @staticmethod
    def frame(event: object, now: Now) -> Mapping[str, Panel]:
        """All looks so far; those without masks where the switch is on."""
        if not isinstance(event, ShiftSeen | None):
            return {}
        run, kinds = now.run, ("running", "recomputed") if now.spec.recompute else ("running",)
        return {
            "accuracy": Panel(lambda: _bands(run, kinds, "accuracy", 100, "{:.0f} %")),
            "loss": Panel(lambda: _bands(run, kinds, "loss", 1, "{:.2f}")),
            "ends": Panel(lambda: _ends(run, kinds)),
            "ratio": Panel(lambda: _ratios(run.last)),
        }


def _bands(run: ShiftStudy, kinds: tuple[str, ...], field: str, unit: float, style: str) -> Panel:
    steps, _ = run.spread("running", field)
    if not len(steps):
        return Panel((steps, None, None), "press Play: it learns first")
    found = {kind: run.spread(kind, field)[1] for kind in kinds}
    drawn = [unit * np.array((each.middle, each.low, each.high)) for each in found.values()]
    words = [f"{kind} {style.format(values[0][-1])}" for kind, values in zip(kinds, drawn, strict=True)]
    return Panel((steps, *drawn, *[None] * (2 - len(drawn))), ", ".join(words))


def _ends(run: ShiftStudy, kinds: tuple[str, ...]) -> Panel:
    ends = [100 * run.ends(kind) for kind in kinds]
    words = f"{run.ended} of {len(run.seeds)}"
    if len(kinds) == 2 and run.gain:
        mean, half = run.gain
        words += f": recomputed {100 * mean:+.0f} ± {100 * half:.0f} points"
    return Panel((np.arange(1, run.ended + 1), *ends, *[None] * (2 - len(ends))), words)


def _ratios(look: ShiftSeen | None) -> Panel:
    """Of the newest network: every layer's units, on one axis from 0 to 100 %."""
    at = np.linspace(0, 100, 101)
    if look is None:
        return Panel((at, None, None, None, np.ones(101)), "")
    curves = [np.maximum(np.interp(at, np.linspace(0, 100, len(r)), r), LEAST) for r in look.ratio.values()]
    words = ", ".join(f"layer {i}: {np.median(ratio):.2f}" for i, ratio in look.ratio.items())
    return Panel((at, *curves, np.ones(101)), f"median of {words}")
