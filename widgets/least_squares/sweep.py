"""A sweep over the drop rate: trained weights beside the closed form, and the jump at no dropout."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.least_squares import Descent, DescentStep, equal_shares
from widgets.dashboard import Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider, switch
from widgets.least_squares.descent import BATCHES
from widgets.least_squares.landscape import SHORTEST, X, Y, pair

DROPS = np.array([0, 0.01, 0.02, 0.03, 0.05, 0.07, *np.arange(0.1, 0.91, 0.05)])  # 1 - p, all trained at once
FINE = np.linspace(0.002, 0.95, 120)  # of the closed form
NEAR, ENOUGH = 0.01, 30_000  # relative distance that counts as arrived; steps after which it is said to take more
LIMITS = ("to 1.089, the shortest solution without dropout", "to 0.55, so that 10 w1 is a half of y", "to 1.1")
VALUES = np.array([1.08911, 0.55, 1.1])
LONG = ("about 1,000", "about 10,000", "more than 30,000")


@dataclass(frozen=True)
class SweepSpec:
    """What can be moved; the descents go on from where they are."""

    keep: float = slider(
        0.5, low=0.05, high=0.99, step=0.01, label="keep p", live=True, says=lambda p: f"drop rate {1 - p:.2f}",
        about="probability of keeping an input: which place of the curve is read off",
    )  # fmt: skip
    batch: int = choice(0, of=BATCHES, label="batch", live=True, about="masks in a step, the same draws for all p")
    delta: float = slider(
        1e-3, low=1e-4, high=1e-2, log=True, label="step size", live=True,
        about="with SGD cut at each p to 0.9 of the bound 1 / max ||row||^2, below which no batch can overshoot",
    )  # fmt: skip
    optimizer: str = choice(
        "sgd", of={"SGD": "sgd", "Adam": "adam"}, label="optimizer", live=True, about="of the steps"
    )
    inverted: bool = switch(
        True, label="scale by 1/p", live=True, about="inverted dropout; off: what is kept stays as it is"
    )


def _limit(now: Now) -> str | None:
    """To which of the values the closed form comes nearest at the smallest drop rate."""
    if not now.run.steps or not now.run.rows.inverted:
        return None
    return LIMITS[int(np.argmin(np.abs(now.run.rows.solution()[1, 0] - VALUES)))]


def _long(now: Now) -> str | None:
    """How many steps it took or has taken in vain, at the smallest drop rate."""
    run: Descent = now.run
    if run.optimizer != "sgd" or run.delta != 1e-3 or not run.rows.inverted:
        return None
    if run.steps > ENOUGH:
        return LONG[2]
    if abs(run.w[1, 1] / run.rows.solution()[1, 1] - 1) > 0.1:
        return None
    return LONG[0] if run.steps < 3000 else LONG[1]


_TRACES = (
    Trace("closed form, p < 1", palette.LAW, "dash"), Trace("trained", palette.GRADIENT, width=0),
    Trace("shortest w at p = 1", palette.WHOLE, width=0), Trace("p of the slider", palette.part(2), width=0),
)  # fmt: skip
_DROP = "drop rate 1 − p"


class LeastSquaresSweep(Dashboard):
    """23 descents at once, each with a drop rate of its own, beside the closed form."""

    title, spec, step_name = "Over the drop rate", SweepSpec, "step"
    panels = (
        Curves("w1", title="w1", x=_DROP, y="w1", x_range=(0, 1), y_range=(0, 1.2), traces=_TRACES, height=220,
               veiled=True),
        Curves("w2", title="w2", x=_DROP, y="w2", x_range=(0, 1), y_range=(0, 6), traces=_TRACES, height=220,
               veiled=True),
        Curves(
            "off", title="Distance to the closed form", x=_DROP, y="distance / ||w||", x_range=(0, 1),
            y_range=(1e-3, 2), log=True, traces=(Trace("trained", palette.GRADIENT, width=0),
                                                 Trace("1 %", palette.LAW, "dash")),
        ),
        Curves(
            "folds", title="Steps for a factor of e", x=_DROP, y="1,000 steps", x_range=(0, 1), y_range=(0.1, 30),
            veiled=True,
            log=True, traces=(Trace("by the curvature", palette.LAW, width=0),
                              Trace("steps done", palette.GRADIENT, "dash")),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "limit", "Let the drop rate go to 0, but not reach it. Where does w1 of the least-squares solution go?",
            choices=LIMITS, seen=_limit,
        ),
        Question(
            "long", "Drop rate 0.01, steps of 0.001. How many until the trained w2 is within 10 % of its closed form?",
            choices=LONG, holds=("delta", "optimizer"), seen=_long,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("expected gradient", "The dots come down to the curve. Pause soon: on the far left they hang.",
                   batch=0, delta=1e-3, optimizer="sgd", inverted=True, play=True),
        Experiment("one mask a step", "The dots dance about the curve, and more so where more is dropped.",
                   batch=1, delta=1e-3, optimizer="sgd", inverted=True, play=True),
        Experiment("Adam", "At no dropout it ends at (1, 1), which is another solution; elsewhere on the curve.",
                   batch=0, delta=1e-3, optimizer="adam", inverted=True, play=True),
        Experiment("without 1/p", "Now w rises with the drop rate; times p it is the same solution.",
                   batch=0, delta=1e-3, optimizer="sgd", inverted=False, play=True),
    )  # fmt: skip

    def start(self, spec: SweepSpec, seed: int) -> Descent:
        return Descent(
            X, Y, 1 - DROPS, inverted=spec.inverted, batch=spec.batch or None, delta=spec.delta,
            optimizer=spec.optimizer, seed=seed,
        )  # fmt: skip

    def change(self, run: Any, name: str, value: Any) -> None:
        if name != "keep":
            run.change(**{name: value or None if name == "batch" else value})

    @staticmethod
    def frame(event: DescentStep | None, now: Now) -> Mapping[str, Panel]:
        """All dots, when they are sent."""
        return {
            "w1": Panel(lambda: _weight(now, 0)),
            "w2": Panel(lambda: _weight(now, 1)),
            "off": Panel(lambda: _off(now.run)),
            "folds": Panel(lambda: _folds(now.run)),
        }


def _weight(now: Now, which: int) -> Panel:
    """Curve, dots, the one at no dropout and the one at the slider, on one x."""
    run, here = now.run, 1 - now.spec.keep
    exact = equal_shares(X, Y, now.spec.keep, run.rows.inverted)[0]
    x = np.concatenate((FINE, DROPS, [0, here]))
    curve, trained, jump, read = (np.full(len(x), np.nan) for _ in range(4))
    curve[: len(FINE)] = equal_shares(X, Y, 1 - FINE, run.rows.inverted)[:, which]
    trained[len(FINE) : -2] = run.w[:, which]
    jump[-2], read[-1] = SHORTEST[which], exact[which]
    name = ("w1", "w2")[which]
    return Panel(
        (x, curve, trained, jump, read),
        f"p = {now.spec.keep:.2f}: {name} = {exact[which]:.3f}; dots: step {run.steps:,}",
    )


def _off(run: Descent) -> Panel:
    exact = run.rows.solution()
    off = np.linalg.norm(run.w - exact, axis=1) / np.linalg.norm(exact, axis=1)
    arrived = int((off < NEAR).sum())
    at_none = f"; p = 1: {pair(run.w[0])}" if run.steps else ""
    return Panel(
        (DROPS, np.where(off >= 1e-3, off, np.nan), np.full(len(off), NEAR)),
        f"{arrived} of {len(off)} within 1 %{at_none}",
    )


def _folds(run: Descent) -> Panel:
    """In thousands. SGD multiplies what is left by 1 - delta h with the least eigenvalue h, which is 0 at p = 1."""
    done = np.full(len(DROPS), run.steps / 1000 if run.steps >= 100 else np.nan)
    if run.optimizer != "sgd":
        return Panel((DROPS, None, done), "Adam knows no such law")
    left = 1 - run.taken[1:] * run.rows.curvature()[1:, 0]
    folds = np.concatenate(([np.nan], -1 / np.log(left)))
    return Panel((DROPS, folds / 1000, done), f"{folds[1]:,.0f} at a drop rate of 0.01")
