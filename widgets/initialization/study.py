"""Is it luck? Every scale from several seeds, with batchnorm and without: the loss after some rounds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.initialization import ScaleStudy, TrainedRun
from widgets.dashboard import Band, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice
from widgets.nn4_run import load_at_once

WIDE = ("less than 2", "2 to 5", "more than 5")
SHOWN = (0.1, 20)  # of d·σ²: a little more than the values that are swept


@dataclass(frozen=True)
class StudySpec:
    """What can be moved; another study begins anew."""

    depth: int = choice(12, of=(4, 8, 12, 16), label="depth", about="hidden layers of 64 units, ReLU")
    rounds: int = choice(100, of=(50, 100, 200), label="rounds", about="of each run, δ = 0.05, batch 128")
    seeds: int = choice(5, of=(3, 5, 10), label="seeds", about="runs for each scale: other weights, another order")


def _span(learned: list[float]) -> float:
    """Largest sigma over smallest: sigma goes by the root of d sigma^2."""
    return float(np.sqrt(max(learned) / min(learned))) if learned else 1.0


def _wide(now: Now) -> str | None:
    run = now.run
    if len(run.runs) < run.total or (now.spec.depth, now.spec.rounds) != (12, 100):
        return None
    span = _span(run.learned(False))
    return WIDE[0] if span < 2 else WIDE[1] if span <= 5 else WIDE[2]


class InitializationStudy(Dashboard):
    """Ten scales, with and without batchnorm, several seeds: never one curve for a claim."""

    title, spec, step_name = "Which scales can be trained?", StudySpec, "run"
    panels = (
        Curves("loss", title="Loss of the last ten rounds", x="d·σ²", y="loss (nats)", log_x=True, log=True,
               x_range=SHOWN, y_range=(0.05, 5),
               traces=(
                   Band("with batchnorm", palette.NORMALIZED, "solid", markers=True),
                   Band("without", palette.RAW, "dash", markers=True), Trace("guessing", palette.LAW, "dashdot"),
               )),
        Curves("learned", title="Runs that have learned", x="d·σ²", y="% of the seeds", log_x=True, x_range=SHOWN,
               y_range=(0, 105), traces=(
            Trace("with batchnorm", palette.NORMALIZED, "solid", markers=True),
            Trace("without", palette.RAW, "dash", markers=True),
        )),
    )  # fmt: skip
    questions = (
        Question(
            "wide", "No batchnorm, 12 layers: the largest σ that every seed learns from is how many times the least?",
            choices=WIDE, seen=_wide,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("12 layers", "The window without batchnorm: how far is it from He's 2 to either side?",
                   depth=12, rounds=100, seeds=5, play=True),
        Experiment("4 layers", "The window is wide: most courses stop here, and never see the trouble.",
                   depth=4, rounds=100, seeds=5, play=True),
        Experiment("16 layers", "A narrower window still, and batchnorm begins to suffer from its own growth.",
                   depth=16, rounds=100, seeds=5, play=True),
    )  # fmt: skip

    def start(self, spec: StudySpec, seed: int) -> ScaleStudy:
        data = load_at_once("digits", 10)
        return ScaleStudy(data, rounds=spec.rounds, seeds=spec.seeds, seed=seed, depth=spec.depth)

    @staticmethod
    def frame(event: TrainedRun | None, now: Now) -> Mapping[str, Panel]:
        """Bands over the seeds that have ended."""
        run = now.run
        return {"loss": Panel(lambda: _losses(run)), "learned": Panel(lambda: _learned(run))}


def _losses(run: ScaleStudy) -> Panel:
    bands = [run.band(batchnorm) for batchnorm in (True, False)]
    drawn = [np.where(np.isfinite(band).all(axis=0), band, np.nan) for band in bands]
    lost = sum(np.isinf(each.loss) for each in run.runs)
    words = f"{len(run.runs)} of {run.total} runs, {lost} lost to infinity"
    return Panel((run.scales, *drawn, np.full(len(run.scales), run.chance)), words)


def _learned(run: ScaleStudy) -> Panel:
    shares = [[_share(run, scale, norm) for scale in run.scales] for norm in (True, False)]
    spans = [_span(run.learned(norm)) for norm in (True, False)]
    words = f"all seeds within a factor of {spans[1]:.2g} in σ; with batchnorm {spans[0]:.2g}"
    return Panel((run.scales, *shares), words if len(run.runs) == run.total else "")


def _share(run: ScaleStudy, scale: float, batchnorm: bool) -> float:
    ended = [each.loss < run.chance / 2 for each in run.runs if (each.scale, each.batchnorm) == (scale, batchnorm)]
    return 100 * float(np.mean(ended)) if ended else np.nan
