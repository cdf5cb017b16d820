"""The backward pass of batchnorm, term by term: one unit, a few samples, every number in view."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.batchnorm import BackwardSeen, BatchnormBackward
from widgets.dashboard import Bars, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider
from widgets.nn4_run import small_net

MILLI = 1000  # gradients of a mean over a batch are small: they are drawn in thousandths
NOTHING, HALF = 0.05, 0.5  # share of the direct term that is left
LEFT = ("all of it", "about a half", "next to nothing")
HAT, PARTS, SUM, DZ = 2, 4, 7, 8  # stages, see lab.analysis.batchnorm.backward.STAGES


@dataclass(frozen=True)
class TermsSpec:
    """What can be moved; another batch size begins with a batch of its own."""

    batch: int = slider(8, low=1, high=32, label="batch size", live=True, about="samples; 1 is refused")
    layer: int = choice(1, of=(1, 2, 3), label="layer", live=True, about="whose batchnorm is drawn")
    unit: int = slider(1, low=1, high=32, label="unit", live=True, about="of the layer, those that vary most first")


def _left(now: Now) -> str | None:
    seen = now.run.last
    if len(seen.x) != 2 or seen.stage < SUM or not np.linalg.norm(seen.terms.direct):
        return None
    share = np.linalg.norm(seen.terms.dx) / np.linalg.norm(seen.terms.direct)
    return LEFT[2] if share < NOTHING else LEFT[1] if share < 1.5 * HALF else LEFT[0]


class BatchnormTermsBoard(Dashboard):
    """Eight stages lead from dy to dz; Step shows the next one, and after the last comes the next batch."""

    title, spec, step_name = "Backward, term by term", TermsSpec, "stage"
    panels = (
        Bars(
            "values", title="The unit, forward", x="sample", y="value", stacked=False, first=1, y_range=(-1, 1),
            traces=(Trace("x = ReLU(z)", palette.RAW), Trace("x̂", palette.NORMALIZED)),
        ),
        Bars(
            "given", title="Gradient by y and x̂", x="sample", y="thousandths", stacked=False, first=1,
            y_range=(-1, 1), traces=(Trace("dy", palette.GRADIENT), Trace("dx̂ = γ dy", palette.GRADIENT, "hatched")),
        ),
        Bars(
            "terms", title="Three ways from x to the loss", x="sample", y="thousandths", stacked=False, first=1,
            y_range=(-1, 1), traces=(
                Trace("direct: dx̂/s", palette.part(1)),
                Trace("through σ²: 2dσ²(x−μ)/m", palette.part(5), "hatched"),
                Trace("through μ: dμ/m", palette.part(6)),
            ),
        ),
        Bars(
            "sum", title="Their sum", x="sample", y="thousandths", stacked=False, first=1, y_range=(-1, 1), traces=(
                Trace("dx, the sum", palette.GRADIENT), Trace("differences of the loss", palette.LAW),
                Trace("dz, after ReLU's gate", palette.GRADIENT, "hatched"),
            ),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "left", "A batch of 2 samples. How much of the direct term is left when all three are added up?",
            choices=LEFT, seen=_left,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("eight samples", "Press Step eight times. The second and third term take something back.",
                   batch=8, layer=1, unit=1),
        Experiment("two samples", "The terms take back all but a trace: from two samples this unit learns nothing.",
                   batch=2, layer=1, unit=1),
        Experiment("32 samples", "The more samples, the less is taken back from each.", batch=32, layer=1, unit=1),
    )  # fmt: skip

    def start(self, spec: TermsSpec, seed: int) -> BatchnormBackward:
        return BatchnormBackward(*small_net("digits", seed), layer=spec.layer, unit=spec.unit, batch=spec.batch)

    @staticmethod
    def frame(event: BackwardSeen | None, now: Now) -> Mapping[str, Panel]:
        """What is known at this stage; the rest is not drawn yet."""
        seen = event or now.run.last
        t, stage = seen.terms, seen.stage
        s = np.sqrt(seen.var + now.run.net.eps)
        given = _shown(seen, 1, seen.dy), _shown(seen, HAT, t.dx_hat)
        parts = [_shown(seen, PARTS + 1 + i, part) for i, part in enumerate((t.direct, t.by_var, t.by_mean))]
        ends = [_shown(seen, SUM, t.dx), _shown(seen, SUM, seen.differences), _shown(seen, DZ, seen.dz)]
        return {
            "values": Panel((seen.x, seen.x_hat), f"batch {seen.batch}: μ = {seen.mean:.3f}, s = √(σ²+ε) = {s:.3f}"),
            "given": Panel(given, f"dβ = Σdy = {seen.dbeta:.2g}, dγ = Σdy·x̂ = {seen.dgamma:.2g}" if stage else "Step"),
            "terms": Panel(tuple(parts), _statistics(seen)),
            "sum": Panel(tuple(ends), _checked(seen)),
        }


def _shown(seen: BackwardSeen, stage: int, values: np.ndarray) -> np.ndarray:
    """In thousandths from a stage on, and nothing before it."""
    return MILLI * values.reshape(-1) * (seen.stage >= stage)


def _statistics(seen: BackwardSeen) -> str:
    """dvar and dmean, as soon as they are known."""
    words = [f"dσ² = {seen.terms.dvar[0]:.2g}"] * (seen.stage >= 3) + [f"dμ = {seen.terms.dmean[0]:.2g}"] * (
        seen.stage >= 4
    )
    return ", ".join(words)


def _checked(seen: BackwardSeen) -> str:
    if seen.stage < SUM:
        return ""
    return f"off by {seen.off_differences:.0e} from differences, {seen.off:.0e} from the lab's"
