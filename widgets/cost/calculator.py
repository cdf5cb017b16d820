"""The calculator: what a network costs, layer by layer, and the memory of a training step that is walked through."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lab import palette
from lab.analysis.cost import (
    BYTES,
    COPIES,
    PRESETS,
    Cost,
    Moment,
    StepWalk,
    count,
    parse_network,
    preset,
    table_csv,
    table_rows,
)
from widgets.cost.calculator_panels import SHOWN, layers_panel, memory_panel, parts_panel, table_panel
from widgets.dashboard import (
    Columns,
    Curves,
    Dashboard,
    Experiment,
    NamedBars,
    Now,
    Panel,
    Question,
    Trace,
    Words,
    choice,
    switch,
    text,
)

OWN, FIRST = "own, as typed", "AlexNet, two towers"
HOLDERS = ("the convolutions", "the linear layers", "both about the same")
WHEN = (
    "on its way forward", "on its way back, while most is still kept", "on its way back, when most of it has gone",
)  # fmt: skip
SIDES = {"as it is": 0, **{f"{side} x {side}": side for side in (32, 64, 128, 224, 256, 384, 512)}}


@dataclass(frozen=True)
class CalculatorSpec:
    """What can be moved; everything acts at once."""

    network: str = choice(FIRST, of=(OWN, *PRESETS), label="network", live=True, about="whose layers stand in the box")
    own: str = text(
        preset(FIRST), parse=count, takes="one layer a line", lines=12, label="layers", live=True,
        about="change them, and the network is your own; how they are written stands above the board",
    )  # fmt: skip
    side: int = choice(0, of=SIDES, label="picture", live=True, about="height and width of the input")
    batch: int = choice(16, of=(1, 4, 16, 64, 256, 1024), label="batch", live=True, about="samples of a training step")
    dtype: str = choice("float32", of=tuple(BYTES), label="numbers", live=True, about="2, 4 or 8 bytes each")
    optimizer: str = choice(
        "SGD", of=tuple(COPIES), label="optimizer", live=True, about="keeps 0, 1 or 2 copies of all parameters"
    )
    shown: str = choice("parameters", of=tuple(SHOWN), label="columns", live=True, about="what the columns show")
    log: bool = switch(False, label="logarithmic", live=True, about="the axis of the columns")


def _holders(now: Now) -> str | None:
    """Which kind of layer has the more parameters, in AlexNet as the question has it."""
    of = {kind: sum(row.parameters for row in now.run.cost.rows if row.kind == kind) for kind in ("conv", "fc")}
    if not now.run.walked or not now.spec.network.startswith("AlexNet") or not all(of.values()):
        return None
    ratio = of["conv"] / of["fc"]
    return HOLDERS[2] if 0.8 < ratio < 1.25 else HOLDERS[0] if ratio > 1 else HOLDERS[1]


def _when(now: Now) -> str | None:
    if not now.run.over:
        return None
    fullest, kept = now.run.fullest, max(moment.kept for moment in now.run.moments)
    return WHEN[0] if fullest.stage == "forward" else WHEN[1] if fullest.kept > kept / 2 else WHEN[2]


class CostCalculator(Dashboard):
    """Any network: its layers, its sums, and what a training step holds while it goes forward and back."""

    title, spec, step_name, speed = "What a network costs", CalculatorSpec, "operation", "slow"
    panels = (
        Columns(
            "layers", title="Layer by layer", veiled=True, y="numbers", wide=True, height=215, traces=(
                Trace("every layer", palette.NEUTRAL), Trace("at work", palette.part(2)),
            ),
        ),
        Curves(
            "memory", title="Memory of a training step", x="operation", y="MB", height=205, anew=True,
            x_range=(0, 1), y_range=(0, 1e-6), traces=(
                Trace("weights, gradients, optimizer", palette.part(1), "solid"),
                Trace("+ activations kept", palette.part(3), "dash"),
                Trace("+ deltas, outputs", palette.part(5), "dot"), Trace("now", palette.part(2), width=0),
            ),
        ),
        NamedBars(
            "parts", title="At its fullest, by optimizer", x="MB", labels=("inference", *COPIES), height=205, anew=True,
            x_range=(0, 1e-6), traces=(
                Trace("weights", palette.part(1)), Trace("gradients", palette.GRADIENT),
                Trace("optimizer", palette.part(7), "hatched"), Trace("activations kept", palette.part(3)),
                Trace("deltas, outputs", palette.part(5), "hatched"),
            ),
        ),
        Words("table", title="Every layer", veiled=True, wide=True, height=230),
    )  # fmt: skip
    questions = (
        Question("holders", "AlexNet has five convolutions and three linear layers. Which hold the more parameters?",
                 choices=HOLDERS, seen=_holders),
        Question("when", "When does a training step need the most memory?", choices=WHEN, seen=_when),
    )  # fmt: skip
    experiments = (
        Experiment("AlexNet", "Where are the parameters? Choose columns: multiplications forward. Where is the work?",
                   network=FIRST, shown="parameters", side=0, batch=16, optimizer="SGD", log=False, play=True),
        Experiment("VGG19", "The first layers hold the activations, the last ones the parameters.",
                   network="VGG19 without biases", shown="activations", side=0, batch=16, optimizer="SGD", log=False,
                   play=True),
        Experiment("ResNet-152 with Adam", "Four copies of 233 MB. And the activations of only 16 pictures?",
                   network="ResNet-152, ten classes", shown="parameters", side=0, batch=16, optimizer="Adam", log=True),
        Experiment("NN4", "An MLP's memory is its weights: move batch, until its activations are as large.",
                   network="NN4 784-512-256-128-10", shown="parameters", side=0, batch=16, optimizer="SGD", log=True),
        Experiment("a larger picture", "The work of its convolutions grows with the area; its parameters stay.",
                   network="ResNet-152, ten classes", shown="multiplications forward", side=512, log=True),
    )  # fmt: skip

    def start(self, spec: CalculatorSpec, seed: int) -> StepWalk:
        self._control_set.show({"own": _text(spec)})
        return StepWalk(_cost(spec))

    def change(self, run: Any, name: str, value: Any) -> None:
        spec = replace(self.session.spec, **{name: value})
        if name == "own" and value != _text(spec):
            run.change(_cost(replace(spec, network=OWN)))
            self._moves.follow(self._control_set, "network", OWN)
        elif name in ("network", "side"):
            run.change(_cost(spec))
            self._moves.follow(self._control_set, "own", _text(spec))

    def table_csv(self) -> str:
        """All rows and columns of the table, with exact numbers: one line a layer."""
        return table_csv(self.session.run.cost if self.session.started else _cost(self.values))

    def history_csv(self) -> str:
        """What the charts show, and every number of the table, exactly: chart "table", its column, the layer."""
        with self.lock:
            rows = table_rows(self.session.run.cost) if self.session.started else ()
            exact = (f"table,{column},{row['name']},{row[column]}\n" for row in rows for column in list(row)[3:8])
            return super().history_csv() + "".join(exact)

    def note(self, run: StepWalk) -> str:
        return f"{run.last.multiplications:,} multiplications a sample" if run.last else ""

    @staticmethod
    def frame(event: Moment | None, now: Now) -> Mapping[str, Panel]:
        """The operation at work, in all charts."""
        run, spec = now.run, now.spec
        made = {
            "layers": Panel(lambda: layers_panel(run, spec)),
            "memory": Panel(lambda: memory_panel(run, spec)),
            "table": Panel(lambda: table_panel(run)),
        }
        return made if event else made | {"parts": Panel(lambda: parts_panel(run.cost, spec))}


def _text(spec: CalculatorSpec) -> str:
    return spec.own if spec.network == OWN else preset(spec.network)


def _cost(spec: CalculatorSpec) -> Cost:
    network = parse_network(_text(spec))
    return count(network.resized(spec.side) if spec.side else network)
