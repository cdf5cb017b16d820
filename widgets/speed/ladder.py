"""The ladder: the same product six times, from three loops to sums in registers, measured live."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from lab import palette
from lab.bench.rungs import BLAS, PEAK, Climb, RungTimed, ideas, names
from widgets.dashboard import Dashboard, Experiment, NamedBars, Now, Panel, Question, Trace, choice, slider
from widgets.speed.noise import NOISE, noise

SHAPES = {
    "256 × 784 × 512": (256, 784, 512),
    "256 × 512 × 256": (256, 512, 256),
    "64 × 64 × 64": (64, 64, 64),
    "256 × 2048 × 2048": (256, 2048, 2048),
}
ASKED = "256 × 784 × 512"  # of the questions, in float32
LABELS = (*names(), BLAS)
GIGA = 1e-9
FACTORS = ("less than 10 times", "10 to 50 times", "50 to 200 times", "more than 200 times")
BLOCKED = ("faster", "slower", "the same to 5 %")


@dataclass(frozen=True)
class LadderSpec:
    """What can be moved; everything is measured anew then."""

    shape: tuple[int, int, int] = choice(
        (256, 784, 512),
        of=SHAPES,
        label="a (m × k) times b (k × n)",
        about="m × k × n: layers 1 and 2 of NN4, a small and a large product",
    )
    dtype: str = choice("float32", of=("float32", "float64"), label="numbers", about="4 or 8 bytes each")
    seconds: int = slider(10, low=2, high=60, label="seconds", about="about how long it measures, in all")


def _rate(now: Now, name: str) -> float | None:
    event = now.run.timed.get(name)
    return None if event is None else event.rate


def _asked(now: Now) -> bool:
    """Whether the product is the one that the questions name."""
    return now.spec.shape == SHAPES[ASKED] and now.spec.dtype == "float32"


def _factor(now: Now) -> str | None:
    low, high = _rate(now, "naive"), _rate(now, "registers")
    if low is None or high is None or not _asked(now):
        return None
    return FACTORS[int(np.searchsorted((10, 50, 200), high / low, side="right"))]


def _blocked(now: Now) -> str | None:
    before, after = _rate(now, "reordered"), _rate(now, "blocked")
    if before is None or after is None or not _asked(now):
        return None
    return BLOCKED[2] if abs(after / before - 1) < 0.05 else BLOCKED[0] if after > before else BLOCKED[1]


class SpeedLadder(Dashboard):
    """Bars that grow as they are measured; a dashed line where this machine's arithmetic ends."""

    title, spec, step_name = "The ladder", LadderSpec, "measurement"
    panels = (
        NamedBars(
            "rate", title="Rate on one core", x="operations a second (10⁹)", labels=LABELS, spread=True, digits=".3~g",
            traces=(Trace("median", palette.SEEN),), lines=(Trace("best seen: the peak", palette.LAW, "dash"),),
            x_range=(0, 20), height=320, wide=True,
        ),
        NamedBars(
            "share", title="Share of the peak", x="%", labels=LABELS, digits=".1f",
            traces=(Trace("of the best rate seen here", palette.SEEN),), x_range=(0, 110), height=300,
        ),
        NOISE,
    )  # fmt: skip
    questions = (
        Question("factor", f"{ASKED}, float32: three plain loops, compiled, and sums kept in registers. How much "
                 "faster are the latter?", choices=FACTORS, seen=_factor),
        Question("blocked", "The same product: a block of b that stays in the cache, beside rows of b that come by "
                 "anew for every row of a. On your machine the blocked loops are ...", choices=BLOCKED, seen=_blocked),
    )  # fmt: skip
    experiments = (
        Experiment("layer 1 of NN4", "Which step brings most? Compare the last rung with the BLAS.",
                   shape=(256, 784, 512), dtype="float32", play=True),
        Experiment("b of 16 MB", "b fits no near cache now: which rungs lose, which do not?",
                   shape=(256, 2048, 2048), dtype="float32", play=True),
        Experiment("float64", "A vector holds half as many numbers. Which rungs are half as fast?",
                   shape=(256, 784, 512), dtype="float64", play=True),
        Experiment("64 × 64 × 64", "Everything is in the nearest cache. Copying a panel has to pay for itself.",
                   shape=(64, 64, 64), dtype="float32", play=True),
    )  # fmt: skip

    def start(self, spec: LadderSpec, seed: int) -> Climb:
        return Climb(shape=spec.shape, dtype=spec.dtype, seconds=spec.seconds)

    @staticmethod
    def frame(event: RungTimed | None, now: Now) -> Mapping[str, Panel]:
        """Every rung that has been measured so far, and the calibration after each round."""
        run = now.run
        idea = _ideas().get(event.rung) if event else None
        made = {
            "rate": Panel(lambda: _rates(run), run.machine),
            "share": Panel(lambda: _shares(run), f"{event.rung}: {idea[0]}" if event and idea else None),
        }
        return made | noise(run) if event is None or event.rung == PEAK else made


@cache
def _ideas() -> dict[str, tuple[str, str]]:
    return ideas()


def _rates(run: Climb) -> Panel:
    found = [run.timed.get(name) for name in LABELS]
    rate, low, high = (
        GIGA * np.array([np.nan if each is None else getattr(each, field) for each in found])
        for field in ("rate", "low", "high")
    )
    return Panel((rate, low, high, None if run.peak is None else GIGA * run.peak))


def _shares(run: Climb) -> Panel:
    found = [run.timed.get(name) for name in LABELS]
    return Panel((np.array([np.nan if each is None else 100 * each.rate / (run.peak or 1) for each in found]),))
