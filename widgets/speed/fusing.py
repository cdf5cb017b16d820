"""What fusing saves: a layer in NumPy, in compiled passes, and in one, measured live."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.bench.fusing import PARTS, WAYS, Fusing, WayTimed
from widgets.dashboard import Dashboard, Experiment, NamedBars, Now, Panel, Question, Trace, choice, slider, switch
from widgets.speed.noise import NOISE, noise

SHAPES = {
    "256 × 784 → 512": (256, 784, 512),
    "64 × 784 → 512": (64, 784, 512),
    "1024 × 1024 → 1024": (1024, 1024, 1024),
    "1024 × 128 → 1024": (1024, 128, 1024),
}
ASKED = "256 × 784 → 512"  # of the question, with a mask
MEGA = 1e-6
MOVED = ("pass by pass", "fused")
SAVES = ("more than a half", "some, but less than a half", "nothing that can be told, or it costs")


@dataclass(frozen=True)
class FusingSpec:
    """What can be moved; but for the switch everything is measured anew then."""

    product: bool = switch(True, label="with the product", live=True, about="whether the product's time is drawn, too")
    shape: tuple[int, int, int] = choice(
        (256, 784, 512), of=SHAPES, label="layer N × d_in → d_out", about="rows, inputs and units of the layer"
    )
    keep: float = slider(
        0.9, low=0.1, high=1.0, step=0.1, label="keep p", about="of its dropout; at p = 1 the fused pass draws no mask"
    )
    seconds: int = slider(10, low=2, high=60, label="seconds", about="about how long it measures, in all")


def _saved(run: Fusing) -> float | None:
    """Share of what follows the product that fusing saves, of the compiled passes' time."""
    apart, fused = (run.whole(way, product=False) for way in MOVED)
    return 1 - fused / apart if apart and fused else None


def _seen(now: Now) -> str | None:
    saved = _saved(now.run) if now.spec.shape == SHAPES[ASKED] and now.spec.keep < 1 else None
    return None if saved is None else SAVES[0] if saved > 0.5 else SAVES[1] if saved > 0.05 else SAVES[2]


PASSES = tuple(Trace(part, palette.part(i)) for i, part in enumerate(PARTS[1:-1], start=1))


class SpeedFusing(Dashboard):
    """Dropout(BatchNorm(ReLU(a W))): where its time goes in three ways of computing it."""

    title, spec, step_name = "What fusing saves", FusingSpec, "measurement"
    panels = (
        NamedBars(
            "time", title="Time of one layer", x="µs", labels=WAYS, x_range=(0, 100), height=240, wide=True,
            traces=(Trace(PARTS[0], palette.NEUTRAL), *PASSES, Trace(PARTS[-1], palette.part(7), "hatched")),
        ),
        NamedBars(
            "moved", title="Moved at least, after the product", x="MB", labels=MOVED, digits=".3~g", height=195,
            traces=(Trace("counted, not measured", palette.LAW),), x_range=(0, 1),
        ),
        NOISE,
    )  # fmt: skip
    questions = (
        Question("saved", f"Six compiled passes move ten numbers for each unit, one fused pass three. {ASKED}: "
                 "how much of the time after the product does fusing save on your machine?", choices=SAVES, seen=_seen),
    )  # fmt: skip
    experiments = (
        Experiment("layer 1 of NN4", "The product is most of it. What is left to save?",
                   shape=(256, 784, 512), keep=0.9, product=True, play=True),
        Experiment("without the product", "The same, closer: the mask is the dearest pass. Where do NumPy's go?",
                   shape=(256, 784, 512), keep=0.9, product=False, play=True),
        Experiment("4 MB arrays", "No array fits a near cache. Who suffers?",
                   shape=(1024, 1024, 1024), keep=0.9, product=False, play=True),
        Experiment("no masks", "p = 1: the fused pass draws nothing, the others do not know.",
                   shape=(256, 784, 512), keep=1.0, product=False, play=True),
    )  # fmt: skip

    def start(self, spec: FusingSpec, seed: int) -> Fusing:
        return Fusing(spec.shape, keep=spec.keep, seconds=spec.seconds)

    @staticmethod
    def frame(event: WayTimed | None, now: Now) -> Mapping[str, Panel]:
        """The parts of every way that was measured so far."""
        run, product = now.run, now.spec.product
        made = {"time": Panel(lambda: _times(run, product), run.machine)}
        if event is None:
            counts = run.counts()
            made["moved"] = Panel((np.array([MEGA * counts[way].bytes for way in MOVED]),))
        else:
            made["moved"] = Panel(None, _words(run))
        return made | noise(run) if event is None or event.way == WAYS[-1] else made


def _times(run: Fusing, product: bool) -> Panel:
    rows = [[1e6 * run.median(way, part) * (product or part != "product") for way in WAYS] for part in PARTS]
    return Panel(tuple(np.array(rows)))


def _words(run: Fusing) -> str | None:
    """What is saved, or lost, of what follows the product."""
    saved = _saved(run)
    if saved is None:
        return None
    apart, fused = (1e6 * run.whole(way, product=False) for way in MOVED)
    word = "saves" if saved > 0 else "costs"
    return f"measured: {apart:.0f} µs, fused {fused:.0f} µs; fusing {word} {abs(saved):.0%}"
