"""Two classes: softmax over two logits beside sigmoid of one; the same function, and not the same descent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.softmax import TwoClasses, TwoSeen, both
from widgets.dashboard import Curves, Dashboard, Experiment, Now, Panel, Question, Trace, slider

REACH, POINTS = 8.0, 129  # of the two functions
SAME = 1e-6  # of the gaps: rounding
FASTER = ("both the same", "the two logits of softmax", "the one logit of sigmoid")


@dataclass(frozen=True)
class TwoSpec:
    """What can be moved."""

    gap: float = slider(-2.0, low=-6.0, high=6.0, step=0.1, label="z at the start", about="x₁ − x₂, and the one logit")
    delta: float = slider(0.5, low=0.05, high=5.0, log=True, label="step size δ", live=True, about="of both descents")


def _faster(now: Now) -> str | None:
    seen = now.run.look()
    if not seen.step:
        return None
    ahead = seen.gap - seen.logit
    return FASTER[0] if abs(ahead) < SAME else FASTER[1] if ahead > 0 else FASTER[2]


class SoftmaxTwoClasses(Dashboard):
    """The first of two classes is right; both ways go down the same loss with the same step size."""

    title, spec, step_name = "Softmax of two, and sigmoid", TwoSpec, "step"
    panels = (
        Curves("same", title="Probability of class 1", x="z", y="probability", x_range=(-8, 8), y_range=(0, 1.05),
               traces=(
                   Trace("softmax(z, 0)", palette.part(1), "solid"), Trace("sigmoid(z)", palette.part(2), "dash"),
                   Trace("softmax now", palette.part(1), width=0), Trace("sigmoid now", palette.part(2), width=0),
               )),
        Curves("gap", title="Logits", x="step", y="logit", log_x=True, x_range=(1, 100), y_range=(-3, 3), traces=(
            Trace("x₁ − x₂, softmax", palette.part(1), "solid"), Trace("z, sigmoid", palette.part(2), "dash"),
            Trace("z, sigmoid at 2δ", palette.part(2), "dot"),
        )),
    )  # fmt: skip
    questions = (
        Question(
            "faster", "Same loss, same start, same step size: whose loss falls faster?", choices=FASTER, seen=_faster,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("wrong at first", "The dotted curve, sigmoid with 2δ, lies on that of softmax.", gap=-2.0, delta=0.5,
                   play=True),
        Experiment("undecided", "From z = 0 on, where both say one half.", gap=0.0, delta=0.5, play=True),
        Experiment("large steps", "The factor of 2 does not depend on the step size.", gap=-4.0, delta=5.0, play=True),
    )  # fmt: skip

    def start(self, spec: TwoSpec, seed: int) -> TwoClasses:
        return TwoClasses(spec.gap, spec.delta)

    def change(self, run: TwoClasses, name: str, value: Any) -> None:
        if name == "delta":
            run.change(delta=value)

    @staticmethod
    def frame(event: TwoSeen | None, now: Now) -> Mapping[str, Panel]:
        """The two functions with where the descents are; logits after the steps."""
        return {"same": Panel(lambda: _same(now.run.look())), "gap": Panel(lambda: _gaps(now.run))}


def _same(seen: TwoSeen) -> Panel:
    """The functions, as far as the descents have come, and a dot for each descent."""
    reach = max(REACH, abs(seen.gap), abs(seen.logit))
    z = np.array([*np.linspace(-reach, reach, POINTS), seen.gap, seen.logit])
    two, one = both(z)
    place = np.arange(len(z))
    lines = [np.where(place < POINTS, each, np.nan) for each in (two, one)]
    dots = [np.where(place == POINTS + i, each, np.nan) for i, each in enumerate((two, one))]
    return Panel((z, *lines, *dots), f"differ by at most {np.abs(two - one).max():.1g}")


def _gaps(run: TwoClasses) -> Panel:
    seen, now = [*run.history, run.look()] if run.step else [], run.look()
    curves = [np.array([getattr(each, name) for each in seen], float) for name in ("step", "gap", "logit", "twice")]
    return Panel(
        tuple(curves), f"{now.gap:.3f}, {now.logit:.3f}; losses {now.softmax_loss:.3g}, {now.sigmoid_loss:.3g}"
    )
