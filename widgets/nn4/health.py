"""Is this run well? Dead units, gradients, steps and statistics of every layer, with alarms that say what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import lab
from lab import palette
from lab.analysis.nn4 import Health, HealthWatch
from lab.analysis.nn4.alarms import DEAD, DRIFTED, RATIO_HIGH, RATIO_LOW
from lab.presets import widths
from widgets.dashboard import (
    Dashboard,
    Experiment,
    Lines,
    Now,
    Panel,
    Question,
    Trace,
    Words,
    keep_slider,
    slider,
    switch,
)
from widgets.nn4_run import backend_at_once, load_at_once, note_of

SAMPLES, EVERY = 256, 5
EPOCHS = 300  # of 12 rounds: some seconds, and what an experiment is about is still to be seen in its charts
HIDDEN = (64, 32, 16)
DIES = ("that of layer 1 only", "those of all four layers", "none: the loss only falls more slowly")
FLOOR = 1e-6  # where a logarithmic axis shows 0


@dataclass(frozen=True)
class HealthSpec:
    """What can be moved."""

    delta: float = slider(0.1, low=1e-4, high=10.0, log=True, label="step size δ", live=True, about="of every round")
    keep: float = keep_slider(0.95, low=0.2, live=True, about="probability of keeping an input")
    batchnorm: bool = switch(True, label="batchnorm", live=True, about="normalize after every ReLU")
    gain: float = slider(
        1.0, low=0.1, high=10.0, log=True, label="scale of the start", about="the first weights are made so large"
    )


def _dies(now: Now) -> str | None:
    """What the last look says of the gradients, once a whole layer is dead."""
    last = now.run.last
    if now.spec.batchnorm or last.dead.max() < 1:
        return None
    vanished = [alarm.layer for alarm in last.alarms if alarm.sign == "gradient vanished"]
    return DIES[1] if len(vanished) == 4 else DIES[0] if vanished == [1] else None


def _layers(last: int, *limits: str) -> tuple[Trace, ...]:
    dashes = ("solid", "dash", "dot", "longdash")
    lines = [Trace(f"layer {i}", palette.layer(i), dashes[i - 1]) for i in range(1, last + 1)]
    ends = zip(limits, ("dash", "dot"), strict=False)
    return (*lines, *(Trace(name, palette.LAW, dash, palette.THIN_WIDTH) for name, dash in ends))


class NN4Health(Dashboard):
    """A run on small digits, with four numbers of every layer and what they mean."""

    title, spec, step_name = "Is this run well?", HealthSpec, "round"
    panels = (
        Words("alarms", title="Alarms", height=124, wide=True, prose=True),
        Lines("dead", title="Dead ReLUs", x="round", y="share of units", traces=_layers(3, "limit"), height=165),
        Lines("gradient", title="Gradient norm", x="round", y="||dL/dW||", log=True, y_range=(FLOOR, 10.0),
              traces=_layers(4), height=165),
        Lines("ratio", title="Step / weights", x="round", y="||ΔW|| / ||W||", log=True, y_range=(FLOOR, 1.0),
              traces=_layers(4, "too large", "too small"), height=165),
        Lines("drift", title="Drift of the running statistics", x="round", y="deviations",
              traces=_layers(3, "limit"), height=165),
    )  # fmt: skip
    questions = (
        Question("dies", "No batchnorm, and a large δ: soon all ReLUs of layer 3 are dead. Which gradients become 0?",
                 choices=DIES, holds=("batchnorm",), seen=_dies),
    )  # fmt: skip
    experiments = (
        Experiment("healthy", "No alarm. Steps of half a percent of the weights; gradients of one size in all layers.",
                   delta=0.1, keep=0.95, batchnorm=True, gain=1.0, play=True),
        Experiment("ReLUs die", "Layer 3 dies, then nothing moves, whatever δ is. Lower δ: does it come back?",
                   delta=2.0, keep=1.0, batchnorm=False, gain=1.0, play=True),
        Experiment("start too small", "The gradients have vanished: the loss stays at ln 10 = 2.3. Then try batchnorm.",
                   delta=0.02, keep=0.9, batchnorm=False, gain=0.1, play=True),
        Experiment("p = 0.3", "Drift: the statistics are of inputs with masks. Raise p while it plays.",
                   delta=0.2, keep=0.3, batchnorm=True, gain=1.0, play=True),
        Experiment("step too large", "Everything at once, until the numbers are not finite and the run stops.",
                   delta=10.0, keep=0.9, batchnorm=True, gain=1.0, play=True),
    )  # fmt: skip

    def start(self, spec: HealthSpec, seed: int) -> HealthWatch:
        data = load_at_once("digits", 10)
        sizes = widths(data.name, data.train_x.shape[1], data.classes, HIDDEN)
        net = lab.NN4(sizes, spec.keep, spec.batchnorm, seed=seed, backend=backend_at_once("cpu"))
        for name, view in net.views(net.params).items():
            view *= spec.gain if name.startswith("W") else 1
        run = lab.train(net, data, delta=spec.delta, K=4, batch=128, epochs=EPOCHS)
        return HealthWatch(run, data.train_x[:SAMPLES], data.train_y[:SAMPLES], EVERY)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name != "gain":
            run.change(**{name: value})

    def note(self, run: HealthWatch) -> str:
        return note_of(run.run.net.backend.name, "cpu")

    def is_step(self, event: Any) -> bool:
        return super().is_step(event) and not isinstance(event, Health)

    @staticmethod
    def frame(event: Any, now: Now) -> Mapping[str, Panel]:
        """A look at the network is a point on every curve."""
        if event is not None and not isinstance(event, Health):
            return {}
        seen: Health = event or now.run.last
        alarms = Panel(seen.told, _said(seen))
        if event is None:
            return {"alarms": alarms}
        return {
            "alarms": alarms,
            "dead": Panel((seen.step, *seen.dead, DEAD), f"most {seen.dead.max():.0%}, limit {DEAD:.0%}"),
            "gradient": Panel((seen.step, *_shown(seen.gradient)), f"layer 1 {seen.gradient[0]:.2g}"),
            "ratio": Panel((seen.step, *_shown(seen.ratio), RATIO_HIGH, RATIO_LOW), f"layer 1 {seen.ratio[0]:.2g}"),
            "drift": Panel((seen.step, *seen.drift, DRIFTED), _drifted(seen.drift)),
        }


def _said(seen: Health) -> str:
    return f"{len(seen.alarms)} at round {seen.step}, loss {seen.loss:.3g}"


def _shown(values: np.ndarray) -> np.ndarray:
    """What is 0 lies at the foot of a logarithmic axis, and does not vanish."""
    return np.maximum(values, FLOOR)


def _drifted(drift: np.ndarray) -> str:
    return "no running statistics" if np.isnan(drift).all() else f"most {np.nanmax(drift):.2f}, limit {DRIFTED}"
