"""Dropout is ridge, for any data: Monte-Carlo over masks beside the closed form, and what it does to columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.least_squares import PLACES, TAKES, ObjectiveMonteCarlo, ObjectiveSeen, typed_samples
from widgets.dashboard import (
    Band,
    Bars,
    Curves,
    Dashboard,
    Experiment,
    Now,
    Panel,
    Question,
    Trace,
    keep_slider,
    switch,
    text,
)

ENOUGH = 10_000  # masks after which the question looks
COURSE = "10 1 = 11"
SCALES = "1 200 0.01 = 3\n2 -100 0.03 = 1\n-1 300 0.02 = 2\n0.5 100 -0.02 = -1"
ALIKE = "1 1.1 = 2\n2 1.9 = 4\n-1 -1.2 = -2\n3 3.1 = 6"
CHANCE = (
    "by chance only: some standard errors",
    "by a share that stays, however many masks",
    "not at all: they are equal",
)
NORMS = ("still 10 and 1", "0.1 and 1: turned round", "the same: both are 1")


@dataclass(frozen=True)
class RidgeSpec:
    """What can be moved; another p begins to count anew."""

    keep: float = keep_slider(
        0.5,
        high=0.95,
        live=True,
        about="probability of keeping an entry of X (problem 2 of the course calls it p, too)",
    )
    inverted: bool = switch(
        True, label="scale by 1/p", live=True, about="inverted dropout; off: the course's plain form, w_ridge = p w"
    )
    data: str = text(
        COURSE, parse=typed_samples, takes=TAKES, label="data: x1 x2 ... = y", lines=5,
        about="your own X and y; leave the box to hand them over",
    )  # fmt: skip


def _chance(now: Now) -> str | None:
    run: ObjectiveMonteCarlo = now.run
    if run.masks < ENOUGH:
        return None
    worst = np.abs(run.off).max()
    return CHANCE[2] if worst < 1e-6 else CHANCE[0] if worst < 5 else CHANCE[1]


def _norms(now: Now) -> str | None:
    run: ObjectiveMonteCarlo = now.run
    if not run.masks or run.keep != 0.5 or run.norms[0].tolist() != [10, 1]:
        return None
    first, second = run.norms[1]
    return NORMS[2] if np.isclose(first, second) else NORMS[0] if first > second else NORMS[1]


class DropoutAsRidge(Dashboard):
    """The loss under random masks, and the loss with a penalty: equal, for any X and y."""

    title, spec, step_name = "Dropout is ridge regression", RidgeSpec, "block"
    panels = (
        Curves(
            "objective", title="Expected loss along t·w", x="t (w at t = 1)", y="loss / ||y||²", x_range=(0, 2),
            y_range=(0, 1.1), height=240, traces=(
                Trace("fit + penalty", palette.LAW, "solid"), Trace("fit", palette.part(1), "dot"),
                Trace("penalty", palette.part(4), "dash"), Trace("Monte-Carlo", palette.MASKED, width=0),
            ),
        ),
        Curves(
            "course", title="Monte-Carlo at t = 1", x="1,000 masks", y="loss / ||y||²", log_x=True, x_range=(0.06, 100),
            y_range=(0, 1), height=240, traces=(
                Band("mean ± standard error", palette.MASKED, "solid"), Trace("closed form", palette.LAW, "dash"),
            ),
        ),
        Bars(
            "weights", title="What each input gives", x="input", y="w × norm", first=1,
            stacked=False, traces=(
                Trace("no dropout", palette.part(7)), Trace("learned", palette.MASKED, "dash"),
                Trace("ridge, in test mode", palette.TEST),
            ),
        ),
        Bars(
            "norms", title="Norms of the columns", veiled=True, x="column", y="norm", first=1, stacked=False, log=True,
            y_range=(0.3, 15), traces=(
                Trace("X", palette.RAW), Trace("X Γ⁻¹, as dropout sees it", palette.NORMALIZED, "dash"),
            ),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "chance", "The loss is averaged over 10,000 random masks; fit + penalty is its closed form. By how much do "
            "they differ?", choices=CHANCE, seen=_chance,
        ),
        Question(
            "norms", "p = 0.5. The columns of X = [[10, 1]] have the norms 10 and 1. Which norms have those of X Γ⁻¹?",
            choices=NORMS, seen=_norms,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("the course's row", "The dots lie on the curve. Its least value is at t = 1: that is w.",
                   data=COURSE, keep=0.5, inverted=True, play=True),
        Experiment("three scales", "Columns of norms 400, 2 and 0.04 have one norm after Γ⁻¹: no scale is punished.",
                   data=SCALES, keep=0.5, inverted=True, play=True),
        Experiment("two columns alike", "Least squares trusts one of them; dropout shares the weight between both.",
                   data=ALIKE, keep=0.8, inverted=True, play=True),
        Experiment("without 1/p", "The learned w is 1/p times the ridge solution: multiply by p in test mode.",
                   data=COURSE, keep=0.5, inverted=False, play=True),
    )  # fmt: skip

    def start(self, spec: RidgeSpec, seed: int) -> ObjectiveMonteCarlo:
        return ObjectiveMonteCarlo(*typed_samples(spec.data), spec.keep, spec.inverted, seed)

    def change(self, run: Any, name: str, value: Any) -> None:
        run.change(**{name: value})
        next(run)  # there is something to be seen at once

    @staticmethod
    def frame(event: ObjectiveSeen | None, now: Now) -> Mapping[str, Panel]:
        """Everything, when it is sent."""
        run = now.run
        return {
            "objective": Panel(lambda: _objective(run)),
            "course": Panel(lambda: _course(run)),
            "weights": Panel(lambda: _weights(run)),
            "norms": Panel(lambda: _norms_shown(run)),
        }


def _objective(run: ObjectiveMonteCarlo) -> Panel:
    whole, seen = run.y @ run.y, run.seen
    worst = f"at most {np.abs(run.off).max():.1f} standard errors off" if len(run.off) else "no masks yet"
    curves = (run.exact.total, run.exact.fit, run.exact.penalty, seen.mean)
    return Panel((PLACES, *(each / whole for each in curves)), f"{run.masks:,} masks: {worst}" if run.masks else worst)


def _course(run: ObjectiveMonteCarlo) -> Panel:
    whole, exact = run.y @ run.y, run.exact.total[len(PLACES) // 2]
    if not run.course:
        return Panel(([0.06, 100], None, [exact / whole] * 2), f"closed form {exact:.5g}")
    masks, mean, error = np.array(run.course).T
    band = np.array((mean, mean - error, mean + error)) / whole
    said = f"{mean[-1]:.5g} ± {error[-1]:.2g}, closed form {exact:.5g}"
    return Panel((masks / 1000, band, np.full(len(masks), exact / whole)), said)


def _weights(run: ObjectiveMonteCarlo) -> Panel:
    ridge = run.w if run.inverted else run.keep * run.w
    said = "learned = ridge" if run.inverted else f"ridge = p × learned, p = {run.keep:.2f}"
    given = [run.norms[0] * w for w in (run.without, run.w, ridge)]
    return Panel(given, said)


def _norms_shown(run: ObjectiveMonteCarlo) -> Panel:
    return Panel(run.norms, f"after: all √(p/(1−p)) = {run.norms[1][0]:.3f}")
