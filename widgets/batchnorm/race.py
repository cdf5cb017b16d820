"""Training with and without batchnorm, side by side: same data, same first weights, same step size."""

from collections.abc import Mapping
from dataclasses import dataclass

import lab
from lab import palette
from lab.analysis.batchnorm import Abreast, SideBySide, silent_shares
from lab.presets import widths
from widgets.dashboard import (
    Bars,
    Dashboard,
    Experiment,
    Lines,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    keep_slider,
    slider,
)
from widgets.nn4_run import backend_at_once, load_at_once, note_of

EPOCHS = 200  # nobody waits for the end, but a forgotten page comes to one
WITH, WITHOUT = "with batchnorm", "without"
LOOK_EVERY, LOOKS_AT = 6, 256  # rounds; and samples that tell which units are silent
ENOUGH = 60  # rounds before one is said to learn or not
LEARNS = 0.5  # of test accuracy: five times what guessing gives
WHO = ("both", "only the one with batchnorm", "only the one without", "neither")


@dataclass(frozen=True)
class RaceSpec:
    """What can be moved; delta and keep act on both networks at their next round."""

    delta: float = slider(
        1.0, low=0.01, high=10.0, log=True, label="step size δ", live=True, about="of both networks, at the next round"
    )
    keep: float = keep_slider(1.0, low=0.3, step=0.05, live=True, about="probability of keeping a unit, in both")
    batch: int = choice(128, of=(16, 32, 128, 512), label="batch", about="samples in a round")
    data: str = choice("digits", of={"small digits": "digits", "MNIST": "mnist"}, label="data", about="what they learn")


def _who(now: Now) -> str | None:
    run = now.run
    if run.step < ENOUGH or now.spec.delta != 1 or len(run.seen) < 2:
        return None
    first, second = (name not in run.left and run.seen[name].test_accuracy > LEARNS for name in (WITH, WITHOUT))
    return WHO[(0 if second else 1) if first else 2 if second else 3]


_PAIR = (Trace(WITH, palette.NORMALIZED, "solid"), Trace(WITHOUT, palette.RAW, "dash"))


class BatchnormRace(Dashboard):
    """Two networks, one with batchnorm and one with biases instead."""

    title, spec, step_name = "With and without batchnorm", RaceSpec, "round"
    panels = (
        Lines("loss", title="Loss, as optimized", x="round", y="cross-entropy (nats)", log=True, y_range=(0.01, 3.0),
              traces=_PAIR),
        Lines("error", title="Test error", x="round", y="error (%)", y_range=(0, 100), traces=_PAIR),
        Lines("gradient", title="Norm of the gradient", x="round", y="norm", log=True, y_range=(0.01, 10.0),
              traces=_PAIR),
        Bars("silent", title="Silent units", y="% of the layer", prefix="layer ", first=1, y_range=(0, 100),
             stacked=False, traces=(Trace(WITH, palette.NORMALIZED), Trace(WITHOUT, palette.RAW, "hatched"))),
    )  # fmt: skip
    questions = (
        Question(
            "who", "δ = 1, which is a large step. Which network has learned to read after 60 rounds?",
            choices=WHO, seen=_who,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("large steps: δ = 1", "Look at the gradient's norm of the first rounds, then at the silent units.",
                   delta=1.0, keep=1.0, play=True),
        Experiment("usual steps: δ = 0.1", "Both learn now. Which one sooner?", delta=0.1, keep=1.0, play=True),
        Experiment("too large: δ = 5", "Batchnorm bears much, not everything. The title says when one has gone.",
                   delta=5.0, keep=1.0, play=True),
    )  # fmt: skip

    def start(self, spec: RaceSpec, seed: int) -> SideBySide:
        data = load_at_once(spec.data, 10)
        sizes = widths(data.name, data.train_x.shape[1], data.classes)
        runs, backend = {}, backend_at_once("cpu")  # one for both: they differ in batchnorm only
        for name, batchnorm in ((WITH, True), (WITHOUT, False)):
            net = lab.NN4(sizes, spec.keep, batchnorm, bias=not batchnorm, seed=seed, backend=backend)
            runs[name] = lab.train(
                net, data, delta=spec.delta, K=1, batch=spec.batch, epochs=EPOCHS, evaluate_every=LOOK_EVERY
            )
        return SideBySide(runs)

    def note(self, run: SideBySide) -> str:
        return note_of(run.runs[WITH].net.backend.name, "cpu")

    @staticmethod
    def frame(event: Abreast | None, now: Now) -> Mapping[str, Panel]:
        """A point for each network, an error where it was evaluated, and who has left."""
        run = now.run
        if event is None:
            return {"silent": Panel(lambda: _silent(run))} if now.step == 0 else {}
        frame = {}
        for name, field in (("loss", "loss"), ("gradient", "gradient_norm")):
            values = [getattr(event.rounds[each], field) if each in event.rounds else None for each in (WITH, WITHOUT)]
            frame[name] = Panel((event.step, *values), {each: _said(run, each, event, field) for each in run.runs})
        if event.looks:
            errors = {name: 100 * (1 - look.test_accuracy) for name, look in event.looks.items()}
            at = next(iter(event.looks.values())).step
            words = {name: f"{error:.1f} %" for name, error in errors.items()}
            frame["error"] = Panel((at, errors.get(WITH), errors.get(WITHOUT)), words)
            frame["silent"] = Panel(lambda: _silent(run))
        return frame


def _said(run: SideBySide, name: str, event: Abreast, field: str) -> str:
    if name in run.left:
        return f"gone at round {run.left[name]}"
    return f"{getattr(event.rounds[name], field):.3g}" if name in event.rounds else "done"


def _silent(run: SideBySide) -> Panel:
    """In percent, by layer; a network that has left the finite numbers stays as it was."""
    shares = [[100 * s for s in silent_shares(each.net, each.data.train_x[:LOOKS_AT])] for each in run.runs.values()]
    words = {name: f"{sum(share) / len(share):.0f} %" for name, share in zip(run.runs, shares, strict=True)}
    return Panel(tuple(shares), words)
