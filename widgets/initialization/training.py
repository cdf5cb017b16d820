"""What the scale means for training: deep networks that differ by it alone, with and without batchnorm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.initialization import Lane, RacedRound, ScaleRace
from widgets.dashboard import Band, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider
from widgets.initialization.sizes import shown
from widgets.nn4_run import load_at_once

SMALL, HE, LARGE = "σ too small", "He", "σ too large"
ROUNDS, ENOUGH = 200, 100
LEARNED = 0.5  # of the loss of guessing, as the median of the seeds
WHO = ("all three", "He's and that with the small σ", "only He's", "none of them")
TOP = 20  # nats: what is larger leaves the chart, and the title says what became of it


@dataclass(frozen=True)
class TrainingSpec:
    """What can be moved; δ acts on all networks at their next round."""

    factor: float = slider(
        2.0, low=1.1, high=4.0, step=0.1, label="σ off by a factor of",
        about="the small σ is He's divided by it, the large one He's times it",
    )  # fmt: skip
    delta: float = slider(
        0.05, low=0.005, high=0.5, log=True, label="step size δ", live=True, about="of all networks, at the next round"
    )
    depth: int = choice(12, of=(4, 8, 12, 16), label="depth", about="hidden layers of 64 units, ReLU")
    seeds: int = choice(5, of=(1, 3, 5), label="seeds", about="networks for each curve; the band is lowest to highest")


def _who(batchnorm: bool, now: Now) -> str | None:
    run = now.run
    if run.step < ENOUGH or (now.spec.factor, now.spec.depth) != (2.0, 12):
        return None
    chance = np.log(10)
    small, he, large = (
        np.nan_to_num(lane.band()[0][ENOUGH - 10 : ENOUGH], nan=np.inf).mean() < LEARNED * chance
        for lane in _lanes(run, batchnorm).values()
    )
    return WHO[0] if small and he and large else WHO[1] if small and he else WHO[2] if he else WHO[3]


_BANDS = (
    Band(SMALL, palette.part(5), "dot"), Band(HE, palette.part(3), "solid"), Band(LARGE, palette.part(6), "dash"),
)  # fmt: skip


def _loss(name: str, title: str) -> Curves:
    return Curves(
        name, title=title, x="round", y="loss (nats)", log=True, x_range=(0, ROUNDS), y_range=(0.1, 10),
        traces=(*_BANDS, Trace("guessing", palette.LAW, "dashdot", width=palette.THIN_WIDTH)),
    )  # fmt: skip


def _gradient(name: str, title: str) -> Curves:
    return Curves(
        name, title=title, x="layer", y="root mean square", log=True, x_range=(0, 13), y_range=(1e-6, 10),
        traces=_BANDS,
    )  # fmt: skip


class InitializationTraining(Dashboard):
    """Six kinds of networks abreast: same data, same order, same step."""

    title, spec, step_name = "What it means for training", TrainingSpec, "round"
    panels = (
        _loss("without", "Loss, without batchnorm"),
        _loss("with", "Loss, with batchnorm"),
        _gradient("gradient", "Weight gradient, without batchnorm"),
        _gradient("gradient_with", "Weight gradient, with batchnorm"),
    )
    questions = (
        Question(
            "without", "12 layers, no batchnorm; σ half of He's, He's, and twice He's. Who has learned by round 100?",
            choices=WHO, seen=lambda now: _who(False, now),
        ),
        Question("with", "And with batchnorm, the same step?", choices=WHO, seen=lambda now: _who(True, now)),
    )  # fmt: skip
    experiments = (
        Experiment("half, He, twice", "Three kinds of networks, five seeds each: look who leaves the line of guessing.",
                   factor=2.0, delta=0.05, depth=12, seeds=5, play=True),
        Experiment("10 % off", "A small error, twelve times over. Compare the first rounds.",
                   factor=1.1, delta=0.05, depth=12, seeds=5, play=True),
        Experiment("shallow", "Four layers forgive what twelve do not.",
                   factor=2.0, delta=0.05, depth=4, seeds=5, play=True),
        Experiment("large steps", "δ = 0.5, ten times as large. Whom does it help, and whom not?",
                   factor=2.0, delta=0.5, depth=12, seeds=5, play=True),
    )  # fmt: skip

    def start(self, spec: TrainingSpec, seed: int) -> ScaleRace:
        sigma = {SMALL: 1 / spec.factor, HE: 1.0, LARGE: spec.factor}
        kinds = {(name, norm): 2 * times**2 for norm in (False, True) for name, times in sigma.items()}
        return ScaleRace(
            load_at_once("digits", 10), {_lane(*kind): scale for kind, scale in kinds.items()},
            {_lane(*kind): kind[1] for kind in kinds}, seed=seed, seeds=spec.seeds, depth=spec.depth,
            delta=spec.delta, rounds=ROUNDS,
        )  # fmt: skip

    @staticmethod
    def frame(event: RacedRound | None, now: Now) -> Mapping[str, Panel]:
        """Losses so far, and the gradients of the last round."""
        run = now.run
        return {
            "without": Panel(lambda: _losses(run, False)),
            "with": Panel(lambda: _losses(run, True)),
            "gradient": Panel(lambda: _gradients(run, False)),
            "gradient_with": Panel(lambda: _gradients(run, True)),
        }


def _lane(name: str, batchnorm: bool) -> str:
    return f"{name}, batchnorm" if batchnorm else name


def _lanes(run: ScaleRace, batchnorm: bool) -> dict[str, Lane]:
    return {name: run.lanes[_lane(name, batchnorm)] for name in (SMALL, HE, LARGE)}


def _losses(run: ScaleRace, batchnorm: bool) -> Panel:
    rounds = np.arange(1, run.step + 1)
    bands = [lane.band()[:, : run.step] for lane in _lanes(run, batchnorm).values()]
    drawn = [np.where(band[0] <= TOP, np.minimum(band, TOP), np.nan) for band in bands]
    words = {f"test: {name}" if name == SMALL else name: _became(lane) for name, lane in _lanes(run, batchnorm).items()}
    return Panel((rounds, *drawn, np.full(len(rounds), np.log(10))), words)


def _became(lane: Lane) -> str:
    """Test accuracy, or that it was lost."""
    if len(lane.left) == len(lane.nets):
        return f"lost at round {max(lane.left.values())}"
    read = lane.accuracy[np.isfinite(lane.accuracy)]
    lost = f", {len(lane.left)} lost" if lane.left else ""
    return f"{np.median(read):.0%}{lost}" if read.size else "–"


def _gradients(run: ScaleRace, batchnorm: bool) -> Panel:
    bands, words = [], {}
    for name, lane in _lanes(run, batchnorm).items():
        some = lane.gradients[np.isfinite(lane.gradients).all(axis=1)]
        bands.append(shown([f(some, axis=0) for f in (np.median, np.min, np.max)]) if some.size else None)
        words[name] = f"{np.median(some[:, 0]):.1g}" if some.size else ("lost" if lane.left else "–")
    layers = np.arange(1, len(next(iter(run.lanes.values())).gradients[0]) + 1)
    return Panel(
        (layers, *bands), {f"layer 1: {SMALL}" if name == SMALL else name: said for name, said in words.items()}
    )
