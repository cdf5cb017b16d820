"""Temperature on a trained network: how sure it is, how often it is right, and the T that brings both together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import lab
from lab import palette
from lab.analysis.softmax import TemperatureSeen, TemperatureStudy
from lab.presets import widths
from widgets.dashboard import Band, Bars, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider
from widgets.nn4_run import backend_at_once, load_at_once, note_of

BY_HEART = 200, 100  # samples and epochs of the network that the question is about
SAME = 0.02  # difference of T from 1 that is none
SURE = ("too sure of itself: T > 1 is better", "not sure enough: T < 1 is better", "just as sure as it should be")


@dataclass(frozen=True)
class TemperatureSpec:
    """What can be moved; another network learns anew."""

    temperature: float = slider(
        1.0, low=0.1, high=10.0, log=True, label="temperature T", live=True, about="divides the logits of the network"
    )
    sample: int = slider(1, low=1, high=200, label="test digit", live=True, about="whose probabilities are drawn")
    samples: int = choice(200, of=(50, 100, 200, 500), label="samples", about="digits to learn from")
    epochs: int = choice(100, of=(1, 3, 10, 100), label="epochs", about="of learning")


def _sure(now: Now) -> str | None:
    run = now.run
    if not run.trained or (now.spec.samples, now.spec.epochs) != BY_HEART:
        return None
    return SURE[2] if abs(run.best - 1) < SAME else SURE[0] if run.best > 1 else SURE[1]


_T: dict[str, Any] = {"x": "temperature T", "log_x": True, "x_range": (0.1, 10.0)}
_DOTS = (Trace("T now", palette.part(2), width=0), Trace("best T", palette.part(4), width=0))


class SoftmaxTemperature(Dashboard):
    """A network learns the digits; then its test logits are divided by T, from 0.1 to 10."""

    title, spec, step_name = "Temperature on a network", TemperatureSpec, "step"
    panels = (
        Bars("digit", title="One test digit", x="class", y="probability", stacked=False, traces=(
            Trace("at T", palette.SEEN), Trace("at T = 1", palette.NEUTRAL),
        )),
        Curves("reliable", title="How sure, and how often right", x="probability of the chosen class",
               y="share that is right", y_range=(0, 1.05), traces=(
                   Band("at T, 95 % interval", palette.SEEN, "solid", markers=True),
                   Trace("just right", palette.LAW, "dash"),
               )),
        Curves("loss", title="Loss", y="loss (nats)", log=True, y_range=(0.1, 5), **_T, traces=(
            Trace("test", palette.TEST, "solid"), Trace("samples to choose T with", palette.part(3), "dash"), *_DOTS,
        )),
        Curves("error", title="Errors on the test", y="%", log=True, y_range=(1, 100), **_T, traces=(
            Trace("misread", palette.TEST, "dash"), Trace("calibration error", palette.TEST, "solid"), *_DOTS,
        )),
    )  # fmt: skip
    questions = (
        Question(
            "sure", "A network has learned 200 digits by heart. On digits that it has not seen, it is ...",
            choices=SURE, seen=_sure,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("by heart", "The loss is least at a T above 1; the share of misread digits is a flat line.",
                   samples=200, epochs=100, temperature=1.0, play=True),
        Experiment("few samples", "50 digits: wrong twice as often, and still surer than it should be.",
                   samples=50, epochs=100, temperature=1.0, play=True),
        Experiment("stopped early", "After three epochs it has hardly learned. On which side of 1 is the best T now?",
                   samples=500, epochs=3, temperature=1.0, play=True),
    )  # fmt: skip

    def start(self, spec: TemperatureSpec, seed: int) -> TemperatureStudy:
        data = load_at_once("digits", 10)
        sizes = widths(data.name, data.train_x.shape[1], data.classes, (128, 128, 128))
        net = lab.NN4(sizes, keep=1, batchnorm=False, bias=True, seed=seed, backend=backend_at_once("cpu"))
        return TemperatureStudy(net, data, samples=spec.samples, epochs=spec.epochs)

    def change(self, run: TemperatureStudy, name: str, value: Any) -> None:
        """Only what is drawn depends on T and on the digit."""

    def note(self, run: TemperatureStudy) -> str:
        return note_of(run.net.backend.name, "cpu")

    @staticmethod
    def frame(event: TemperatureSeen | None, now: Now) -> Mapping[str, Panel]:
        """Curves over all temperatures so far, and what the slider's T gives."""
        run, spec = now.run, now.spec
        if not run.trained:
            return {"digit": Panel((np.zeros(10), np.zeros(10)), "press Play: it learns first")}
        return {
            "digit": Panel(lambda: _digit(run, spec)),
            "reliable": Panel(lambda: _reliable(run, spec.temperature)),
            "loss": Panel(lambda: _loss(run, spec.temperature)),
            "error": Panel(lambda: _error(run, spec.temperature)),
        }


def _digit(run: TemperatureStudy, spec: TemperatureSpec) -> Panel:
    i = spec.sample - 1
    at, one = run.probabilities(spec.temperature)[i], run.probabilities(1.0)[i]
    return Panel((at, one), f"a {run.test_y[i]}, read as {at.argmax()} with {at.max():.3f}; {one.max():.3f} at T = 1")


def _reliable(run: TemperatureStudy, temperature: float) -> Panel:
    seen, found = run.at(temperature)
    some = found.count > 0
    sure, right = found.confidence[some], np.vstack((found.accuracy, found.interval))[:, some]
    mean = float(sure @ found.count[some] / found.count.sum())
    return Panel((sure, right, sure), f"{mean:.1%} sure, {seen.accuracy:.1%} right")


def _curves(run: TemperatureStudy, temperature: float, *names: str, dots: str) -> tuple[np.ndarray, ...]:
    """Fields of all temperatures so far; one of them as dots at the slider's T and at the best one."""
    two = [run.at(T)[0] for T in (temperature, run.best)]
    x, n = np.array([each.temperature for each in (*run.seen, *two)]), len(run.seen)
    curves = [np.array([*(getattr(each, name) for each in run.seen), np.nan, np.nan]) for name in names]
    shown = [np.full(len(x), np.nan) for _ in two]
    for i, each in enumerate(two):
        shown[i][n + i] = getattr(each, dots)
    return x, *curves, *shown


def _loss(run: TemperatureStudy, temperature: float) -> Panel:
    arrays = _curves(run, temperature, "test_loss", "fit_loss", dots="test_loss")
    here, best = (run.at(T)[0].test_loss for T in (temperature, run.best))
    return Panel(arrays, f"here {here:.3f}; {best:.3f} at T = {run.best:.2f}")


def _error(run: TemperatureStudy, temperature: float) -> Panel:
    x, right, *rest = _curves(run, temperature, "accuracy", "calibration", dots="calibration")
    here, best = (run.at(T)[0] for T in (temperature, run.best))
    said = f"misread {1 - here.accuracy:.1%}; here {here.calibration:.1%}, {best.calibration:.1%} at T = {run.best:.2f}"
    return Panel((x, 100 * (1 - right), *(100 * each for each in rest)), said)
