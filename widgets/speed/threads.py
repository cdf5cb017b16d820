"""What threads bring: K mini-batches over P workers, beside Amdahl's law, measured live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.bench.live import Spread
from lab.bench.scaling import Scaling, StepDone, advice, amdahl
from lab.bench.timing import allowed_cores
from widgets.charts.chart import titled
from widgets.dashboard import Band, Bars, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider
from widgets.speed.noise import NOISE, noise

CORES = len(allowed_cores())
MOST = 16


@dataclass(frozen=True)
class ThreadsSpec:
    """What can be moved; everything is measured anew then."""

    most: int = slider(
        min(max(CORES, 2), MOST), low=1, high=MOST, label="workers up to P", about="P = 1, 2, ... are measured in turn",
        says=lambda P: f"more than the {CORES} cores here" if P > CORES else f"{CORES} cores here",
    )  # fmt: skip
    K: int = choice(4, of=(1, 2, 4, 8, 12, 16), label="mini-batches K", about="gradients at the same weights, a step")
    batch: int = choice(512, of=(64, 256, 512, 1024), label="batch B", about="rows of a step, in all K mini-batches")
    size: str = choice(
        "mnist10", of=("mnist10", "wide", "tiny"), label="net",
        about="784-512-256-128-10, 784-1024-1024-1024-10, or 64-32-16-8-1",
    )  # fmt: skip
    seconds: int = slider(10, low=2, high=60, label="seconds", about="about how long it measures, in all")


def _asked(now: Now) -> bool:
    """Whether the step is the one that the questions name."""
    return (now.spec.K, now.spec.batch, now.spec.size) == (4, 512, "mnist10")


def _two(now: Now) -> float | None:
    found = now.run.speed_up(2)
    return None if found is None or not _asked(now) else found[0]


def _share(now: Now) -> float | None:
    return None if now.run.share is None or not _asked(now) else 100 * now.run.share


class Workers(Curves):
    """Curves over whole numbers of workers."""

    def _layout(self) -> dict[str, Any]:
        return {**super()._layout(), "xaxis": {**titled(self.x), "dtick": 1}}


class SpeedThreads(Dashboard):
    """The speed-up of P workers, beside what Amdahl's law allows."""

    title, spec, step_name = "What threads bring", ThreadsSpec, "step"
    panels = (
        Workers(
            "speedup", title="Speed-up", x="workers P", y="T(1) / T(P)", x_range=(1, 4), y_range=(0, 4), height=320,
            wide=True, traces=(
                Band("measured, quartiles", palette.SEEN, markers=True),
                Trace("Amdahl's law, K mini-batches dealt out whole", palette.LAW, "dash"),
                Trace("Amdahl's law", palette.LAW, "dot"),
                Trace("ideal: P", palette.LAW, "longdash", palette.THIN_WIDTH),
            ),
        ),
        Bars(
            "time", title="One step", x="workers", y="ms", prefix="P = ", y_range=(0, 1), first=1, height=240, traces=(
                Trace("busiest worker's mini-batches", palette.part(2)),
                Trace("the rest: one thread", palette.part(3), "hatched"),
            ),
        ),
        NOISE,
    )  # fmt: skip
    questions = (
        Question("two", "K = 4 mini-batches, 512 rows: how many times faster are two workers than one on your machine?",
                 number=(0.1, 4), unit="times", seen=_two),
        Question("share", "Which share of this step can threads split?", number=(0, 100), unit="%", seen=_share),
    )  # fmt: skip
    experiments = (
        Experiment("K = 4", "Two workers have two mini-batches each; of three, one has two: see the steps.",
                   K=4, batch=512, size="mnist10", play=True),
        Experiment("small steps", "B = 64: the part that one thread does is no smaller. Look at the bars.",
                   K=4, batch=64, size="mnist10", play=True),
        Experiment("one mini-batch", "K = 1: there is nothing to share out. All but one worker are idle.",
                   K=1, batch=512, size="mnist10", play=True),
        Experiment("more than cores", "P goes past the cores of this machine.", K=16, batch=512, size="mnist10",
                   most=min(2 * CORES, MOST), play=True),
    )  # fmt: skip

    def start(self, spec: ThreadsSpec, seed: int) -> Scaling:
        return Scaling(spec.size, spec.batch, min(spec.K, spec.batch // 2), spec.most, seconds=spec.seconds)

    @staticmethod
    def frame(event: StepDone | None, now: Now) -> Mapping[str, Panel]:
        """Speed-ups of all P that were measured so far."""
        run = now.run
        said = "; ".join(filter(None, (run.machine, _told(run))))
        made = {"speedup": Panel(lambda: _speed_ups(run), said), "time": Panel(lambda: _times(run))}
        return made | noise(run) if event is None or event.workers == run.most else made


def _speed_ups(run: Scaling) -> Panel:
    P = np.array(run.workers)
    found = [run.speed_up(each) or (np.nan,) * 3 for each in run.workers]
    if run.share is None:
        return Panel((P, None, None, None, P))
    return Panel((P, np.array(found).T, amdahl(run.share, P, run.K), amdahl(run.share, P), P))


def _times(run: Scaling) -> Panel:
    """Medians; the rest is what is left of a step beside its busiest worker."""
    whole, busiest = (
        np.array([1e3 * Spread.of(times[P]).median if times.get(P) else 0.0 for P in run.workers])
        for times in (run.times, run.busiest)
    )
    share = "" if run.share is None else f"p = {run.share:.1%} can be split"
    return Panel((busiest, np.maximum(whole - busiest, 0)), share)


def _told(run: Scaling) -> str:
    """Which numbers of workers cannot all be busy, and why."""
    found: dict[str, list[str]] = {}
    for P in run.workers:
        if words := advice(P, run.K, run.cores):
            found.setdefault(words, []).append(str(P))
    return "; ".join(f"P = {', '.join(workers)}: {words}" for words, workers in found.items())
