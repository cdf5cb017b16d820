"""Softmax by hand: five logits become probabilities; the gradient of the loss, checked, and descent along it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.softmax import PRECISIONS, LogitDescent, LogitsSeen
from widgets.dashboard import Bars, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider

CLASSES = range(1, 6)
SAME = 0.02  # change of a probability that float16 may make by rounding
CONSTANT = ("they stay as they are", "the largest gains, the others lose", "they come nearer to 1/5")
OTHERS = ("nothing: only the right one moves", "all four fall", "large ones fall, small ones rise")


def _logit(number: int, value: float) -> Any:
    return slider(
        value, low=-6.0, high=6.0, step=0.1, label=f"logit {number}", live=True,
        about=f"x of class {number}, from which a step goes on",
    )  # fmt: skip


@dataclass(frozen=True)
class ProbabilitiesSpec:
    """What can be moved; everything acts at once."""

    x1: float = _logit(1, 2.0)
    x2: float = _logit(2, 1.0)
    x3: float = _logit(3, 0.5)
    x4: float = _logit(4, -1.0)
    x5: float = _logit(5, -2.0)
    constant: float = slider(
        0.0, low=-20.0, high=20.0, step=0.5, label="constant c", live=True, about="added to every logit"
    )
    temperature: float = slider(
        1.0, low=0.1, high=10.0, log=True, label="temperature T", live=True, about="divides every logit"
    )
    label: int = choice(2, of=tuple(CLASSES), label="right class", live=True, about="whose probability should be 1")
    delta: float = slider(
        0.2, low=0.01, high=10.0, log=True, label="step size δ", live=True, about="of descent: x ← x − δ·gradient"
    )
    dtype: str = choice("float64", of=PRECISIONS, label="precision", live=True, about="in which everything is computed")


def _constant(now: Now) -> str | None:
    if not now.spec.constant:
        return None
    moved, shares = now.run.moved_by_constant(), now.run.look().probabilities
    if np.abs(moved).max() < SAME:
        return CONSTANT[0]
    return CONSTANT[1] if moved[shares.argmax()] > 0 else CONSTANT[2]


def _others(now: Now) -> str | None:
    if not now.step:
        return None
    gradient = np.delete(now.run.look().gradient, now.spec.label - 1)
    return OTHERS[0] if not gradient.any() else OTHERS[1] if (gradient >= 0).all() else OTHERS[2]


class SoftmaxProbabilities(Dashboard):
    """The sliders are the logits at the start; a step moves them against the gradient, and Reset takes them back."""

    title, spec, step_name = "Logits and probabilities", ProbabilitiesSpec, "step"
    speed = "slow"
    panels = (
        Bars("logits", title="Logits x + c", x="class", y="logit", first=1, y_range=(-5, 5), anew=True, traces=(
            Trace("x + c", palette.SEEN),
        )),
        Bars("shares", title="Probabilities", x="class", y="probability", first=1, stacked=False, traces=(
            Trace("z = softmax((x + c) / T)", palette.SEEN), Trace("y, the target", palette.LAW, "hatched"),
        )),
        Bars("gradient", title="Gradient of the loss by x", x="class", y="nats / logit", first=1, stacked=False,
             y_range=(-1, 1), anew=True, traces=(
                 Trace("(z − y) / T", palette.GRADIENT), Trace("central differences", palette.LAW, "hatched"),
             )),
        Curves("loss", title="Loss of the right class", x="step", y="loss (nats)", log_x=True, x_range=(1, 100),
               traces=(Trace("−log z", palette.TRAIN_OPTIMIZED, "solid", markers=True),)),
    )  # fmt: skip
    questions = (
        Question(
            "others", "A step goes down the gradient of the right class's loss. What do the four other logits do?",
            choices=OTHERS, seen=_others,
        ),
        Question(
            "constant", "The same constant is added to all five logits. What do the probabilities do?",
            choices=CONSTANT, holds=("constant",), seen=_constant,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("all equal", "The loss is log 5, the gradient −0.8 for the right class and 0.2 for each other one.",
                   x1=0.0, x2=0.0, x3=0.0, x4=0.0, x5=0.0, label=2, temperature=1.0, dtype="float64", constant=0.0),
        Experiment("sure and wrong", "The gradient is near −1 and 1, and not more, however large the loss is.",
                   x1=5.0, x2=0.0, x3=0.0, x4=0.0, x5=-5.0, label=5, temperature=1.0, dtype="float64", play=True),
        Experiment("cold", "T = 0.2: the largest logit takes nearly all.", x1=2.0, x2=1.0, x3=0.5, x4=-1.0, x5=-2.0,
                   label=2, temperature=0.2, dtype="float64"),
        Experiment("hot", "T = 5: the order stays, the shares come close to each other.", x1=2.0, x2=1.0, x3=0.5,
                   x4=-1.0, x5=-2.0, label=2, temperature=5.0, dtype="float64"),
        Experiment("half precision", "How far off are the hatched bars? What is left of two losses is mostly rounding.",
                   temperature=1.0, dtype="float16"),
    )  # fmt: skip

    def start(self, spec: ProbabilitiesSpec, seed: int) -> LogitDescent:
        return LogitDescent(
            [getattr(spec, f"x{i}") for i in CLASSES], spec.label - 1, temperature=spec.temperature,
            constant=spec.constant, delta=spec.delta, dtype=spec.dtype,
        )  # fmt: skip

    def change(self, run: LogitDescent, name: str, value: Any) -> None:
        if name[0] == "x":
            run.change(logit=(int(name[1:]) - 1, value))
        else:
            run.change(**{name: value - 1 if name == "label" else value})

    @staticmethod
    def frame(event: LogitsSeen | None, now: Now) -> Mapping[str, Panel]:
        """The logits as they are, and what follows from them; the loss after the steps so far."""
        run, seen = now.run, event or now.run.look()
        return {
            "logits": Panel((seen.logits,), f"sum {seen.logits.sum(dtype=np.float64):.4g}"),
            "shares": Panel(lambda: _shares(seen)),
            "gradient": Panel(lambda: _gradient(run, seen)),
            "loss": Panel(lambda: _loss(run, seen)),
        }


def _shares(seen: LogitsSeen) -> Panel:
    right, total = seen.probabilities @ seen.target, seen.probabilities.sum(dtype=np.float64)
    return Panel((seen.probabilities, seen.target), f"right class {right:.4g}, sum {total:.4g}")


def _gradient(run: LogitDescent, seen: LogitsSeen) -> Panel:
    return Panel((seen.gradient, run.differences()), f"differences off by {run.off():.0e}, {seen.gradient.dtype}")


def _loss(run: LogitDescent, seen: LogitsSeen) -> Panel:
    steps = np.array([(each.step, each.loss) for each in run.history]).reshape(-1, 2).T
    return Panel(tuple(steps), f"{seen.loss:.4g}")
