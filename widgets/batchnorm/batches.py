"""Batchnorm, batch after batch: a unit before and after it, in training and in test mode, and its statistics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.batchnorm import BatchnormPass, BatchnormPasses
from widgets.dashboard import Dashboard, Experiment, Histogram, Lines, Now, Panel, Question, Trace, choice, slider
from widgets.nn4_run import small_net

BINS, REACH = 48, 4  # bins of a histogram, and the deviations that it spans; what lies outside is in the end bins
TWO = ("any value", "+1 and −1, and 0 where both samples agree", "all values between −1 and 1")
USUAL = {"batch": 64, "gamma": 1.0, "beta": 0.0, "eps": 1e-5, "delta": 0.0}


@dataclass(frozen=True)
class BatchesSpec:
    """What can be moved; everything but the data acts at the next batch, and at once while it is paused."""

    batch: int = slider(
        64, low=1, high=256, label="batch size", live=True, about="samples that share their statistics; 1 is refused"
    )
    gamma: float = slider(1.0, low=-3.0, high=3.0, step=0.1, label="γ", live=True, about="deviation after batchnorm")
    beta: float = slider(0.0, low=-3.0, high=3.0, step=0.1, label="β", live=True, about="mean after batchnorm")
    eps: float = slider(1e-5, low=1e-6, high=10.0, log=True, label="ε", live=True, about="added to every variance")
    delta: float = choice(
        0.0, of={"no": 0.0, "slowly: δ = 0.05": 0.05, "fast: δ = 0.5": 0.5}, label="learns", live=True,
        about="whether the weights move, so that the statistics drift",
    )  # fmt: skip
    layer: int = choice(1, of=(1, 2, 3), label="layer", live=True, about="whose activations are drawn")
    unit: int = slider(1, low=1, high=32, label="unit", live=True, about="of the layer, those that vary most first")
    values: str = choice(
        "one", of={"this unit": "one", "all units": "all"}, label="histograms of", live=True,
        about="one unit, or all units of the layer together",
    )  # fmt: skip
    data: str = choice("digits", of={"small digits": "digits", "MNIST": "mnist"}, label="data", about="what passes")


def _two(now: Now) -> str | None:
    seen = now.run.last
    if now.run.batch != 2 or now.run.step == 0 or now.spec.gamma != 1 or now.spec.beta:
        return None
    x_hat = seen.after[:, seen.var > 100 * seen.eps]
    return TWO[1] if np.allclose(np.abs(x_hat), 1, atol=0.01) else TWO[2] if np.abs(x_hat).max() < 1 else TWO[0]


_BOTH = (Trace("this batch", palette.BATCH, "solid", palette.THIN_WIDTH), Trace("running", palette.RUNNING, "dash"))


class BatchnormBatches(Dashboard):
    """Batches pass a network with batchnorm; nothing is dropped, and nothing is learned unless one asks for it."""

    title, spec, step_name = "Batchnorm, batch after batch", BatchesSpec, "batch"
    speed = "slow"
    panels = (
        Histogram(
            "before", title="Before: ReLU(z)", x="activation", y="share of samples",
            x_range=(-0.1, 2), y_range=(0, 0.5), traces=(Trace("this batch", palette.RAW),),
            lines=(Trace("mean of the batch", palette.BATCH, "solid"), Trace("running mean", palette.RUNNING, "dash")),
        ),
        Histogram(
            "after", title="After: y", x="γ x̂ + β", y="share of samples", x_range=(-4, 4), y_range=(0, 0.5),
            traces=(Trace("training", palette.NORMALIZED), Trace("test mode", palette.TEST)),
            lines=(Trace("β", palette.LAW, "dot"),),
        ),
        Lines("mean", title="Mean of this unit", x="batch", y="mean of ReLU(z)", x_range=(0, 50), traces=_BOTH),
        Lines("deviation", title="Deviation of this unit", x="batch", y="√variance", x_range=(0, 50), traces=_BOTH),
    )  # fmt: skip
    questions = (
        Question(
            "two", "A batch of 2 samples, γ = 1, β = 0. Which values can a unit have after batchnorm?",
            choices=TWO, seen=_two,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("64 samples", "Before: another mean in every batch. After: mean β, deviation γ, always.",
                   **USUAL, play=True),
        Experiment("two samples", "Training: what is left of the picture is which one of the two was larger.",
                   **USUAL | {"batch": 2}, play=True),
        Experiment("it learns", "The running statistics come after. Both modes differ most where it learns fast.",
                   **USUAL | {"delta": 0.5}, play=True),
        Experiment("large ε", "ε is not small beside the variance any more: the deviation after it falls below γ.",
                   **USUAL | {"eps": 1.0}, play=True),
        Experiment("all units", "Before: every unit has its own scale. After: one scale for all.",
                   **USUAL | {"values": "all"}, play=True),
    )  # fmt: skip

    def start(self, spec: BatchesSpec, seed: int) -> BatchnormPasses:
        moved = {name: getattr(spec, name) for name in ("layer", *USUAL)}
        return BatchnormPasses(*small_net(spec.data, seed), **moved)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("layer", *USUAL):
            run.change(**{name: value})

    @staticmethod
    def frame(event: BatchnormPass | None, now: Now) -> Mapping[str, Panel]:
        """The batch, or the last one as moved controls would have it."""
        run, spec = now.run, now.spec
        seen = event or run.look()
        unit = run.order[spec.layer][spec.unit - 1]
        shown = slice(None) if spec.values == "all" else [unit]
        frame = {"before": Panel(lambda: _before(seen, shown)), "after": Panel(lambda: _after(seen, shown))}
        if event is not None:
            deviations = (np.sqrt(seen.var[unit]), np.sqrt(seen.running_var[unit]))
            for name, pair in (("mean", (seen.mean[unit], seen.running_mean[unit])), ("deviation", deviations)):
                frame[name] = Panel((event.step, *pair), f"batch {pair[0]:.3f}, running {pair[1]:.3f}")
        return frame


def _before(seen: BatchnormPass, shown: Any) -> Panel:
    x, running = seen.before[:, shown], seen.running_mean[shown].mean()
    spread = np.sqrt(seen.running_var[shown]).max() if seen.step else x.std()
    top = 2.0 ** np.ceil(np.log2(max(running + REACH * spread, 1e-3)))
    edges = np.linspace(-top / 16, top, BINS + 1)
    return Panel((edges, _shares(x, edges), x.mean(), running if seen.step else None), f"mean {x.mean():.3f}")


def _after(seen: BatchnormPass, shown: Any) -> Panel:
    y, beta = seen.after[:, shown], float(seen.beta[0])
    reach = 2.0 ** np.ceil(np.log2(max(REACH * abs(float(seen.gamma[0])) + abs(beta), 1.0)))
    edges = np.linspace(-reach, reach, BINS + 1)
    tested = _shares(seen.tested[:, shown], edges) if seen.step else np.zeros(BINS)
    return Panel((edges, _shares(y, edges), tested, beta), f"mean {y.mean():z.2f}, deviation {y.std():.2f}")


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] / values.size
