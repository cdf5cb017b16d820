"""NN4's gradient against central differences, view by view, and what a mistake in the backward pass looks like."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

import lab
from lab import palette
from lab.analysis.nn4 import MISTAKES, GradientCheck, ViewChecked
from lab.analysis.nn4.gradient_check import LIMIT
from widgets.dashboard import (
    Curves,
    Dashboard,
    Experiment,
    Now,
    Panel,
    Question,
    Trace,
    Words,
    choice,
    keep_slider,
    slider,
    switch,
)
from widgets.nn4_run import load_at_once

SAMPLES = 32
SIZES = (64, 32, 16, 8, 10)
SPOILED = ("all four weight matrices", "all but W4", "only W1")


@dataclass(frozen=True)
class CheckSpec:
    """What is checked; everything acts when it begins anew."""

    mistake: str = choice("none", of=tuple(MISTAKES), label="mistake", about="what the backward pass does wrong")
    keep: float = keep_slider(
        0.7, low=0.1, step=0.05, about="probability of keeping; the masks stay the same in all passes of the check"
    )
    batchnorm: bool = switch(True, label="batchnorm", about="whether hidden layers are normalized")
    entries: int = slider(20, low=4, high=100, step=4, label="entries", about="looked at in each view, at most")


def _ended(now: Now) -> bool:
    run = now.run
    return len(run.checked) == len(run.views) and all(len(c.places) == c.wanted for c in run.checked.values())


def _spoiled(now: Now) -> str | None:
    if not _ended(now) or now.spec.mistake != "1/p forgotten" or now.spec.keep == 1:
        return None
    wrong = {name for name, each in now.run.checked.items() if name.startswith("W") and not each.right}
    return {4: SPOILED[0], 3: SPOILED[1], 1: SPOILED[2]}.get(len(wrong))


def _digits(now: Now) -> float | None:
    return float(np.log10(now.run.worst)) if _ended(now) and now.spec.mistake == "none" else None


class NN4GradientCheck(Dashboard):
    """Backpropagation says one number for each weight, differences of the loss another: are they the same?"""

    title, spec, step_name = "Is the gradient right?", CheckSpec, "slice"
    panels = (
        Curves(
            "both", title="Backpropagation against differences", x="difference of the loss", y="backpropagation",
            x_range=(-0.1, 0.1), y_range=(-0.1, 0.1), traces=(
                Trace("the same", palette.LAW, "dash"),
                *(Trace(f"layer {i}", palette.layer(i), width=0) for i in range(1, 5)),
            ),
        ),
        Curves(
            "error", title="Relative error of each view", x="view, in the order of the table", y="relative error",
            x_range=(0.0, 11.0), y_range=(1e-12, 10.0), log=True, traces=(
                Trace("||backprop - differences|| / ||the larger||", palette.GRADIENT, width=0),
                Trace("limit", palette.LAW, "dash"),
            ),
        ),
        Words("table", title="View by view", height=230, wide=True),
    )  # fmt: skip
    questions = (
        Question("digits", "Right, in float64: the relative error is about 10 to the power of ...?",
                 number=(-16.0, 0.0), seen=_digits),
        Question("spoiled", "The backward pass forgets the factor 1/p of dropout. Which gradients are wrong?",
                 choices=SPOILED, seen=_spoiled),
    )  # fmt: skip
    experiments = (
        Experiment("right", "All dots on the line; the errors are rounding, far below the limit.",
                   mistake="none", keep=0.7, batchnorm=True, play=True),
        Experiment("1/p forgotten", "W4 is right: its mask is on its input, in the forward pass. Those below are not.",
                   mistake="1/p forgotten", keep=0.7, batchnorm=True, play=True),
        Experiment("ReLU left out", "γ3 and β3 stand above the last ReLU: they are right. W3 is the first that is not.",
                   mistake="ReLU left out", batchnorm=True, play=True),
        Experiment("sum for mean", "All dots on a line, but a steeper one: 32 times. Only a check of sizes finds it.",
                   mistake="sum for mean", play=True),
        Experiment("another mask", "The dots are everywhere: the gradient of another network.",
                   mistake="another mask", keep=0.7, play=True),
    )  # fmt: skip

    def start(self, spec: CheckSpec, seed: int) -> GradientCheck:
        data = load_at_once("digits", 10)
        net = lab.NN4(SIZES, spec.keep, spec.batchnorm, seed=seed, dtype="float64", backend="reference")
        x, y = data.train_x[:SAMPLES], data.train_y[:SAMPLES]
        return GradientCheck(net, x, y, entries=spec.entries, mistake=spec.mistake)

    @staticmethod
    def frame(event: ViewChecked | None, now: Now) -> Mapping[str, Panel]:
        """All views so far."""
        run = now.run
        return {
            "both": Panel(lambda: _both(run)),
            "error": Panel(lambda: _error(run)),
            "table": Panel(lambda: Panel(_table(run), "" if run.mistake == "none" else f"mistake: {run.mistake}")),
        }


def _both(run: GradientCheck) -> Panel:
    checked = list(run.checked.values())
    if not checked:
        return Panel(((), (), *[()] * 4), "nothing checked yet")
    x = np.concatenate([each.differences for each in checked])
    y = np.concatenate([each.claimed for each in checked])
    layer = np.concatenate([np.full(len(each.places), int(each.view[-1])) for each in checked])
    order = np.argsort(x)  # so that the line goes through the chart once
    x, y, layer = x[order], y[order], layer[order]
    dots = [np.where(layer == i, y, np.nan) for i in range(1, 5)]
    return Panel((x, x, *dots), f"{len(x)} entries, off by at most {np.abs(x - y).max():.1e}")


def _error(run: GradientCheck) -> Panel:
    errors = np.array([max(each.relative, 1e-16) for each in run.checked.values()])
    n = np.arange(1, len(errors) + 1)
    words = f"worst {run.worst:.1e}, limit {LIMIT:.0e}" if len(errors) else f"limit {LIMIT:.0e}"
    return Panel((n, errors, np.full(len(n), LIMIT)), words)


def _table(run: GradientCheck) -> str:
    lines = [f"{'view':<8}{'entries':>9}{'checked':>9}{'largest error':>15}{'relative':>11}"]
    for name, each in run.checked.items():
        verdict = "right" if each.right else "WRONG"
        numbers = f"{each.size:>9,}{len(each.places):>9}{each.error:>15.1e}{each.relative:>11.1e}"
        lines.append(f"{name:<8}{numbers}  {verdict}")
    return "\n".join(lines)
