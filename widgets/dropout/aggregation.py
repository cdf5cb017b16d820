"""Model aggregation: the mean prediction of T masked networks beside the one pass of the whole network."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

import lab
from lab import palette
from lab.analysis.dropout import Aggregation, Member, Score
from lab.presets import widths
from widgets.dashboard import (
    Band,
    Bars,
    Curves,
    Dashboard,
    Experiment,
    Heatmap,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    keep_slider,
    slider,
)
from widgets.nn4_run import backend_at_once, load_at_once, note_of

HIDDEN = (128, 128, 128)
ASKED, ENSEMBLE, SAME = 0.8, 64, 0.01  # the p and the T that are asked about; and what counts as the same loss
LOWER = ("the mean of 64 masked networks", "the one pass in test mode", "neither: they are the same to 1 %")


@dataclass(frozen=True)
class AggregationSpec:
    """What can be moved; the network learns anew where its p changes."""

    T: int = slider(
        10, low=1, high=64, label="T networks", live=True, about="masked networks whose predictions are averaged"
    )
    sample: int = slider(1, low=1, high=360, label="test digit", live=True, about="whose prediction is drawn")
    keep: float = keep_slider(
        0.8, low=0.3, step=0.05, about="probability of keeping a unit, while it learns and in every masked network"
    )
    epochs: int = choice(30, of=(0, 10, 30, 100), label="epochs", about="of learning, before the first masked network")


def _lower(now: Now) -> str | None:
    scores = now.run.scores[ENSEMBLE]
    if not scores or now.run.net.keep != ASKED or not now.spec.epochs:
        return None
    ratio = np.mean([score.loss for score in scores]) / now.run.whole_score.loss
    return LOWER[2] if abs(ratio - 1) < SAME else LOWER[0] if ratio < 1 else LOWER[1]


_POWERS = tuple(2**i for i in range(7))  # T on a logarithmic axis
_TRACES = (
    Band("mean of T", palette.MASKED, markers=True),
    Trace("whole, test mode", palette.WHOLE, "dash"),
)


class DropoutAggregation(Dashboard):
    """A network learns with dropout; then T of its masked networks vote, and the whole network answers at once."""

    title, spec, step_name = "Model aggregation", AggregationSpec, "masked network"
    panels = (
        Bars(
            "prediction", title="One digit", x="class", y="probability", stacked=False, traces=(
                Trace("mean of T", palette.MASKED), Trace("whole", palette.WHOLE),
                Trace("last one alone", palette.MASKED, "hatched"),
            ),
        ),
        Heatmap(
            "digit", title="The digit", low=0, high=1, square=True, shades=palette.KEPT_SHADES,
        ),
        Curves(
            "loss", title="Test loss", x="T", y="cross-entropy (nats)", log_x=True, x_range=(0.9, 70), x_ticks=_POWERS,
            y_range=(0, 1), traces=_TRACES,
        ),
        Curves(
            "error", title="Test error", x="T", y="error (%)", log_x=True, x_range=(0.9, 70), x_ticks=_POWERS,
            y_range=(0, 20), traces=_TRACES,
        ),
    )  # fmt: skip
    questions = (
        Question(
            "lower", "A network has learned with p = 0.8. Who has the lower loss on the 360 test digits?",
            choices=LOWER, seen=_lower,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("p = 0.8", "One alone is poor; the mean of ten is better, more add little. And the dashed line?",
                   keep=0.8, epochs=30, play=True),
        Experiment("p = 0.5", "A single one knows little. How close does the mean of 64 come to the dashed line?",
                   keep=0.5, epochs=30, play=True),
        Experiment("nothing learned", "Nothing to aggregate: the mean of 64 guesses as well as one does.",
                   keep=0.8, epochs=0, play=True),
    )  # fmt: skip

    def start(self, spec: AggregationSpec, seed: int) -> Aggregation:
        data = load_at_once("digits", 10)
        sizes = widths(data.name, data.train_x.shape[1], data.classes, HIDDEN)
        net = lab.NN4(sizes, keep=spec.keep, batchnorm=False, bias=True, seed=seed, backend=backend_at_once("cpu"))
        return Aggregation(net, data, epochs=spec.epochs)

    def note(self, run: Aggregation) -> str:
        return note_of(run.net.backend.name, "cpu")

    @staticmethod
    def frame(event: Member | None, now: Now) -> Mapping[str, Panel]:
        """The chosen digit at once; losses and errors after each masked network."""
        run, spec = now.run, now.spec
        frame = {"digit": Panel(lambda: _digit(run, spec)), "prediction": Panel(lambda: _prediction(run, spec))}
        if run.members:
            frame["loss"] = Panel(lambda: _scores(run, spec.T, "loss", 1, "{:.3f}"))
            frame["error"] = Panel(lambda: _scores(run, spec.T, "error", 100, "{:.1f} %"))
        return frame


def _digit(run: Aggregation, spec: AggregationSpec) -> Panel:
    i = spec.sample - 1
    says = f"a {run.data.test_y[i]}"
    if run.members:
        several = f"{min(spec.T, run.members)} networks say {run.mean(spec.T)[i].argmax()}"
        says += f"; {several}, the whole says {run.whole[i].argmax()}"
    return Panel(run.data.test_x[i].reshape(run.data.shape), says)


def _prediction(run: Aggregation, spec: AggregationSpec) -> Panel:
    i = spec.sample - 1
    if not run.members:
        none = np.zeros(run.net.classes)
        return Panel((none, none, none), "press Play: it learns first")
    mean, whole = run.mean(spec.T)[i], run.whole[i]
    label = run.data.test_y[i]
    says = f"p({label}): {mean[label]:.2f} by {min(spec.T, run.members)}, {whole[label]:.2f} by the whole"
    return Panel((mean, whole, run.mean(1)[i]), says)


def _scores(run: Aggregation, T: int, field: str, unit: float, style: str) -> Panel:
    """Means and ranges over the ensembles of each size; in the title the last ensemble of T."""
    found = {size: [unit * getattr(score, field) for score in scores] for size, scores in run.scores.items() if scores}
    bands = np.array([(np.mean(v), np.min(v), np.max(v)) for v in found.values()]).T
    whole = unit * getattr(run.whole_score, field)
    now: Score = run.score(run.mean(T))
    says = f"{min(T, run.members)} of them {style.format(unit * getattr(now, field))}, whole {style.format(whole)}"
    return Panel((np.array(list(found)), bands, np.full(len(found), whole)), says)
