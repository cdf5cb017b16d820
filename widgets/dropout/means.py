"""What dropout keeps: a unit, a weighted sum and its ReLU over many masks, and which of their means stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.dropout import DropoutMoments, Moments, MomentsSeen, normal_layer
from widgets.dashboard import (
    Band,
    Curves,
    Dashboard,
    Experiment,
    Histogram,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    keep_slider,
    slider,
    switch,
)

INPUTS, SUMS = 256, 128
ASKED = 0.5  # the p of the second question
ENOUGH = 2000  # passes before a mean is called kept or not
KEPT = ("that of z and that of ReLU(z)", "that of z, but not that of ReLU(z)", "neither")


@dataclass(frozen=True)
class MeansSpec:
    """What can be moved; passes at another p count from 0."""

    keep: float = keep_slider(
        0.5, low=0.2, live=True, about="probability of keeping a unit; a move begins to count anew"
    )
    inverted: bool = switch(
        True, label="scale by 1/p", live=True, about="inverted dropout; off: what is kept stays as it is"
    )
    unit: int = slider(
        64, low=1, high=SUMS, label="unit", live=True,
        about="which of the units is drawn; those of z are sorted, negative means first",
    )  # fmt: skip
    means: str = choice(
        "z", of={"units": "unit", "sums z": "z", "ReLU(z)": "relu"}, label="means of", live=True,
        about="whose means are set against the standard error",
    )  # fmt: skip


def _kept(now: Now) -> str | None:
    seen = now.run.seen
    if seen.passes < ENOUGH or not now.spec.inverted or now.spec.keep == 1:
        return None
    z, relu = (each.share_within(4) > 0.9 for each in (seen.z, seen.relu))
    return KEPT[0] if z and relu else KEPT[1] if z else KEPT[2]


def _factor(now: Now) -> float | None:
    """By which the means of z follow their values without dropout (least squares), at the p that is asked about."""
    z, asked = now.run.seen.z, not now.spec.inverted and now.spec.keep == ASKED
    return None if not asked or not z.passes else float(z.mean @ z.without / (z.without @ z.without))


_LINES = (Trace("mean", palette.MASKED, "solid"), Trace("without dropout", palette.WHOLE, "dash"))


class DropoutMeans(Dashboard):
    """One input goes through one layer thousands of times: how units, sums and ReLU spread, and whose mean is kept."""

    title, spec, step_name = "What the scaling keeps", MeansSpec, "block"
    panels = (
        Histogram(
            "unit", title="One unit: Dropout(x) / x", x="Dropout(x) / x", y="share of passes", x_range=(-0.2, 2.5),
            traces=(Trace("passes", palette.KEPT),), lines=_LINES,
        ),
        Histogram(
            "z", title="One sum: z = W·Dropout(x)", x="z", y="share of passes", x_range=(-5.0, 5.0), y_range=(0, 0.15),
            traces=(Trace("passes", palette.SUM),), lines=_LINES,
        ),
        Histogram(
            "relu", title="ReLU(z)", x="ReLU(z)", y="share of passes", x_range=(-0.1, 5.0), y_range=(0, 0.7),
            traces=(Trace("passes", palette.RAW),), lines=_LINES,
        ),
        Curves(
            "off", title="How far the means are off", x="unit", y="standard errors", x_range=(0, SUMS), y_range=(-4, 4),
            traces=(
                Band("±1 standard error", palette.WHOLE, "dash"), Trace("mean of each unit", palette.MASKED, width=0),
            ),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "kept", "With the factor 1/p, the mean of a unit is kept. Whose mean is kept as well?",
            choices=KEPT, seen=_kept,
        ),
        Question(
            "plain", "p = 0.5, and the factor 1/p is left out. By what factor does the mean of z change?",
            number=(0.0, 2.0), holds=("inverted",), seen=_factor,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("the bell", "z spreads, and its mean meets the dashed line. ReLU(z) has a mean of its own.",
                   keep=0.5, inverted=True, unit=64, means="z", play=True),
        Experiment("68 %", "However long it plays, about 68 % of the dots lie in the band, and none leaves ±4.",
                   keep=0.8, inverted=True, means="unit", play=True),
        Experiment("ReLU's mean", "These dots leave the band: the longer it plays, the surer it is that they are off.",
                   keep=0.5, inverted=True, means="relu", play=True),
        Experiment("without 1/p", "All means shrink by p. Test mode would have to multiply by p instead.",
                   keep=0.5, inverted=False, means="z", play=True),
    )  # fmt: skip

    def start(self, spec: MeansSpec, seed: int) -> DropoutMoments:
        return DropoutMoments(*normal_layer(seed, INPUTS, SUMS), spec.keep, spec.inverted, seed)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("keep", "inverted"):
            run.change(**{name: value})
            next(run)  # there is something to be seen at once

    @staticmethod
    def frame(event: MomentsSeen | None, now: Now) -> Mapping[str, Panel]:
        """Histograms of the chosen unit, and all means against their standard errors."""
        spec, unit, seen = now.spec, now.spec.unit - 1, event or now.run.seen
        return {
            "unit": Panel(lambda: _histogram(seen.unit, unit, seen.unit.without[unit])),
            "z": Panel(lambda: _histogram(seen.z, unit)),
            "relu": Panel(lambda: _histogram(seen.relu, unit)),
            "off": Panel(lambda: _off(getattr(seen, spec.means))),
        }


def _histogram(moments: Moments, unit: int, scale: float = 1.0) -> Panel:
    mean, without = moments.mean[unit] / scale, moments.without[unit] / scale
    shares = moments.counts[unit] / max(moments.passes, 1)
    if not moments.passes:
        return Panel((moments.edges[unit] / scale, shares, None, without), "no passes yet")
    error = moments.standard_error[unit] / scale
    return Panel(
        (moments.edges[unit] / scale, shares, mean, without), f"mean {mean:.3f} ± {error:.3f}, {without:.3f} without"
    )


def _off(moments: Moments) -> Panel:
    n = min(len(moments.mean), SUMS)
    error = np.where(moments.std > 0, moments.standard_error, np.inf)
    off = ((moments.mean - moments.without) / error)[:n] if moments.passes else np.full(n, np.nan)
    one = np.ones(n)
    said = f"{moments.passes:,} passes: {moments.share_within(1):.0%} within ±1"
    words = said if moments.passes else "no passes yet"
    return Panel((np.arange(1, n + 1), (0 * one, -one, one), off), words)
