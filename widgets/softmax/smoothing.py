"""Label smoothing: descent on the logits against a target without a 1, and the optimum that it arrives at."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.softmax import GapSeen, SmoothedDescent, optimal_gap
from widgets.dashboard import Band, Bars, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider

SHARES = 10.0 ** np.linspace(-3, math.log10(0.9), 60)  # eps of the curves of the optimum
NEAR, LONG, GREW = 0.01, 1000, 1.0  # arrived; steps after which a tenfold time shows; what grows without end grew by
ENDS = ("at a larger number", "nowhere: it grows on and on", "at the same number")
LEAST = ("at 0", "above 0, at the entropy of the target", "at log 10")


@dataclass(frozen=True)
class SmoothingSpec:
    """What can be moved; the descent goes on from where it is."""

    eps: float = slider(
        0.1, low=0.0, high=0.9, step=0.01, label="ε", live=True,
        about="share of the target that is spread; 0: no smoothing",
    )  # fmt: skip
    convention: str = choice(
        "every", of={"ε/d on every class": "every", "ε/(d−1) on the others": "others"}, label="convention", live=True,
        about="who gets a part of ε: all d classes, or those that are not the right one",
    )  # fmt: skip
    classes: int = slider(10, low=2, high=100, label="classes d", about="class 1 is the right one")
    delta: float = slider(
        1.0, low=0.1, high=3.5, log=True, label="step size δ", live=True, about="of descent; below 4 it is stable"
    )
    spread: float = slider(1.0, low=0.0, high=3.0, step=0.1, label="spread of the start", about="of the first logits")


def _gap(now: Now) -> float | None:
    seen = now.run.look()
    asked = now.spec.eps == 0.1 and now.spec.classes == 10 and now.spec.convention == "every"
    return seen.gap if asked and max(abs(seen.low - seen.closed), abs(seen.high - seen.closed)) < NEAR else None


def _least(now: Now) -> str | None:
    run, seen = now.run, now.run.look()
    if not run.eps or max(abs(seen.low - seen.closed), abs(seen.high - seen.closed)) > NEAR:
        return None
    return min(zip((0.0, run.entropy, math.log(10)), LEAST, strict=True), key=lambda end: abs(end[0] - seen.loss))[1]


def _grows(now: Now) -> str | None:
    """How much the gap grew over the last tenfold of the steps."""
    run, seen = now.run, now.run.look()
    before = [each for each in run.history if each.step <= seen.step / 10 and math.isinf(each.closed)]
    if run.eps or seen.step < LONG or not before:
        return None
    grew = seen.gap - before[-1].gap
    return ENDS[1] if grew > GREW else ENDS[2] if abs(seen.gap - optimal_gap(run.classes, 0.1)) < NEAR else ENDS[0]


_X: dict[str, Any] = {"x": "step", "log_x": True, "x_range": (1.0, 1000.0)}


class LabelSmoothing(Dashboard):
    """One row of logits goes down the loss; the gap from the right class's logit to the others is drawn."""

    title, spec, step_name = "Label smoothing", SmoothingSpec, "step"
    panels = (
        Curves("gap", title="Gap to the other logits", veiled=True, y="logit", y_range=(-2, 6), **_X, traces=(
            Band("mean, smallest to largest", palette.SEEN, "solid"), Trace("closed form", palette.LAW, "dash"),
        )),
        Curves("loss", title="Loss", veiled=True, y="loss (nats)", y_range=(0, 3), **_X, traces=(
            Trace("loss", palette.TRAIN_OPTIMIZED, "solid"), Trace("entropy of the target", palette.LAW, "dash"),
        )),
        Bars("shares", title="Probability and target", x="class", y="probability", first=1, stacked=False, traces=(
            Trace("softmax(x)", palette.SEEN), Trace("target", palette.LAW, "hatched"),
        )),
        Curves("optimum", title="Optimal gap by ε", veiled=True, x="ε", y="logit", log_x=True, x_range=(1e-3, 1.0),
               y_range=(-2, 10), traces=(
                   Trace("ε/d on every class", palette.LAW, "solid"),
                   Trace("ε/(d−1) on the others", palette.LAW, "dash"),
                   Trace("descent now", palette.SEEN, width=0),
               )),
    )  # fmt: skip
    questions = (
        Question(
            "gap", "d = 10, ε = 0.1, ε/d on every class: the right class should get 0.91, each other one 0.01. "
            "By how much will its logit end above the others?", number=(0.0, 100.0), seen=_gap,
        ),
        Question("least", "Where does the loss end?", choices=LEAST, seen=_least),
        Question(
            "grows", "ε = 0: the target is one-hot. Where does the gap end?", choices=ENDS, holds=("eps",), seen=_grows,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("ε = 0.1", "The gap arrives at the dashed line from any start; the loss at the entropy, not at 0.",
                   eps=0.1, convention="every", classes=10, spread=1.0, play=True),
        Experiment("no smoothing", "The gap is a straight line over the log of the steps: it never ends.",
                   eps=0.0, convention="every", classes=10, spread=0.0, play=True),
        Experiment("the other convention", "Nine classes share ε, not ten: a gap smaller by log(91/81).",
                   eps=0.1, convention="others", classes=10, spread=1.0, play=True),
        Experiment("100 classes", "A hundred classes, and the gap is only larger by some 2.3 = log 10.",
                   eps=0.1, convention="every", classes=100, spread=1.0, play=True),
    )  # fmt: skip

    def start(self, spec: SmoothingSpec, seed: int) -> SmoothedDescent:
        return SmoothedDescent(spec.classes, spec.eps, spec.convention, delta=spec.delta, spread=spec.spread, seed=seed)

    def change(self, run: SmoothedDescent, name: str, value: Any) -> None:
        if name in ("eps", "convention", "delta"):
            run.change(**{name: value})

    @staticmethod
    def frame(event: GapSeen | None, now: Now) -> Mapping[str, Panel]:
        """The way so far, and where it is to end."""
        run = now.run
        return {
            "gap": Panel(lambda: _gaps(run)),
            "loss": Panel(lambda: _losses(run)),
            "shares": Panel(lambda: _shares(run)),
            "optimum": Panel(lambda: _optimum(run)),
        }


def _gaps(run: SmoothedDescent) -> Panel:
    """The closed form of every step, and where there is none log(δ d t), which the gap grows along."""
    seen = [*run.history, run.look()] if run.step else []
    t = np.array([each.step for each in seen], float)
    band = np.array([(each.gap, each.low, each.high) for each in seen]).reshape(-1, 3).T
    closed = np.array([each.closed for each in seen])
    shown = np.where(np.isinf(closed), np.log(np.maximum(run.delta * run.classes * t, 1)), closed)
    now = run.look()
    end = "log(δ d t)" if math.isinf(run.closed) else f"{run.closed:.4f}"
    return Panel((t, band, shown), f"{now.gap:.4f}, closed form {end}")


def _losses(run: SmoothedDescent) -> Panel:
    seen = [*run.history, run.look()] if run.step else []
    t, loss = (np.array([getattr(each, name) for each in seen], float) for name in ("step", "loss"))
    return Panel((t, loss, np.full(len(t), run.entropy)), f"{_short(run.look().loss)}, entropy {_short(run.entropy)}")


def _short(loss: float) -> str:
    """Four decimals, or the power of ten of a loss that is nearly gone."""
    return f"{loss:.4f}" if loss >= 1e-3 or not loss else f"{loss:.0e}"


def _shares(run: SmoothedDescent) -> Panel:
    z = run.probabilities
    return Panel((z, run.target), f"{z[0]:.4f}, target {run.target[0]:.4f}")


def _optimum(run: SmoothedDescent) -> Panel:
    places = np.append(SHARES, max(run.eps, SHARES[0]))
    every, others = ([optimal_gap(run.classes, eps, name) for eps in places] for name in ("every", "others"))
    every[-1] = others[-1] = math.nan
    dot = np.full(len(places), math.nan)
    dot[-1] = run.look().gap
    return Panel((places, every, others, dot), f"ε = {run.eps:g}: {run.look().gap:.3f}")
