"""Running statistics follow a network that learns: one unit, and how far all of them are behind."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.batchnorm import DriftSeen, StatisticsDrift
from widgets.dashboard import Dashboard, Experiment, Lines, Now, Panel, Question, Trace, choice, slider
from widgets.nn4_run import backend_at_once, note_of, small_net

ENOUGH = 100  # rounds: the running statistics have forgotten how they began
NEARER = ("the batch's", "the running one", "they are about equally far off")


@dataclass(frozen=True)
class DriftSpec:
    """What can be moved while it learns: delta; the batch needs a reset."""

    delta: float = slider(
        0.2, low=0.001, high=2.0, log=True, label="step size δ", live=True, about="how fast the weights move"
    )
    batch: int = choice(64, of=(2, 8, 64, 256), label="batch size", about="samples whose statistics are averaged")
    layer: int = choice(
        1, of=(1, 2, 3), label="layer", live=True, about="whose unit is drawn, after Reset from the start"
    )
    unit: int = slider(1, low=1, high=32, label="unit", live=True, about="of the layer, those that varied most first")


def _nearer(now: Now) -> str | None:
    run = now.run
    if now.step < ENOUGH or now.spec.delta > 0.02 or now.spec.batch != 64:
        return None
    ratio = run.last.lag[1] / run.last.noise[1]
    return NEARER[1] if ratio < 0.8 else NEARER[0] if ratio > 1.25 else NEARER[2]


_OF_UNIT = (
    Trace("batch", palette.BATCH, "solid", palette.THIN_WIDTH),
    Trace("running", palette.RUNNING, "dash"),
    Trace("whole training set", palette.TRAIN, "dot"),
)
_OFF = tuple(Trace(f"layer {i}", palette.layer(i), dash) for i, dash in ((1, "solid"), (2, "dash"), (3, "dot")))


class BatchnormDrift(Dashboard):
    """After every round the statistics are taken of the whole training set as well: what the others estimate."""

    title, spec, step_name = "Running statistics and their drift", DriftSpec, "round"
    panels = (
        Lines("mean", title="Mean of one unit", x="round", y="mean of ReLU(z)", x_range=(0, 200), traces=_OF_UNIT),
        Lines("deviation", title="Deviation of one unit", x="round", y="√variance", x_range=(0, 200), traces=_OF_UNIT),
        Lines("lag", title="Running means are off by", x="round", y="deviations", x_range=(0, 200), y_range=(0, 0.5),
              traces=_OFF),
        Lines("noise", title="Batch means are off by", x="round", y="deviations", x_range=(0, 200), y_range=(0, 0.5),
              traces=_OFF),
    )  # fmt: skip
    questions = (
        Question(
            "nearer", "Batches of 64, tiny steps (δ = 0.01). Whose means are nearer to the whole training set's?",
            choices=NEARER, seen=_nearer,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("tiny steps", "Nothing drifts: the running mean averages the noise of some ten batches.",
                   delta=0.01, batch=64, play=True),
        Experiment("large steps", "The dashed line comes after the dotted one. What is it off by, and the batch?",
                   delta=1.0, batch=64, play=True),
        Experiment("two samples", "The batch's noise is about 1/√2 of a deviation; the running mean has a part of it.",
                   delta=0.01, batch=2, play=True),
    )  # fmt: skip

    def start(self, spec: DriftSpec, seed: int) -> StatisticsDrift:
        net, data = small_net("digits", seed, backend=backend_at_once("cpu"))
        return StatisticsDrift(net, data, delta=spec.delta, batch=spec.batch)

    def note(self, run: StatisticsDrift) -> str:
        return note_of(run.net.backend.name, "cpu")

    def change(self, run: StatisticsDrift, name: str, value: float) -> None:
        if name == "delta":
            run.change(delta=value)

    @staticmethod
    def frame(event: DriftSeen | None, now: Now) -> Mapping[str, Panel]:
        """A point of every curve."""
        if event is None:
            return {}
        net, i = now.run.net, now.spec.layer
        unit = now.run.order[i][now.spec.unit - 1]
        views = [net.running_views(flat) for flat in (event.batch, event.running, event.whole)]
        means = [view[f"mean{i}"][unit] for view in views]
        deviations = [np.sqrt(max(view[f"var{i}"][unit], 0)) for view in views]
        frame = {
            name: Panel((event.step, *three), "batch {:.3f}, running {:.3f}, all {:.3f}".format(*three))
            for name, three in (("mean", means), ("deviation", deviations))
        }
        for name, off in (("lag", event.lag), ("noise", event.noise)):
            frame[name] = Panel((event.step, *off.values()), f"layer {i}: {off[i]:.3f}")
        return frame
