"""NN4 on MNIST, live: loss, test error, time of every worker and dropout masks, while its settings are moved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

import lab
from lab import palette
from lab.events import Changed, EpochDone, Evaluated, Event, RoundDone
from lab.presets import widths
from widgets.dashboard import (
    Bars,
    Dashboard,
    Heatmap,
    Lines,
    Now,
    Panel,
    Trace,
    choice,
    defaults_of,
    keep_slider,
    slider,
    switch,
)
from widgets.nn4_run import WatchedRun, backend_at_once, load_at_once, spoken

EPOCHS = 1000  # nobody waits for the end, but a forgotten page comes to one
LOOK_EVERY = 50  # rounds; a look at 2,000 digits takes as long as some ten of them
SAMPLES, UNITS = 64, 128  # of a mask: every cell is wide enough to be seen
FLOOR = 0.01  # %: an error of 0 has no place on a logarithmic axis


@dataclass(frozen=True)
class MnistSpec:
    """What can be moved; `live` settings act at the next round. `keep` is the probability of keeping."""

    keep: float = keep_slider(0.9, live=True)
    dropout: bool = switch(True, label="dropout", live=True)
    batchnorm: bool = switch(True, label="batchnorm", live=True)
    delta: float = slider(0.1, low=0.001, high=10.0, log=True, label="step size delta", live=True)
    K: int = slider(4, low=1, high=64, label="K mini-batches", live=True)
    P: int = slider(2, low=1, high=8, label="P workers", live=True)
    layer: int = choice(3, of=(1, 2, 3), label="gamma, beta of layer", live=True)
    gamma: float = slider(1.0, low=-2.0, high=5.0, step=0.1, label="gamma", live=True)
    beta: float = slider(0.0, low=-5.0, high=5.0, step=0.1, label="beta", live=True)
    hold: bool = switch(False, label="hold gamma, beta", live=True)
    mask: int = choice(2, of=(1, 2, 3, 4), label="mask of layer", live=True)
    batch: int | None = choice(128, of={"64": 64, "128": 128, "256": 256, "1024": 1024, "all": None}, label="batch")
    classes: int = choice(10, of={"ten digits": 10, "even or odd": 2}, label="classes")
    data: str = choice("auto", of={"MNIST if here": "auto", "MNIST": "mnist", "small digits": "digits"}, label="data")
    backend: str = choice("cpu", of={"fast, float32": "cpu", "NumPy, float64": "reference"}, label="computed by")

    @property
    def kept(self) -> float:
        """Probability of keeping that acts: 1 where dropout is off."""
        return self.keep if self.dropout else 1.0


USUAL = {name: value for name, value in defaults_of(MnistSpec).items() if name not in ("data", "classes", "backend")}


class MnistDashboard(Dashboard):
    """NN4 learns to read digits: what dropout, batchnorm, gamma, beta, delta, K and P do to it, while it happens."""

    title = "NN4 reads digits"
    spec = MnistSpec
    panels = (
        Lines(
            "loss", title="Loss", x="round", y="cross-entropy (nats)", log=True, y_range=(0.01, 3.0), traces=(
                Trace("training, as optimized", palette.TRAIN_OPTIMIZED, "solid", palette.THIN_WIDTH),
                Trace("training, test mode", palette.TRAIN, "solid"),
                Trace("test", palette.TEST, "dash"),
            ),
        ),
        Heatmap("mask", title="Dropout mask", x="unit", y="sample", levels=2, names=("dropped", "kept")),
        Lines(
            "accuracy", title="Test accuracy", x="round", y="error (%)", log=True, y_range=(1.0, 100.0),
            traces=(Trace("test digits misread", palette.TEST),),
        ),
        Bars(
            "time", title="Gradient time", y="ms in a round", prefix="worker ", y_range=(0.0, 0.1),
            traces=(Trace("computes", palette.GRADIENT), Trace("waits for the slowest", palette.WAIT, "dash")),
        ),
    )  # fmt: skip
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "usual": USUAL,
        "half of the inputs": USUAL | {"keep": 0.5},
        "without dropout": USUAL | {"dropout": False},
        "without batchnorm": USUAL | {"batchnorm": False},
        "two samples a mini-batch": USUAL | {"K": 64},
        "blind: gamma3 = 0, held": USUAL | {"layer": 3, "gamma": 0.0, "hold": True},
        "whole set a round": USUAL | {"batch": None, "delta": 1.0},
    }

    def start(self, spec: MnistSpec, seed: int) -> WatchedRun:
        """The run that the controls describe, with kernels loaded: its first round takes no longer than the others."""
        data = load_at_once(spec.data, spec.classes)
        sizes = widths(data.name, data.train_x.shape[1], data.classes)
        dtype = "float32" if spec.backend == "cpu" else "float64"
        net = lab.NN4(sizes, spec.kept, spec.batchnorm, seed=seed, dtype=dtype, backend=backend_at_once(spec.backend))
        net.loss_gradient(data.train_x[:2], data.train_y[:2])
        run = lab.train(
            net, data, delta=spec.delta, K=spec.K, batch=spec.batch, workers=f"threads:{spec.P}",
            epochs=EPOCHS, evaluate_every=LOOK_EVERY,
        )  # fmt: skip
        untouched = {"gamma": 1.0, "beta": 0.0} if spec.batchnorm else {}
        for name in [name for name, value in untouched.items() if getattr(spec, name) != value]:
            self._tell(run, name, spec)
        if spec.hold:
            run.change(hold=True)
        return WatchedRun(run, spec.backend)

    def change(self, run: Any, name: str, value: Any) -> None:
        self._tell(run, name, replace(self.session.spec, **{name: value}))

    @staticmethod
    def _tell(run: Any, name: str, spec: MnistSpec) -> None:
        """A control in the words of `Run.change`."""
        if name == "dropout" or (name == "keep" and spec.dropout):
            run.change(keep=spec.kept)
        elif name in ("gamma", "beta"):
            run.change(**{name: (spec.layer, getattr(spec, name))})
        elif name == "P":
            run.change(workers=f"threads:{spec.P}")
        elif name in ("batchnorm", "hold", "delta", "K"):
            run.change(**{name: getattr(spec, name)})

    @staticmethod
    def frame(event: Event | None, now: Now) -> dict[str, Panel]:
        """Points of the curves, where a change is marked, the times of the last rounds, the mask of the last one."""
        spec, run = now.spec, now.run
        if isinstance(event, Changed):
            return {"loss": Panel(mark=(event.step, spoken(event.changes)))}
        if isinstance(event, EpochDone) and run.rounds > LOOK_EVERY:  # a kink in the curve: these are other samples
            return {"accuracy": Panel(text={"all": f"{100 * event.test_accuracy:.1f} %"})}
        if isinstance(event, Evaluated | EpochDone):
            error = 100 * (1 - event.test_accuracy)
            said = {"": f"{run.data}: {100 - error:.1f} %, error {error:.1f} %"}
            losses = (event.step, None, event.train_loss, event.test_loss)
            return {
                "loss": Panel(losses, {"test": f"{event.test_loss:{_digits(event.test_loss)}}"}),
                "accuracy": Panel((event.step, max(error, FLOOR)), said),
            }
        frame = {"mask": Panel(lambda: _mask(run, spec))}
        if event is not None or now.step == 0:
            frame["time"] = Panel(lambda: _times(run.times))
        if now.step == 0:
            frame["accuracy"] = Panel(text=f"{run.data}: {run.sizes}")
        if isinstance(event, RoundDone):
            frame["loss"] = Panel(
                (event.step, event.loss, None, None), {"optimized": f"{event.loss:{_digits(event.loss)}}"}
            )
        return frame


def _mask(run: WatchedRun, spec: MnistSpec) -> Panel:
    mask = run.mask(spec.mask, spec.kept, SAMPLES, UNITS)
    return Panel(mask, f"layer {spec.mask}, p = {spec.kept:.2f}: kept {mask.mean():.1%}")


def _times(times: np.ndarray) -> Panel:
    slowest = times.sum(axis=0).max()
    return Panel(tuple(times), f"{slowest:.2f} ms a round" if slowest else "")


def _digits(loss: float) -> str:
    """Three after the point; four in all of a loss that explodes."""
    return ".3f" if loss < 1e4 else ".4g"
