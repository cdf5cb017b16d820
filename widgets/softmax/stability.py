"""Softmax as it is written beside softmax as it is computed: the same logits, larger and larger."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.softmax import PRECISIONS, WAYS, ScaleSeen, ScaleSweep, limits
from widgets.dashboard import Bars, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, Words, choice

SHAPES = {
    "both": (1.0, 0.5, 0.0, -0.5, -1.0),
    "high": (1.0, 0.9, 0.8, 0.7, 0.6),
    "low": (-0.6, -0.7, -0.8, -0.9, -1.0),
    "shifted": (0.0, -0.1, -0.2, -0.3, -1.0),
}
FLOOR, LEAST = -18, 1e-3  # log10 of an error that is drawn for none at all; losses below are not drawn
SHORT = ("naive", "shifted", "log-sum-exp")
ENDS = ("it stays right", "it becomes inf", "it becomes NaN")


@dataclass(frozen=True)
class StabilitySpec:
    """What can be chosen; the sweep begins anew with it."""

    dtype: str = choice("float32", of=PRECISIONS, label="precision", about="of the logits and of everything computed")
    shape: str = choice(
        "both", of={"from −1 to 1": "both", "0.6 to 1": "high", "−1 to −0.6": "low", "−1 to 0": "shifted"},
        label="logits at scale 1", about="five of them; every step makes them larger by the same factor",
    )  # fmt: skip
    label: str = choice(
        "largest", of={"largest logit": "largest", "smallest logit": "smallest"}, label="right class",
        about="whose loss is drawn: that of the largest logit, or of the smallest",
    )  # fmt: skip
    growth: float = choice(
        0.2, of={"1 %": 0.01, "5 %": 0.05, "20 %": 0.2, "100 %": 1.0}, label="growth a step", about="of the scale"
    )


def _bound(now: Now) -> float | None:
    """The scale where naive softmax ends, once the sweep has come there."""
    run = now.run
    if run.dtype != "float32" or now.spec.shape != "both" or run.failed(0) is None or now.spec.label != "largest":
        return None
    return run.bound


def _log_of_shifted(now: Now) -> str | None:
    """What became of the log of the shifted softmax by the end of the sweep."""
    run = now.run
    if now.spec.label != "smallest" or now.spec.shape != "both" or not run.seen or run.seen[-1].scale < run.bound:
        return None
    loss = run.seen[-1].losses[1]
    return ENDS[2] if math.isnan(loss) else ENDS[1] if math.isinf(loss) else ENDS[0]


# What lies below is wider: it is seen as long as it agrees, and missed where it ends.
_COLORS, _WIDTHS = (palette.part(2), palette.part(5), palette.part(3)), (7.0, 4.0, 1.5)
_NAIVE, _SHIFTED, _STABLE = map(Trace, WAYS, _COLORS, ("solid",) * 3, _WIDTHS)
_EXACT, _END = Trace("exact", palette.LAW, "dot"), Trace("naive ends", palette.LAW, "longdash", palette.THIN_WIDTH)
_X: dict[str, Any] = {"x": "scale of the logits", "log_x": True, "x_range": (1.0, 100.0)}


class SoftmaxStability(Dashboard):
    """Every step makes the logits larger, up to ten times the overflow of exp."""

    title, spec, step_name = "Stable and unstable", StabilitySpec, "step"
    speed = "slow"
    panels = (
        Words("words", title="Where numbers end", veiled=True, height=100, wide=True, prose=True),
        Bars("now", title="Probabilities now", x="class", y="probability", first=1, stacked=False, traces=(
            Trace("naive", _COLORS[0]), Trace("shifted", _COLORS[1], "hatched"),
        )),
        Curves("share", title="Largest probability", veiled=True, y="probability", y_range=(0, 1.1), **_X, traces=(
            Trace("naive", _COLORS[0], "solid", 7.0), Trace("shifted", _COLORS[1], "solid", 4.0), _EXACT, _END,
        )),
        Curves("loss", title="Loss", y="loss (nats)", log=True, y_range=(LEAST, 1000.0), **_X,
               traces=(_NAIVE, _SHIFTED, _STABLE, _EXACT, _END)),
        Curves("error", title="Loss, off from the exact one", y="log₁₀ of the error", y_range=(FLOOR, 0), **_X,
               traces=(_NAIVE, _SHIFTED, _STABLE, _END)),
    )  # fmt: skip
    questions = (
        Question(
            "bound", "float32, logits from −s to s. At which scale s does exp(x) / Σ exp(x) break down?",
            number=(0.0, 10000.0), seen=_bound,
        ),
        Question(
            "shifted", "With the largest logit taken off, nothing overflows. Then log is taken of the smallest "
            "probability. What becomes of this loss?", choices=ENDS, holds=("label",), seen=_log_of_shifted,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("overflow", "The naive curve ends where exp of the largest logit is inf.",
                   dtype="float32", shape="both", label="largest", growth=0.2, play=True),
        Experiment("half precision", "The same at 11 already: a trained network easily has such logits.",
                   dtype="float16", shape="both", label="largest", growth=0.2, play=True),
        Experiment("log of 0", "No overflow is needed: a probability is rounded to 0, and its log is −inf.",
                   dtype="float32", shape="both", label="smallest", growth=0.2, play=True),
        Experiment("underflow", "All exponentials become 0, and 0 / 0 is NaN. Before that they lose their digits.",
                   dtype="float64", shape="low", label="largest", growth=0.2, play=True),
        Experiment("nothing fails", "The largest logit is 0: this is what the shift makes of any logits.",
                   dtype="float32", shape="shifted", label="largest", growth=0.2, play=True),
    )  # fmt: skip

    def start(self, spec: StabilitySpec, seed: int) -> ScaleSweep:
        shape = SHAPES[spec.shape]
        label = int(np.argmax(shape) if spec.label == "largest" else np.argmin(shape))
        return ScaleSweep(shape, label, dtype=spec.dtype, growth=spec.growth)

    @staticmethod
    def frame(event: ScaleSeen | None, now: Now) -> Mapping[str, Panel]:
        """All scales so far."""
        run = now.run
        return {
            "words": Panel(lambda: _words(run)),
            "now": Panel(lambda: _now(run)),
            "share": Panel(lambda: _share(run)),
            "loss": Panel(lambda: _loss(run)),
            "error": Panel(lambda: _error(run)),
        }


def _now(run: ScaleSweep) -> Panel:
    if not run.seen:
        none = np.full(len(run.shape), np.nan)
        return Panel((none, none), "press Play")
    last = run.seen[-1]
    naive = "NaN" if np.isnan(last.naive).any() else "all 0" if not last.naive.any() else f"{last.naive.max():.3g}"
    return Panel((last.naive, last.shifted), f"largest: naive {naive}, shifted {last.shifted.max():.3g}")


def _drawn(run: ScaleSweep, ends: tuple[float, float], *curves: list[float]) -> tuple[np.ndarray, ...]:
    """Curves over the scales, and behind them the upright line where naive softmax ends."""
    at = [run.bound] * 2 if math.isfinite(run.bound) else []
    gap = [math.nan] * len(at)
    y = [np.where(np.isfinite(curve), curve, np.nan) for curve in np.array([[*curve, *gap] for curve in curves])]
    upright = np.array([math.nan] * len(run.seen) + list(ends[: len(at)]))
    return np.array([each.scale for each in run.seen] + at), *y, upright


def _share(run: ScaleSweep) -> Panel:
    curves = [[float(getattr(each, way).max()) for each in run.seen] for way in ("naive", "shifted", "exact")]
    end = f"naive ends at scale {run.bound:.5g}" if math.isfinite(run.bound) else "naive never ends"
    return Panel(_drawn(run, (0, 1.1), *curves), end)


def _loss(run: ScaleSweep) -> Panel:
    ways = [[each.losses[i] for each in run.seen] for i in range(len(WAYS))]
    curves = [[each if each > LEAST else math.nan for each in way] for way in (*ways, [e.exact_loss for e in run.seen])]
    text = (
        ", ".join(f"{name} {_spoken(loss)}" for name, loss in zip(SHORT, run.seen[-1].losses, strict=True))
        if run.seen
        else ""
    )
    return Panel(_drawn(run, (LEAST, 1000), *curves), text)


def _error(run: ScaleSweep) -> Panel:
    curves = [[math.log10(max(each.errors[i], 10.0**FLOOR)) for each in run.seen] for i in range(len(WAYS))]
    worst = f"log-sum-exp: at most {max(each.errors[2] for each in run.seen):.0e}" if run.seen else ""
    return Panel(_drawn(run, (FLOOR, 0), *curves), worst)


def _words(run: ScaleSweep) -> str:
    ends = limits(run.dtype)
    lines = [
        f"{run.dtype}: exp(x) is inf for x above log(largest number) = {ends.overflow:.6g}, "
        f"and 0 for x below log(smallest number / 2) = {ends.underflow:.6g}."
    ]
    for i, way in enumerate(WAYS if run.seen else ()):
        failed = run.failed(i)
        said = "a number so far" if failed is None else f"{_spoken(failed[1])} from scale {failed[0]:.4g} on"
        lines.append(f"{way}: {said}.")
    return "\n".join(lines)


def _spoken(value: float) -> str:
    return "NaN" if math.isnan(value) else "inf" if math.isinf(value) else f"{value:.4g}"
