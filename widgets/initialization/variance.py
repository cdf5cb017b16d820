"""One layer: the variance of one output over fresh inputs and fresh weights, and over fresh inputs alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.initialization import Drawings, OneLayer
from widgets.dashboard import (
    Band,
    Curves,
    Dashboard,
    Experiment,
    Histogram,
    NamedBars,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    slider,
    switch,
)

ENOUGH = 5000  # draws before a variance is called measured
FIXED = ("the same: d·σ²/2", "less: about two thirds of it", "more: about one and a half times it")


@dataclass(frozen=True)
class VarianceSpec:
    """What can be moved; another σ counts from 0."""

    sigma: float = slider(
        0.1,
        low=0.005,
        high=0.5,
        step=0.005,
        label="σ",
        live=True,
        about="standard deviation of a weight, not its square",
    )
    fixed: bool = switch(False, label="one fixed w", live=True, about="on: the histogram is of one w, with fresh x")
    which: int = slider(
        1, low=1, high=256, label="which w", live=True, about="of the 256 fixed ones, the shortest first"
    )
    d: int = choice(128, of=(16, 64, 128, 512), label="inputs d", about="length of x and w")


def _sigma(now: Now) -> float | None:
    """Var goes by the square of sigma: what the measured variance says of the sigma that would give 1."""
    run, seen = now.run, now.run.seen
    return float(run.sigma / np.sqrt(seen.variance)) if run.d == 128 and seen.draws >= ENOUGH else None


def _fixed(now: Now) -> str | None:
    seen = now.run.seen
    if seen.draws < ENOUGH or not now.spec.fixed:
        return None
    ratio = seen.within / seen.variance
    return FIXED[1] if ratio < 0.85 else FIXED[2] if ratio > 1.15 else FIXED[0]


_LAW = Trace("d·σ²/2", palette.LAW, "dash")


class InitializationVariance(Dashboard):
    """Draws of y = xᵀw, 256 in a block."""

    title, spec, step_name = "One layer, drawn again and again", VarianceSpec, "block"
    panels = (
        Histogram(
            "y", title="y = xᵀw, x = ReLU(z)", x="y", y="share of draws", x_range=(-4, 4), y_range=(0, 0.07),
            traces=(Trace("draws", palette.SEEN),),
            lines=(
                Trace("mean", palette.part(2), "solid"), Trace("−√(d·σ²/2)", palette.LAW, "dash"),
                Trace("+√(d·σ²/2)", palette.LAW, "longdash"),
            ),
        ),
        Curves("variance", title="Var[y], fresh x and fresh w", x="1,000 draws", y="variance", log_x=True,
               x_range=(0.2, 50), y_range=(0, 1.5),
               traces=(Band("seen, ±1 standard error", palette.SEEN), _LAW)),
        Curves("fixed", title="Var[y | w] of 256 fixed w", x="w, the shortest first", y="variance",
               x_range=(0, 256), y_range=(0, 1.5), traces=(
                   Trace("seen", palette.SEEN, width=0), Trace("‖w‖²·(½ − 1/2π)", palette.LAW, "solid"), _LAW,
               )),
        NamedBars("parts", title="Where the rest is", x="variance", x_range=(0, 1.0), traces=(
            Trace("variance", palette.SEEN),), lines=(_LAW,),
            labels=("over x, mean of w", "of E[y | w], over w", "together"),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "sigma", "d = 128. Which standard deviation σ of the weights gives Var[y] = 1?",
            number=(0.001, 2.0), seen=_sigma,
        ),
        Question(
            "fixed", "Now one w is drawn and stays, only x is fresh. Var[y | w], on the mean of many w, is:",
            choices=FIXED, holds=("play", "fixed", "which"), seen=_fixed,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("σ = √(2/128)", "The band closes on 1: d·σ²/2 with d·σ² = 2.",
                   sigma=0.125, d=128, fixed=False, play=True),
        Experiment("twice the σ", "σ is a standard deviation: what becomes of the variance?",
                   sigma=0.25, d=128, fixed=False, play=True),
        Experiment("64 inputs", "Half as many terms in the sum. Which σ would make up for it?",
                   sigma=0.125, d=64, fixed=False, play=True),
        Experiment("one fixed w", "Its mean is not 0, its variance is too small, and the next w has another one.",
                   sigma=0.125, d=128, fixed=True, which=170, play=True),
    )  # fmt: skip

    def start(self, spec: VarianceSpec, seed: int) -> OneLayer:
        return OneLayer(spec.d, spec.sigma, seed)

    def change(self, run: OneLayer, name: str, value: object) -> None:
        if name == "sigma":
            run.change(sigma=value)
            next(run)  # there is something to be seen at once

    @staticmethod
    def frame(event: Drawings | None, now: Now) -> Mapping[str, Panel]:
        """All draws so far."""
        run = now.run
        return {
            "y": Panel(lambda: _histogram(run, now.spec)),
            "variance": Panel(lambda: _variance(run)),
            "fixed": Panel(lambda: _fixed_ones(run, now.spec)),
            "parts": Panel(lambda: _parts(run)),
        }


def _histogram(run: OneLayer, spec: VarianceSpec) -> Panel:
    seen, deviation, w = run.seen, np.sqrt(run.law), np.argsort(run.fixed_law)[spec.which - 1]
    counts = seen.fixed[w] if spec.fixed else seen.fresh
    lines = -deviation, deviation
    if not seen.draws:
        return Panel((seen.edges, counts, None, *lines), "press Play")
    middle = (seen.edges[1:] + seen.edges[:-1]) / 2
    mean = seen.fixed_mean[w] if spec.fixed else float(counts @ middle / seen.draws)
    variance, error = (seen.fixed_variance[w], seen.fixed_error[w]) if spec.fixed else (seen.variance, seen.error)
    name = f"w {spec.which}" if spec.fixed else "fresh w"
    return Panel((seen.edges, counts / seen.draws, mean, *lines), f"{name}: {variance:.3f} ± {error:.3f}")


def _variance(run: OneLayer) -> Panel:
    if not run.trail:
        return Panel((np.array((0.2, 50.0)), None, np.full(2, run.law)), f"d·σ²/2 = {run.law:.3f}")
    n, variance, error = np.array(run.trail).T
    seen = run.seen
    words = f"{seen.variance:.3f} ± {seen.error:.3f}, d·σ²/2 = {run.law:.3f}"
    return Panel((n / 1000, (variance, variance - error, variance + error), np.full(len(n), run.law)), words)


def _fixed_ones(run: OneLayer, spec: VarianceSpec) -> Panel:
    order, seen = np.argsort(run.fixed_law), run.seen
    one = np.full(len(order), run.law)
    number = np.arange(1, len(order) + 1)
    if not seen.draws:
        return Panel((number, None, None, one), "press Play")
    words = f"{seen.fixed_variance.min():.2f} to {seen.fixed_variance.max():.2f}, mean {seen.within:.3f}"
    return Panel((number, seen.fixed_variance[order], run.fixed_law[order], one), words)


def _parts(run: OneLayer) -> Panel:
    seen = run.seen
    within, between = (seen.within, seen.between) if seen.draws else (np.nan, np.nan)
    share = f"{within / (within + between):.0%} over x" if seen.draws else "press Play"
    return Panel(((within, between, within + between), run.law), share)
