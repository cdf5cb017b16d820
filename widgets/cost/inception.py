"""1x1 convolutions before large windows: what an Inception module saves by them, and when it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.cost import PATHS, Inception, ReductionWalk, inceptions, size_words, table_text
from widgets.dashboard import (
    Curves,
    Dashboard,
    Experiment,
    NamedBars,
    Now,
    Panel,
    Question,
    Trace,
    Words,
    choice,
    slider,
)

MILLION, BILLION, COURSE, CHANNELS = 1e-6, 1e-9, 64, 256
MODULES = ("naive", "reduced")
LABELS = tuple(f"{module}: {path}" for module in MODULES for path in PATHS)
AS_WIDE = ("fewer", "as many", "more")


@dataclass(frozen=True)
class InceptionSpec:
    """What can be moved."""

    reduce: int = slider(
        COURSE, low=1, high=CHANNELS, label="reduce to", live=True, says=lambda r: f"{r} channels",
        about="outputs of the 1x1 convolutions before 3x3 and 5x5; the input has 256",
    )  # fmt: skip
    projection: int = slider(
        64, low=1, high=CHANNELS, label="pool projection", live=True, about="outputs of the 1x1 after the pooling"
    )
    module: str = choice("reduced", of=MODULES, label="table of", live=True, about="the module that the table shows")


def _saving(now: Now) -> float | None:
    """Read off the width that the control is at, or off the walk."""
    if now.spec.reduce == COURSE:
        return inceptions(COURSE, projection=now.spec.projection).saving
    return now.run.seen[COURSE].saving if COURSE in now.run.seen else None


def _as_wide(now: Now) -> str | None:
    """Of the widest reduction that was walked to, whether it costs less than none."""
    widest = now.run.seen.get(now.run.channels)
    if widest is None:
        return None
    return AS_WIDE[1] if abs(widest.saving - 1) < 0.01 else AS_WIDE[0] if widest.saving > 1 else AS_WIDE[2]


class CostInception(Dashboard):
    """The naive module beside the reduced one; Play walks through the widths of the reduction."""

    title, spec, step_name, speed = "1x1 before large windows", InceptionSpec, "step", "slow"
    panels = (
        NamedBars(
            "paths", title="Multiplications of every path", x="10⁶ multiplications", labels=LABELS, height=300,
            veiled=True, x_range=(0, 700), traces=(
                Trace("1x1 before or after it", palette.part(5), "hatched"), Trace("its window", palette.part(1)),
            ),
        ),
        Curves(
            "widths", title="Both modules, by the width of the reduction", x="channels after the reduction",
            veiled=True, y="10⁹ multiplications", height=300, x_range=(0, 260), y_range=(0, 1.5), traces=(
                Trace("naive", palette.part(4), "dash"), Trace("reduced", palette.part(3), "solid", markers=True),
                Trace("reduce to", palette.part(2), width=0),
            ),
        ),
        Words("table", title="Every layer of one module", veiled=True, wide=True, height=190),
    )  # fmt: skip
    questions = (
        Question("saving", "The input has 256 channels. 1x1 convolutions bring them to 64 before the 3x3 and the 5x5. "
                 "How many times fewer multiplications does the module need?", number=(0.1, 100.0), unit="times",
                 seen=_saving),
        Question("wide", "And where the 1x1 convolutions have 256 outputs, as many as the input: how many "
                 "multiplications, beside the naive module?", choices=AS_WIDE, seen=_as_wide),
    )  # fmt: skip
    experiments = (
        Experiment("64, as in the course", "Which path of the naive module costs most? What is left of it?",
                   reduce=64, projection=64, module="reduced"),
        Experiment("8 channels", "The windows are nearly free. But eight numbers a pixel are all that they see.",
                   reduce=8, projection=64, module="reduced"),
        Experiment("256: nothing reduced", "Now the module does the naive one's work, and its own 1x1 besides.",
                   reduce=256, projection=64, module="reduced", play=True),
        Experiment("the naive module", "672 channels come out of 256: the next module would cost even more.",
                   reduce=64, module="naive"),
    )  # fmt: skip

    def start(self, spec: InceptionSpec, seed: int) -> ReductionWalk:
        return ReductionWalk(CHANNELS, spec.projection)

    def change(self, run: ReductionWalk, name: str, value: Any) -> None:
        if name == "projection":
            run.change(value)

    @staticmethod
    def frame(event: object, now: Now) -> Mapping[str, Panel]:
        """Both modules at the width of the control; the widths that were walked through."""
        both, spec = inceptions(now.spec.reduce, projection=now.spec.projection), now.spec
        made = {"widths": Panel(lambda: _widths(now.run, both, spec))}
        if event is not None:
            return made
        shown = both.naive if spec.module == "naive" else both.reduced
        says = f"{spec.module}: {size_words(both.naive.rows[0].shape)} becomes {size_words(shown.rows[-1].shape)}"
        return made | {"paths": Panel(lambda: _paths(both)), "table": Panel(table_text(shown), says)}


def _paths(both: Inception) -> Panel:
    naive = [(0, both.paths[path][0]) for path in PATHS]
    reduced = [both.paths[path][1] for path in PATHS]
    columns = MILLION * np.array(naive + reduced, float).T
    says = f"{both.naive.forward:,} / {both.reduced.forward:,} = {both.saving:.3f}"
    return Panel(tuple(columns), says)


def _widths(run: ReductionWalk, both: Inception, spec: InceptionSpec) -> Panel:
    """Two points of the naive module, all that were walked through, and the one that the control is at."""
    x = np.array([1, CHANNELS, *run.seen, spec.reduce], float)
    naive, reduced, dot = np.full((3, len(x)), np.nan)
    naive[:2] = BILLION * both.naive.forward
    reduced[2:-1] = [BILLION * each.reduced.forward for each in run.seen.values()]
    dot[-1] = BILLION * both.reduced.forward
    says = f"{both.saving:.3g} times fewer" if both.saving >= 1 else f"{1 / both.saving:.3g} times as many"
    return Panel((x, naive, reduced, dot), f"at {spec.reduce}: {says}")
