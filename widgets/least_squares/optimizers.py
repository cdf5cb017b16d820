"""SGD and Adam side by side, on the same masks: when they end at one place, and when they do not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.least_squares import OPTIMIZERS, Descent, DescentStep
from widgets.dashboard import (
    Bars,
    Dashboard,
    Experiment,
    Lines,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    keep_slider,
    slider,
)
from widgets.least_squares.descent import BATCHES
from widgets.least_squares.landscape import LOWEST, SHORTEST, Landscape, X, Y, landscape, loss_map, pair

ENDS = ("both at (1.089, 0.109), the shortest", "SGD there, Adam at (1, 1)", "both at (1, 1)")
BOTH = ("at two places, as without dropout", "both at the least-squares solution", "Adam does not come to rest")
SGD, ADAM = Trace("SGD", palette.GRADIENT, "solid"), Trace("Adam", palette.part(2), "longdash")
CLOSE = 0.03  # between two w, in weights: the same place


@dataclass(frozen=True)
class OptimizersSpec:
    """What can be moved; both paths go on from where they are."""

    keep: float = keep_slider(
        1.0, low=0.1, step=0.05, live=True, about="probability of keeping an input; 1 is no dropout"
    )
    batch: int = choice(0, of=BATCHES, label="batch", live=True, about="masks in a step, the same for both")
    delta: float = slider(
        1e-3, low=1e-4, high=1e-2, log=True, label="step size", live=True,
        about="of both; that of SGD is cut to 0.9 of the bound 1 / max ||row||^2",
    )  # fmt: skip


class Pair:
    """Two descents that draw the same masks."""

    def __init__(self, spec: OptimizersSpec, seed: int) -> None:
        self.sgd, self.adam = (
            Descent(X, Y, spec.keep, batch=spec.batch or None, delta=spec.delta, optimizer=name, seed=seed)
            for name in OPTIMIZERS
        )

    def __iter__(self) -> Iterator[tuple[DescentStep, DescentStep]]:
        return zip(self.sgd, self.adam, strict=True)

    def change(self, **changes: Any) -> None:
        for each in (self.sgd, self.adam):
            each.change(**changes)

    @property
    def note(self) -> str:
        return self.sgd.note

    @property
    def here(self) -> Landscape:
        return landscape(float(self.sgd.rows.keep[0]), True)

    @property
    def at_rest(self) -> bool:
        """Whether both have arrived at the floor."""
        return bool(self.sgd.steps) and all(self.here.arrived(each.expected_loss[0]) for each in (self.sgd, self.adam))


def _ends(now: Now) -> str | None:
    run: Pair = now.run
    if not run.at_rest or run.sgd.rows.keep[0] < 1:
        return None
    shortest = np.abs(run.adam.w[0] - SHORTEST).max() < CLOSE
    apart = np.abs(run.sgd.w - run.adam.w).max() > CLOSE
    return ENDS[1] if apart else ENDS[0] if shortest else ENDS[2]


def _both(now: Now) -> str | None:
    run: Pair = now.run
    if not run.at_rest or run.sgd.rows.keep[0] > 0.9 or run.sgd.batch == 1:
        return None
    off = [np.abs(each.w[0] - run.here.solution).max() for each in (run.sgd, run.adam)]
    return BOTH[1] if max(off) < 0.3 else BOTH[0]


class LeastSquaresOptimizers(Dashboard):
    """The same sample and the same masks for both; only the rule of the step differs."""

    title, spec, step_name = "SGD against Adam", OptimizersSpec, "step"
    panels = (
        loss_map((SGD, ADAM)),
        Lines(
            "loss", title="Expected loss", x="step", y="squared error", log=True, y_range=(10, 300), x_range=(0, 2000),
            lowest=LOWEST, height=250, traces=(SGD, ADAM, Trace("floor", palette.LAW, "dash")),
        ),
        Lines("w1", title="w1 over the steps", x="step", y="w1", x_range=(0, 2000), y_range=(0, 1.2),
              traces=(SGD, ADAM)),
        Bars(
            "weights", title="Weights", x="weight", y="value", prefix="w", first=1, stacked=False, y_range=(0, 4),
            traces=(Trace("SGD", palette.GRADIENT), Trace("Adam", palette.part(2), "dash"),
                    Trace("closed form", palette.LAW)),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "ends", "No dropout: every w with 10 w1 + w2 = 11 has the loss 0. From (0, 0), where do the two end?",
            choices=ENDS, seen=_ends,
        ),
        Question(
            "both", "And with p = 0.5, where only one w has the least expected loss?", choices=BOTH, holds=("keep",),
            seen=_both,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("no dropout", "SGD goes along the gradient (10, 1). Adam takes equal steps in both weights.",
                   keep=1.0, batch=0, delta=1e-3, play=True),
        Experiment("p = 0.5", "Two ways to one place: there is only one solution now.",
                   keep=0.5, batch=0, delta=1e-3, play=True),
        Experiment("one mask a step", "The same masks for both: SGD jumps about, Adam's steps stay short.",
                   keep=0.5, batch=1, delta=1e-3, play=True),
    )  # fmt: skip

    def start(self, spec: OptimizersSpec, seed: int) -> Pair:
        return Pair(spec, seed)

    def change(self, run: Any, name: str, value: Any) -> None:
        run.change(**{name: value or None if name == "batch" else value})

    @staticmethod
    def frame(event: tuple[DescentStep, DescentStep] | None, now: Now) -> Mapping[str, Panel]:
        """Both steps, or the landscape as moved controls would have it."""
        run, here = now.run, now.run.here
        both = (run.sgd, run.adam)
        places, losses = [each.w[0].copy() for each in both], [float(each.expected_loss[0]) for each in both]
        points = places if event or not now.step else (None, None)
        w1 = [w[0] for w in places]
        closed = f"closed form {pair(here.solution)}"
        return {
            "map": Panel((here.ground, *points, here.solution, SHORTEST), _said([pair(w) for w in places])),
            "loss": Panel(
                (now.step, *losses, here.floor) if event else None, _said([f"{each:.3g}" for each in losses])
            ),
            "w1": Panel((now.step, *w1) if event else None, _said([f"{each:.3f}" for each in w1])),
            "weights": Panel((*places, here.solution), closed),
        }


def _said(words: list[str]) -> str:
    return f"SGD {words[0]}, Adam {words[1]}"
