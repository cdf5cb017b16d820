"""The roofline of this machine, and where each kernel of a training step stands, measured live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import palette
from lab.bench.counting import KERNELS, PRODUCTS
from lab.bench.roofline import Point, Roofline, StepTimed
from widgets.dashboard import Curves, Dashboard, Experiment, NamedBars, Now, Panel, Question, Trace, choice, slider
from widgets.speed.noise import NOISE, noise

GIGA = 1e-9
SHOWN = np.geomspace(0.05, 200, 41)  # operations a byte
LAYERS = {"all layers": 0, "layer 1": 1, "layer 2": 2, "layer 3": 3, "layer 4": 4}
COLORS = tuple(palette.part(i) for i in range(1, len(KERNELS) + 1))  # of a kernel, in every chart
# Where a name stands beside its point: products lie upon each other.
PLACES = ("middle right", "middle right", "top center", "bottom left", "middle right", "middle left", "middle right")


@dataclass(frozen=True)
class RooflineSpec:
    """What can be moved; but for the layer everything is measured anew then."""

    layer: int = choice(0, of=LAYERS, label="kernels of", live=True, about="whose points are drawn")
    size: str = choice(
        "mnist10", of=("mnist10", "wide", "tiny"), label="net",
        about="784-512-256-128-10, 784-1024-1024-1024-10, or 64-32-16-8-1",
    )  # fmt: skip
    batch: int = choice(256, of=(64, 256, 1024), label="batch B", about="rows of a step")
    seconds: int = slider(10, low=2, high=60, label="seconds", about="about how long it measures, in all")


class NamedPoints(Curves):
    """Curves whose single points carry their names: there are more of them than markers."""

    def _data(self) -> list[dict[str, Any]]:
        made = super()._data()
        points = [trace for trace in made if trace["mode"] == "markers"]
        for trace, place in zip(points, PLACES, strict=True):
            trace |= {"mode": "markers+text", "text": trace["name"], "textposition": place, "cliponaxis": False}
        return made


def _asked(now: Now) -> bool:
    """Whether the step is the one that the questions name."""
    return (now.run.size, now.run.batch) == ("mnist10", 256)


def _intensity(now: Now) -> float | None:
    return now.run.counts["product", 1].intensity if now.run.steps and _asked(now) else None


def _share(now: Now) -> float | None:
    points = now.run.points() if _asked(now) else []
    whole = sum(point.seconds for point in points)
    return 100 * sum(point.seconds for point in points if point.kernel in PRODUCTS) / whole if points else None


class SpeedRoofline(Dashboard):
    """How fast a kernel could be, by what it computes for each byte; and how fast it is."""

    title, spec, step_name = "The roofline", RooflineSpec, "measurement"
    panels = (
        NamedPoints(
            "roof", title="Rate over arithmetic intensity", x="operations a byte", y="10⁹ operations a second",
            log_x=True, log=True, x_range=(0.05, 200), y_range=(0.5, 300), height=360, wide=True, traces=(
                Trace("roof: peak and cache", palette.LAW, "solid"),
                Trace("roof: peak and memory", palette.LAW, "dash"),
                *(Trace(name, color, width=0) for name, color in zip(KERNELS, COLORS, strict=True)),
            ),
        ),
        NamedBars(
            "share", title="Rate, as a share of the cache's roof", x="%", labels=KERNELS, digits=".1f",
            traces=(Trace("of what is attainable", palette.NEUTRAL),), colors=COLORS, x_range=(0, 110), height=300,
        ),
        NamedBars(
            "time", title="Time in one step", x="µs", labels=KERNELS, digits=",.0f", height=300,
            traces=(Trace("median", palette.NEUTRAL),), colors=COLORS, x_range=(0, 1000),
        ),
        NOISE,
    )  # fmt: skip
    questions = (
        Question("intensity", "z = a W with a (256 × 784) and W (784 × 512), each number of 4 bytes moved once: "
                 "how many operations a byte?", number=(0.01, 100_000), unit="operations a byte", seen=_intensity),
        Question("share", "784-512-256-128-10, B = 256: which share of a training step is spent in products of "
                 "matrices?", number=(0, 100), unit="%", seen=_share),
    )  # fmt: skip
    experiments = (
        Experiment("B = 256", "Products stand under the flat roof, everything else under the slope.",
                   size="mnist10", batch=256, layer=0, play=True),
        Experiment("B = 64", "The same weights for fewer rows: which points move to the left?",
                   size="mnist10", batch=64, layer=0, play=True),
        Experiment("wide, B = 1024", "Arrays of 4 MB: which points come down to the memory's roof?",
                   size="wide", batch=1024, layer=0, play=True),
        Experiment("tiny", "The work is so small that calling a kernel costs more than the kernel.",
                   size="tiny", batch=64, layer=0, play=True),
    )  # fmt: skip

    def start(self, spec: RooflineSpec, seed: int) -> Roofline:
        return Roofline(spec.size, spec.batch, seconds=spec.seconds)

    @staticmethod
    def frame(event: Any, now: Now) -> Mapping[str, Panel]:
        """Roofs and points of the chosen layer, as known so far."""
        run, layer = now.run, now.spec.layer
        made = {
            "roof": Panel(lambda: _roof(run, layer), run.machine),
            "share": Panel(lambda: _shares(run, layer)),
            "time": Panel(lambda: _times(run, layer)),
        }
        return made | noise(run) if event is None or isinstance(event, StepTimed) else made


def _points(run: Roofline, layer: int) -> dict[str, Point]:
    return {point.kernel: point for point in run.points(layer or None)}


def _roof(run: Roofline, layer: int) -> Panel:
    points, known = _points(run, layer), {"peak", "copy, cache", "add, memory", "copy, memory"} <= run.roofs.keys()
    at = [points[name].count.intensity if name in points else np.nan for name in KERNELS]
    x, nothing = np.array((*SHOWN, *at)), np.full(len(KERNELS), np.nan)
    lines: list[np.ndarray | None] = [None, None]
    if known:
        faster = max(("copy, memory", "add, memory"), key=lambda name: run.roofs[name])
        lines = [np.append(GIGA * run.attainable(SHOWN, roof), nothing) for roof in ("copy, cache", faster)]
    dots = []
    for i, name in enumerate(KERNELS, start=len(SHOWN)):
        dots.append(np.full(len(x), np.nan))
        if name in points:
            dots[-1][i] = GIGA * points[name].rate
    return Panel((x, *lines, *dots))


def _shares(run: Roofline, layer: int) -> Panel:
    points = _points(run, layer)
    if "copy, cache" not in run.roofs or not points:
        return Panel((np.full(len(KERNELS), np.nan),))
    top = run.roofs
    at = np.array([points[name].count.intensity if name in points else np.nan for name in KERNELS])
    rates = np.array([points[name].rate if name in points else np.nan for name in KERNELS])
    memory = max(top["copy, memory"], top["add, memory"])
    said = (
        f"peak {GIGA * top['peak']:.0f} GFLOP/s; cache {GIGA * top['copy, cache']:.0f}, memory {GIGA * memory:.0f} GB/s"
    )
    return Panel((100 * rates / run.attainable(at, "copy, cache"),), said)


def _times(run: Roofline, layer: int) -> Panel:
    points = _points(run, layer)
    whole = sum(point.seconds for point in points.values())
    times = np.array([1e6 * points[name].seconds if name in points else np.nan for name in KERNELS])
    products = sum(points[name].seconds for name in PRODUCTS if name in points)
    said = f"{1e3 * whole:.3g} ms, {products / whole:.0%} of it products" if whole else "nothing timed yet"
    return Panel((times,), said)
