"""Least squares with dropout: the path of gradient descent on the expected loss, and what the two terms give."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab import palette
from lab.analysis.least_squares import Descent, DescentStep
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
    switch,
)
from widgets.least_squares.landscape import LOWEST, SHORTEST, Landscape, X, Y, landscape, loss_map, pair

BATCHES = {"1 mask": 1, "16 masks": 16, "1,024 masks": 1024, "all masks, weighted": 0}
TERMS = ("10 w1 gives about a hundred times as much", "both give the same", "w2 gives more")
SAME = 1.1  # ratio of two terms that count as the same


@dataclass(frozen=True)
class DescentSpec:
    """What can be moved; the path goes on from where it is."""

    dropout: bool = switch(True, label="dropout", live=True, about="off: every input stays, as with p = 1")
    keep: float = keep_slider(
        0.5,
        low=0.1,
        step=0.05,
        live=True,
        about="probability of keeping an input; problem 1 of the course names the drop rate 1 - p",
    )
    batch: int = choice(
        1, of=BATCHES, label="batch", live=True, about="masks in a step; all of them give the expected gradient"
    )
    delta: float = slider(
        1e-3, low=1e-4, high=1e-2, log=True, label="step size", live=True,
        about="with SGD cut to 0.9 of the bound 1 / max ||row||^2, below which no batch can overshoot",
    )  # fmt: skip
    optimizer: str = choice(
        "sgd", of={"SGD": "sgd", "Adam": "adam"}, label="optimizer", live=True, about="of the steps"
    )
    inverted: bool = switch(
        True, label="scale by 1/p", live=True, about="inverted dropout; off: what is kept stays as it is"
    )


def _here(now: Now) -> Landscape:
    run: Descent = now.run
    return landscape(float(run.rows.keep[0]), run.rows.inverted)


def _at_rest(now: Now) -> bool:
    """Whether a run with dropout has arrived."""
    run: Descent = now.run
    return bool(run.steps) and run.rows.keep[0] < 1 and _here(now).arrived(run.expected_loss[0])


def _terms(now: Now) -> str | None:
    if not _at_rest(now):
        return None
    ratio = X[0] * now.run.w[0, 0] / (X[1] * now.run.w[0, 1])
    return TERMS[1] if 1 / SAME < ratio < SAME else TERMS[0] if ratio > 1 else TERMS[2]


def _floor(now: Now) -> float | None:
    half = now.run.rows.keep[0] == 0.5 and now.run.rows.inverted
    return round(float(now.run.expected_loss[0]), 1) if half and _at_rest(now) else None


class LeastSquaresDescent(Dashboard):
    """One sample, x = (10, 1) and y = 11, learned with dropout on its two inputs: least squares over four rows."""

    title, spec, step_name = "Descent under dropout", DescentSpec, "step"
    panels = (
        loss_map((Trace("path of w", palette.GRADIENT, "solid", 1.5),)),
        Lines(
            "loss", title="Loss", x="step", y="squared error", log=True, y_range=(10, 300), x_range=(0, 1000),
            veiled=True, lowest=LOWEST, height=250, traces=(
                Trace("of the batch", palette.MASKED, "solid", palette.THIN_WIDTH, opacity=0.7),
                Trace("expected", palette.GRADIENT, "solid"), Trace("floor", palette.LAW, "dash"),
            ),
        ),
        Bars(
            "weights", title="Weights", x="weight", y="value", prefix="w", first=1, stacked=False, y_range=(0, 4),
            veiled=True, traces=(Trace("learned", palette.GRADIENT), Trace("closed form", palette.LAW, "dash")),
        ),
        Bars(
            "terms", title="What each term gives", veiled=True, x="term 1: 10 w1, term 2: w2", y="value",
            prefix="term ", first=1, stacked=False, y_range=(0, 12),
            traces=(Trace("learned", palette.GRADIENT), Trace("closed form", palette.LAW, "dash")),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "terms", "Without dropout the shortest w is (1.089, 0.109). With p = 0.5, once the path is at rest: "
            "what do the terms 10 w1 and w2 give?", choices=TERMS, seen=_terms,
        ),
        Question(
            "floor", "1,024 masks a step, p = 0.5. Without dropout the loss ends at 0 (it starts at 121). "
            "Where does the expected loss come to rest now?", number=(0.0, 121.0), holds=("batch",), seen=_floor,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("no dropout", "The path goes straight along (10, 1) to the shortest solution; the loss falls to 0.",
                   dropout=False, batch=1, delta=1e-3, optimizer="sgd", inverted=True, play=True),
        Experiment("one mask a step", "Noisy for ever: each of the four rows pulls to a line of its own.",
                   dropout=True, keep=0.5, batch=1, delta=1e-3, optimizer="sgd", inverted=True, play=True),
        Experiment("1,024 masks a step", "Smooth: across the valley at once, then along it. Reset, and see it slow.",
                   dropout=True, keep=0.5, batch=1024, delta=1e-3, optimizer="sgd", inverted=True, play=True),
        Experiment("a long step, p = 0.1", "The status line says where 0.01 was cut: beyond it a batch overshoots.",
                   dropout=True, keep=0.1, batch=1, delta=1e-2, optimizer="sgd", inverted=True, play=True),
        Experiment("without 1/p", "The weights are 1/p times as large; at test time they are multiplied by p.",
                   dropout=True, keep=0.5, batch=0, delta=1e-3, optimizer="sgd", inverted=False, play=True),
    )  # fmt: skip

    def start(self, spec: DescentSpec, seed: int) -> Descent:
        return Descent(
            X, Y, spec.keep if spec.dropout else 1.0, inverted=spec.inverted, batch=spec.batch or None,
            delta=spec.delta, optimizer=spec.optimizer, seed=seed,
        )  # fmt: skip

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("dropout", "keep"):
            run.change(keep=self.values.keep if self.values.dropout else 1.0)
        else:
            run.change(**{name: value or None if name == "batch" else value})

    @staticmethod
    def frame(event: DescentStep | None, now: Now) -> Mapping[str, Panel]:
        """The step, or the landscape as moved controls would have it."""
        run, here = now.run, _here(now)
        w, loss = run.w[0].copy(), float(run.expected_loss[0])
        point = w if event or not run.steps else None
        return {
            "map": Panel((here.ground, point, here.solution, SHORTEST), f"w = {pair(w)}"),
            "loss": Panel(
                (event.step, event.batch_loss[0], loss, here.floor) if event else None,
                f"expected {loss:.4g}, floor {here.floor:.4g}",
            ),
            "weights": Panel((w, here.solution), f"{pair(w)}, closed form {pair(here.solution)}"),
            "terms": Panel((X * w, X * here.solution), f"10 w1 = {X[0] * w[0]:.2f}, w2 = {w[1]:.2f}"),
        }
