"""L layers of width K: closed forms beside a step that really runs, its bytes and products counted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from lab import palette
from lab.analysis.cost import Counted, CountedWalk
from widgets.dashboard import (
    Curves,
    Dashboard,
    Experiment,
    Now,
    Panel,
    Question,
    Trace,
    Words,
    choice,
    slider,
    switch,
)

KILO, MILLION = 1e-3, 1e-6
FEWER = ("exactly 3 n K² L", "n K² fewer", "n K² more")


@dataclass(frozen=True)
class CountedSpec:
    """What can be moved: another step runs at once, and is counted."""

    program: str = choice(
        "linear", of={"L linear layers": "linear", "NN4, the reference": "NN4"}, label="program", live=True,
        about="L matrices, with nothing wasted; or NN4's four layers as a student reads them",
    )  # fmt: skip
    L: int = slider(4, low=1, high=8, label="layers L", live=True, about="of the linear program; NN4 has 4")
    K: int = slider(64, low=8, high=256, step=8, label="width K", live=True, about="of every layer")
    n: int = slider(64, low=8, high=256, step=8, label="batch n", live=True, about="rows")
    mode: str = choice("training", of=("training", "inference"), label="step", live=True, about="of the linear program")
    first: bool = switch(
        False, label="gradient by x", live=True, about="of the linear program: computed, although nobody needs it"
    )
    keep: float = slider(1.0, low=0.1, high=1.0, step=0.05, label="keep p", live=True, about="NN4's dropout; 1: none")
    batchnorm: bool = switch(False, label="batchnorm", live=True, about="NN4's")


def _fewer(now: Now) -> str | None:
    """What the sparing program counted at the end of its step, beside 3 n K² L."""
    run = now.run
    if not run.over or run.settings["program"] != "linear" or run.settings["mode"] != "training":
        return None
    off = run.seen[-1].multiplications - run.form.training
    return FEWER[0] if off == 0 else FEWER[1] if off < 0 else FEWER[2]


def _deltas(now: Now) -> float | None:
    """Arrays of n K numbers that the fullest moment held beside 2 L K² + L n K."""
    run = now.run
    if not run.over or run.settings["program"] != "linear" or run.settings["mode"] != "training":
        return None
    beside = max(each.alive for each in run.seen) / run.itemsize - run.form.training_memory
    return beside / (run.settings["n"] * run.settings["K"])


class CostCounted(Dashboard):
    """A real step, operation by operation: what it multiplied and held, beside what paper says."""

    title, spec, step_name, speed = "Paper and program", CountedSpec, "operation", "slow"
    panels = (
        Curves(
            "bytes", title="Arrays that NumPy holds", x="operation", y="kB", anew=True, height=260,
            x_range=(0, 1), y_range=(0, 1), traces=(
                Trace("counted", palette.SEEN, "solid", markers=True), Trace("on paper, exactly", palette.LAW, "dot"),
                Trace("on paper", palette.LAW, "dash"),
            ),
        ),
        Curves(
            "products", title="Multiplications so far", x="operation", y="10⁶ multiplications", anew=True, height=260,
            veiled=True, x_range=(0, 1), y_range=(0, 1e-6), traces=(
                Trace("counted", palette.SEEN, "solid", markers=True), Trace("n K² L", palette.LAW, "dashdot"),
                Trace("3 n K² L", palette.LAW, "dash"), Trace("(3 L - 1) n K²", palette.LAW, "dot"),
            ),
        ),
        Words("sums", title="Paper beside program", veiled=True, height=190),
        Words("operations", title="Operations and arrays", height=190),
    )  # fmt: skip
    questions = (
        Question("fewer", "On paper, training takes 3 n K² L multiplications. A program that wastes nothing takes",
                 choices=FEWER, seen=_fewer),
        Question("deltas", "On paper, it holds 2 L K² + L n K numbers: weights, gradients, activations. How many "
                 "arrays of n x K does the program hold beside, at its fullest?",
                 number=(0, 50), unit="arrays", seen=_deltas),
    )  # fmt: skip
    experiments = (
        Experiment("four layers", "It climbs by n K a layer, stands two of them above the paper, and comes down.",
                   program="linear", L=4, K=64, n=64, mode="training", first=False, play=True),
        Experiment("inference", "An activation goes once it was read: L does not matter, but for the weights.",
                   program="linear", L=8, K=64, n=256, mode="inference", play=True),
        Experiment("NN4, as it is read", "The same products. But every intermediate keeps its name, and its memory.",
                   program="NN4", L=4, K=64, n=64, mode="training", first=False, keep=1.0, batchnorm=False, play=True),
        Experiment("NN4 with all", "Masks, x_hat, deltas: how many arrays of n x K now?",
                   program="NN4", L=4, K=64, n=64, mode="training", first=False, keep=0.8, batchnorm=True, play=True),
        Experiment("the product too many", "The gradient by x is computed: 3 L products, as on paper. For whom?",
                   program="linear", L=4, K=64, n=64, mode="training", first=True, play=True),
    )  # fmt: skip

    def start(self, spec: CountedSpec, seed: int) -> CountedWalk:
        return CountedWalk(**asdict(spec))

    @staticmethod
    def frame(event: Counted | None, now: Now) -> Mapping[str, Panel]:
        """What was counted up to this operation."""
        run = now.run
        return {
            "bytes": Panel(lambda: _bytes(run)),
            "products": Panel(lambda: _products(run)),
            "sums": Panel(lambda: _sums(run)),
            "operations": Panel(lambda: _operations(run)),
        }


def _paper(run: CountedWalk) -> int:
    """Bytes of the course's formula."""
    inference = run.settings["program"] == "linear" and run.settings["mode"] == "inference"
    return run.itemsize * (run.form.inference if inference else run.form.training_memory)


def _bytes(run: CountedWalk) -> Panel:
    x = np.arange(len(run.seen))
    alive = KILO * np.array([each.alive for each in run.seen], float)
    counted = np.where(x <= run.walked, alive, np.nan)
    expected = None if run.expected is None else KILO * np.array(run.expected, float)
    lines = (counted, expected, np.full(len(x), KILO * _paper(run)))
    return Panel((x, *lines), f"{run.last.operation}: {run.last.alive:,} bytes")


def _products(run: CountedWalk) -> Panel:
    x, form = np.arange(len(run.seen)), run.form
    counted = np.array([each.multiplications for each in run.seen], float)
    lines = [np.full(len(x), float(level)) for level in (form.forward, form.training, form.training_exact)]
    made = [MILLION * each for each in (np.where(x <= run.walked, counted, np.nan), *lines)]
    return Panel((x, *made), f"{run.last.multiplications:,}")


def _sums(run: CountedWalk) -> Panel:
    form, end = run.form, run.seen[-1]
    forward = max(each.multiplications for each in run.seen if each.stage in ("start", "forward"))
    fullest, single = max(each.alive for each in run.seen), run.itemsize * run.settings["n"] * run.settings["K"]
    rows = [
        ("", "on paper", "counted"),
        ("forward, n K² L", f"{form.forward:,}", f"{forward:,}"),
    ]  # fmt: skip
    if end.stage == "backward":
        rows.append(("training, 3 n K² L", f"{form.training:,}", f"{end.multiplications:,}"))
        rows.append(("  or (3 L - 1) n K²", f"{form.training_exact:,}", ""))
    rows += [
        ("entry by entry", "none", f"{end.elementwise:,}"),
        ("bytes at the fullest", f"{_paper(run):,}", f"{fullest:,}"),
        ("  in arrays of n x K", f"{_paper(run) / single:.4g}", f"{fullest / single:.4g}"),
    ]
    text = "\n".join(f"{name:<21}{paper:>12}{counted:>12}" for name, paper, counted in rows)
    return Panel(text, f"{fullest / _paper(run):.2f} times the bytes on paper")


def _operations(run: CountedWalk) -> Panel:
    lines = []
    for each in run.seen:
        sign, product = ">" if each.number == run.walked else " ", ""
        if each.number and each.multiplications > run.seen[each.number - 1].multiplications and each.product:
            product = "x".join(map(str, each.product))
        lines.append(f"{sign}{each.number:>3} {each.operation:<21}{product:>12}{each.alive:>9,}")
    named = [f"  {name:<18}{size:>12,}{f'  lies in {other}' if other else ''}" for name, size, other in run.last.arrays]
    parts = [f"     {'operation':<21}{'m x k x n':>12}{'bytes':>9}", *lines]
    parts += ["", "  arrays with a name       bytes", *named] if named else []
    return Panel("\n".join(parts), f"operation {run.walked} of {len(run.seen) - 1}")
