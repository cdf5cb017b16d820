"""All scales at once: where neither activations nor gradients vanish or explode, for each activation."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.initialization import NetSwept, ScaleSweep
from widgets.dashboard import Band, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, switch
from widgets.initialization.sizes import LAW, NAMES, shown

X = "d·σ²"
ENOUGH = 3  # networks before a crossing is called seen


@dataclass(frozen=True)
class SweepSpec:
    """What can be moved; live ones begin with the first network again."""

    activation: str = choice("relu", of=NAMES, label="activation", live=True, about="behind every layer")
    batchnorm: bool = switch(
        False, label="batchnorm", live=True, about="in every layer, after the linear map and before the activation"
    )
    depth: int = choice(32, of=(8, 16, 32, 64), label="depth", about="number of layers")
    width: int = choice(128, of=(32, 64, 128), label="width d", about="units of every layer")


def _linear(now: Now) -> float | None:
    run = now.run
    return run.crossing("activations") if run.activation == "linear" and len(run.nets) >= ENOUGH else None


def _ends(name: str, title: str, color: str) -> Curves:
    return Curves(
        name, title=title, x=X, y="root mean square", log_x=True, log=True, x_range=(0.1, 10), y_range=(0.01, 100),
        traces=(Band("median, lowest to highest", color, markers=True), LAW),
    )  # fmt: skip


class InitializationSweep(Dashboard):
    """The same networks at 21 scales."""

    title, spec, step_name = "Against the scale", SweepSpec, "network"
    panels = (
        _ends("activations", "Activations of the last layer", palette.SEEN),
        _ends("deltas", "Deltas of the first layer", palette.GRADIENT),
        Curves("factor", title="Factor a layer", x=X, y="factor", log_x=True, x_range=(0.1, 10), y_range=(0, 2.5),
               traces=(
                   Band("activations, forward", palette.SEEN, "solid"),
                   Band("deltas, backward", palette.GRADIENT, "dot"), Trace("flat", palette.LAW, "dash"),
               ), wide=True),
    )  # fmt: skip
    questions = (
        Question(
            "linear", "For ReLU the size is kept at d·σ² = 2. At which d·σ² without any activation (linear)?",
            number=(0.1, 10.0), seen=_linear,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("ReLU", "Both curves cross 1 at d·σ² = 2.", activation="relu", batchnorm=False, play=True),
        Experiment("linear", "The same lines, shifted: nothing is cut off.",
                   activation="linear", batchnorm=False, play=True),
        Experiment("tanh", "The activations cannot explode. The gradients do.",
                   activation="tanh", batchnorm=False, play=True),
        Experiment("batchnorm", "The scale does not matter any more, in neither direction.",
                   activation="relu", batchnorm=True, play=True),
    )  # fmt: skip

    def start(self, spec: SweepSpec, seed: int) -> ScaleSweep:
        return ScaleSweep(
            seed, depth=spec.depth, width=spec.width, activation=spec.activation, batchnorm=spec.batchnorm
        )

    @staticmethod
    def frame(event: NetSwept | None, now: Now) -> Mapping[str, Panel]:
        """Bands over all networks so far."""
        run = now.run
        return {
            "activations": Panel(lambda: _at_the_end(run, "activations")),
            "deltas": Panel(lambda: _at_the_end(run, "deltas")),
            "factor": Panel(lambda: _factor(run)),
        }


def _at_the_end(run: ScaleSweep, end: str) -> Panel:
    band, crossing = run.band(end), run.crossing(end)
    said = "press Play" if band is None else "crosses 1 nowhere" if crossing is None else f"1 at {X} = {crossing:.2f}"
    return Panel((run.scales, None if band is None else shown(band), shown(run.law(end))), said)


def _factor(run: ScaleSweep) -> Panel:
    forward, backward = (run.band(end, a_layer=True) for end in ("activations", "deltas"))
    two, said = run.scales.index(2.0), "press Play"
    if forward is not None and backward is not None:
        said = f"at {X} = 2: {forward[0][two]:.2f} forward, {backward[0][two]:.2f} backward"
    return Panel((run.scales, forward, backward, np.ones(len(run.scales))), said)
