"""Does dropout help? A small network, few samples, every p, several seeds: losses, gap and their spread."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.dropout import DropoutStudy, StudyRun
from widgets.dashboard import Band, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider
from widgets.nn4_run import backend_at_once, load_at_once, note_of

SHOWN = (0.25, 1.02)  # of p: a little more than the values that are swept


@dataclass(frozen=True)
class StudySpec:
    """What can be moved; another study begins anew."""

    samples: int = choice(200, of=(200, 500, 1000), label="samples", about="to learn from; the 360 test digits stay")
    hidden: int = choice(128, of=(128, 256), label="hidden width", about="units of each of the three hidden layers")
    epochs: int = choice(60, of=(20, 60, 200), label="epochs", about="of each run")
    seeds: int = slider(8, low=8, high=16, label="seeds", about="runs for each p: other samples, weights, masks")


def _best(now: Now) -> float | None:
    run = now.run
    if now.spec != StudySpec() or len(run.runs) < run.total:  # the study that is asked about
        return None
    return run.keeps[int(np.nanargmin(run.spread("test_loss").middle))]


_LOSSES = (
    Band("test", palette.TEST, "solid", markers=True),
    Band("training, test mode", palette.TRAIN, "dash", markers=True),
)


class DropoutStudyBoard(Dashboard):
    """Every p from eight seeds or more: never one curve for a claim about generalization."""

    title, spec, step_name = "Does dropout help?", StudySpec, "run"
    panels = (
        Curves("loss", title="Loss", x="keep p", y="cross-entropy (nats)", log=True, x_range=SHOWN, y_range=(0.01, 3),
               traces=_LOSSES),
        Curves("gap", title="Gap: test less training loss", x="keep p", y="nats", x_range=SHOWN, y_range=(0, 0.5),
               traces=(Band("median, lowest to highest", palette.part(2), markers=True),)),
        Curves("error", title="Misread", x="keep p", y="error (%)", x_range=SHOWN, y_range=(0, 20), traces=_LOSSES),
        Curves("difference", title="Test loss, less that of p = 1", x="keep p", y="nats", x_range=SHOWN,
               y_range=(-0.2, 0.5), traces=(
                   Band("mean, 95 % interval", palette.TEST, markers=True),
                   Trace("no dropout", palette.LAW, "dash"),
               )),
    )  # fmt: skip
    questions = (
        Question(
            "best", "200 samples: which keep p gives the lowest test loss, as the median of eight seeds?",
            number=(0.3, 1.0), seen=_best,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("200 samples", "Below p = 0.6 both losses are high: too little is left to learn with.",
                   samples=200, hidden=128, epochs=60, play=True),
        Experiment("1,000 samples", "The gap is smaller before dropout has done anything. Who gains now?",
                   samples=1000, hidden=128, epochs=60, play=True),
        Experiment("wide and long", "256 units, 200 epochs: the whole network can learn 200 samples by heart.",
                   samples=200, hidden=256, epochs=200, play=True),
    )  # fmt: skip

    def start(self, spec: StudySpec, seed: int) -> DropoutStudy:
        data = load_at_once("digits", 10)
        return DropoutStudy(
            data, samples=spec.samples, hidden=(spec.hidden,) * 3, epochs=spec.epochs, seeds=spec.seeds, seed=seed,
            backend=backend_at_once("cpu"),
        )  # fmt: skip

    def note(self, run: DropoutStudy) -> str:
        return note_of(run.backend, "cpu")

    @staticmethod
    def frame(event: StudyRun | None, now: Now) -> Mapping[str, Panel]:
        """Bands over the seeds that have ended."""
        run = now.run
        return {
            "loss": Panel(lambda: _both(run, "loss", 1, "{:.3f}")),
            "error": Panel(lambda: _both(run, "error", 100, "{:.1f} %")),
            "gap": Panel(lambda: _gap(run)),
            "difference": Panel(lambda: _differences(run)),
        }


def _band(run: DropoutStudy, field: str, unit: float = 1) -> np.ndarray:
    spread = run.spread(field)
    return unit * np.array((spread.middle, spread.low, spread.high))


def _both(run: DropoutStudy, what: str, unit: float, style: str) -> Panel:
    test = _band(run, f"test_{what}", unit)
    if not np.isfinite(test[0]).any():
        return Panel((run.keeps, None, None), f"0 of {run.total} runs")
    best = int(np.nanargmin(test[0]))
    said = f"lowest median: {style.format(test[0][best])} at p = {run.keeps[best]:g}"
    return Panel((run.keeps, test, _band(run, f"train_{what}", unit)), said)


def _gap(run: DropoutStudy) -> Panel:
    gap = _band(run, "gap")
    ends = (f"p = {keep:g}: {value:.2f}" for keep, value in zip(run.keeps, gap[0], strict=True) if keep in (0.5, 1.0))
    return Panel((run.keeps, gap), ", ".join(ends) if np.isfinite(gap).any() else "")


def _differences(run: DropoutStudy) -> Panel:
    """Where p helps, and where it does not, in words."""
    verdicts = [verdict for keep in run.keeps if keep < 1 and (verdict := run.verdict(keep))]
    if not verdicts:
        return Panel((run.keeps, None, np.zeros(len(run.keeps))), "after two seeds")
    by_keep = {v.keep: (v.difference, v.difference - v.half_width, v.difference + v.half_width) for v in verdicts}
    band = np.array([by_keep.get(keep, (np.nan,) * 3) for keep in run.keeps]).T
    said = {word: ", ".join(f"{v.keep:g}" for v in verdicts if v.word == word) for word in ("helps", "hurts")}
    words = [f"{word}: p = {keeps}" for word, keeps in said.items() if keeps]
    return Panel((run.keeps, band, np.zeros(len(run.keeps))), "; ".join(words) or "no p is told apart from 1")
