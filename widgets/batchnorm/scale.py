"""Scale invariance: with batchnorm behind it, the length of a unit's weights does not matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.batchnorm import ScaleInvariance, ScaleSeen
from widgets.dashboard import (
    Curves,
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
from widgets.nn4_run import small_net

FACTORS = 10.0 ** np.linspace(-2, 2, 9)
FLAT = 0.01  # of the loss: what counts as no change
TIMES_TEN = ("it stays as it is", "it rises", "it falls")


@dataclass(frozen=True)
class ScaleSpec:
    """What can be moved; everything but batchnorm acts at the next batch."""

    layer: int = choice(
        1, of=(1, 2, 3, 4), label="layer", live=True, about="whose weights are drawn; 4 has no batchnorm"
    )
    eps: float = slider(1e-5, low=1e-12, high=1.0, log=True, label="ε", live=True, about="added to every variance")
    delta: float = slider(0.1, low=0.001, high=2.0, log=True, label="step size δ", live=True, about="of the training")
    keep: float = keep_slider(
        1.0, low=0.3, step=0.05, live=True, about="probability of keeping a unit: the law holds for every mask"
    )
    batchnorm: bool = switch(True, label="batchnorm", about="off: biases instead, and no law")


def _times_ten(now: Now) -> str | None:
    if not (now.run.step and now.spec.batchnorm and now.spec.layer == 1):
        return None
    change = now.run.loss_of(1, 10.0) / now.run.loss_of(1, 1.0) - 1
    return TIMES_TEN[0] if abs(change) < FLAT else TIMES_TEN[1] if change > 0 else TIMES_TEN[2]


class BatchnormScale(Dashboard):
    """A network learns, and the angle between weights and gradient is measured for every unit."""

    title, spec, step_name = "Scale invariance", ScaleSpec, "batch"
    panels = (
        Curves("angle", title="log₁₀ of |cos| between W and dW", x="unit, sorted", y="log₁₀", x_range=(0, 32),
               y_range=(-20, 0), traces=(
                   Trace("seen", palette.GRADIENT, width=0), Trace("law: γ dγ ε/(σ²+ε)", palette.LAW, "dash"),
               )),
        Curves("loss", title="Loss if W were c·W", x="c", y="cross-entropy (nats)", log_x=True, x_range=(0.01, 100),
               x_ticks=(0.01, 0.1, 1, 10, 100), y_range=(0, 3),
               traces=(Trace("this batch", palette.TRAIN_OPTIMIZED, "solid", markers=True),)),
        Lines("length", title="Growth of |W|² since the start", x="batch", y="|W|² − |W₀|²", traces=(
            Trace("seen", palette.GRADIENT, "solid"), Trace("Σ δ²|dW|²", palette.LAW, "dash"),
        )),
        Lines("cosine", title="Mean |cos| between W and dW", x="batch", y="|cos|", log=True, y_range=(1e-6, 1.0),
              traces=(Trace("this layer", palette.GRADIENT, "solid"),)),
    )  # fmt: skip
    questions = (
        Question(
            "ten", "All weights of layer 1 are multiplied by 10; batchnorm follows. What does the loss do?",
            choices=TIMES_TEN, seen=_times_ten,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("right angles", "The loss is a flat line, and |W|² grows as the dashed line says.",
                   layer=1, eps=1e-5, batchnorm=True, play=True),
        Experiment("layer 4", "No batchnorm behind it: the loss knows c, and the angle is any.",
                   layer=4, eps=1e-5, batchnorm=True, play=True),
        Experiment("large ε", "The dots rise, and stay on the law: it is exact for every ε.",
                   layer=1, eps=0.1, batchnorm=True, play=True),
        Experiment("without batchnorm", "All layers behave as layer 4 did.", layer=1, batchnorm=False, play=True),
    )  # fmt: skip

    def start(self, spec: ScaleSpec, seed: int) -> ScaleInvariance:
        net, data = small_net("digits", seed, batchnorm=spec.batchnorm, bias=not spec.batchnorm)
        return ScaleInvariance(net, data, delta=spec.delta, eps=spec.eps, keep=spec.keep)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("eps", "delta", "keep"):
            run.change(**{name: value})

    @staticmethod
    def frame(event: ScaleSeen | None, now: Now) -> Mapping[str, Panel]:
        """Angles and lengths of the last batch; the loss against c of the next one."""
        run, layer = now.run, now.spec.layer
        frame = {"loss": Panel(lambda: _losses(run, layer))}
        if run.last is not None:
            frame["angle"] = Panel(lambda: _angles(run.last, layer))
        if event is not None:
            grown, predicted = (each[layer] - run.start[layer] for each in (event.squared, event.predicted))
            cosine = np.abs(event.alignment[layer].cosine).mean()
            frame["length"] = Panel((event.step, grown, predicted), f"layer {layer}: {grown:.4g}, {predicted:.4g}")
            frame["cosine"] = Panel((event.step, cosine), f"layer {layer}: {cosine:.1e}")
        return frame


def _angles(seen: ScaleSeen, layer: int) -> Panel:
    """Sorted by what the law says, where there is one."""
    found = seen.alignment[layer]
    order = np.argsort(-np.abs(found.inner if found.law is None else found.law / found.norms))
    silent = f"; {found.silent} silent" if found.silent else ""
    law = None if found.law is None else _log10(found.law / found.norms)[order]
    words = f"largest {np.abs(found.cosine).max(initial=0):.0e}{silent}"
    return Panel((np.arange(1, len(order) + 1), _log10(found.cosine)[order], law), words)


def _losses(run: ScaleInvariance, layer: int) -> Panel:
    losses = [run.loss_of(layer, factor) for factor in FACTORS]
    return Panel((FACTORS, losses), f"layer {layer}: from {min(losses):.3f} to {max(losses):.3f}")


def _log10(values: np.ndarray) -> np.ndarray:
    """Of the size; nothing is drawn where it is 0."""
    return np.log10(np.where(values == 0, np.nan, np.abs(values)))
