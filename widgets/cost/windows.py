"""N small windows in a row beside a large one that sees as much: receptive field, weights, multiplications."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.cost import Depth, StackWalk, stack
from widgets.dashboard import (
    Curves,
    Dashboard,
    Experiment,
    Heatmap,
    NamedBars,
    Now,
    Panel,
    Question,
    Trace,
    slider,
)

MOST = 8
SAVES = ("the three 3x3", "the 7x7", "they need as many")


@dataclass(frozen=True)
class WindowsSpec:
    """What can be moved; a stack is built anew then."""

    n: int = slider(3, low=1, high=MOST, label="N layers", about="convolutions, one after the other")
    size: int = slider(
        3, low=1, high=11, label="F", says=lambda f: f"windows of {f} x {f}", about="side of each window"
    )
    channels: int = slider(
        64, low=1, high=512, label="channels C", about="in and out of every layer; it scales both sides alike"
    )


def _sees(now: Now) -> float | None:
    walk = now.run
    done = (walk.stack.n, walk.stack.size) == (3, 5) and walk.last.layers == 3
    return len(walk.last.ways) if done else None


def _saves(now: Now) -> str | None:
    walk = now.run
    if (walk.stack.n, walk.stack.size) != (3, 3) or walk.last.layers < 3:
        return None
    small, large = walk.stack.stacked, walk.stack.single
    return SAVES[2] if small == large else SAVES[0] if small < large else SAVES[1]


class CostWindows(Dashboard):
    """A stack of windows, layer by layer: which pixels reach the middle of its output, and what it costs."""

    title, spec, step_name, speed = "Small windows in a row", WindowsSpec, "layer", "slow"
    panels = (
        Heatmap("ways", title="Ways to the middle output", low=0, high=1, square=True, height=240,
                shades=palette.KEPT_SHADES),
        Curves(
            "field", title="What an output sees", veiled=True, x="layers", y="side, pixels", height=240, x_range=(0, 4),
            y_range=(0, 10), anew=True, traces=(
                Trace("the stack", palette.SEEN, markers=True), Trace("one window as wide", palette.LAW, "dash"),
                Trace("now", palette.part(2), width=0),
            ),
        ),
        NamedBars(
            "costs", title="Weights, and multiplications at a pixel", x="10³ weights", x_range=(0, 1e-3), anew=True,
            labels=("the stack", "one window"), traces=(Trace("weights", palette.SEEN),), digits=",.3~g", height=170,
            veiled=True,
        ),
        Curves(
            "saving", title="What the stack saves, by its depth", veiled=True, x="layers", y="times", height=170,
            x_range=(0, MOST), y_range=(0, 1), anew=True,
            traces=(Trace("times fewer", palette.SEEN, markers=True), Trace("now", palette.part(2), width=0)),
        ),
    )  # fmt: skip
    questions = (
        Question("sees", "Three convolutions of 5x5, one after the other. How many pixels wide is what an output sees?",
                 number=(1, 99), unit="pixels", seen=_sees),
        Question("saves", "Three 3x3 see as much as one 7x7. Which has fewer weights?", choices=SAVES, seen=_saves),
    )  # fmt: skip
    experiments = (
        Experiment("three 5x5", "Each layer adds F - 1 pixels to the side. The middle counts by far the most.",
                   n=3, size=5, play=True),
        Experiment("three 3x3, or a 7x7", "49 weights against 27, for each pair of channels, and two more ReLUs.",
                   n=3, size=3, play=True),
        Experiment("two 3x3, or a 5x5", "The smallest case: 25 against 18.", n=2, size=3, play=True),
        Experiment("eight 3x3", "The picture of the ways: is its edge seen as well as its middle?",
                   n=8, size=3, play=True),
    )  # fmt: skip

    def start(self, spec: WindowsSpec, seed: int) -> StackWalk:
        return StackWalk(spec.n, spec.size, spec.channels)

    @staticmethod
    def frame(event: Depth | None, now: Now) -> Mapping[str, Panel]:
        """The layer that was added, in all charts."""
        run = now.run
        frame = {
            "ways": Panel(lambda: _ways(run)),
            "field": Panel(lambda: _field(run)),
            "saving": Panel(lambda: _saving(run)),
        }
        return frame if event else frame | {"costs": Panel(lambda: _costs(run))}


def _ways(run: StackWalk) -> Panel:
    ways, sees = run.last.ways, run.stack.sees
    rim = (sees - len(ways)) // 2
    whole = np.pad(ways / ways.max(), (rim, sees - len(ways) - rim))
    edge = ways[0, 0] / ways.max()
    return Panel(
        whole, f"layers {run.last.layers}: {len(ways)} x {len(ways)} pixels, a corner {edge:.1%} of the middle"
    )


def _field(run: StackWalk) -> Panel:
    x = np.arange(run.stack.n + 1)
    dot = np.where(x == run.last.layers, run.stack.fields, np.nan)
    n, size, sees = run.stack.n, run.stack.size, run.stack.sees
    says = f"{n} ({size} - 1) + 1 = {sees}"
    return Panel((x, np.array(run.stack.fields), np.full(len(x), sees), dot), says)


def _costs(run: StackWalk) -> Panel:
    small, large = run.stack.stacked, run.stack.single
    return Panel((1e-3 * np.array([small, large]),), f"{large:,} / {small:,} = {large / small:.3g}")


def _saving(run: StackWalk) -> Panel:
    x = np.arange(1, MOST + 1)
    made = [stack(int(n), run.stack.size, 1) for n in x]
    times = np.array([each.single / each.stacked for each in made])
    dot = np.where(x == run.last.layers, times, np.nan)
    return Panel((x, times, dot), f"N = {run.stack.n}: {times[run.stack.n - 1]:.3g} times fewer")
