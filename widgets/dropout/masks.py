"""Dropout, pass by pass: the mask on the digit, for a batch, in the backward pass; and how much it keeps."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import lab
from lab import palette
from lab.analysis.dropout import DropoutPass, DropoutPasses
from lab.presets import widths
from widgets.dashboard import (
    Dashboard,
    Experiment,
    Heatmap,
    Lines,
    Now,
    Panel,
    Question,
    Trace,
    choice,
    keep_slider,
    slider,
    switch,
)
from widgets.nn4_run import load_at_once

SAMPLES, UNITS = 32, 128  # of the mask of a batch: every cell is wide enough to be seen
HIDDEN = (128, 64, 32)
ASKED = 0.5  # the p of the first question
RIGHT, WRONG = 1e-4, 0.3  # relative difference to finite differences: below the one, above the other
SHARES = ("exactly half of them", "about half, another number in each pass", "the bright ones")
ERRORS = (
    "not at all: both masks are random",
    "a little",
    "by about as much as the gradient is large",
)


@dataclass(frozen=True)
class MasksSpec:
    """What can be moved; everything acts at the next pass, and at once while it is paused."""

    keep: float = keep_slider(0.5, live=True, about="probability of keeping an input")
    mode: str = choice(
        "train", of={"training": "train", "test": "test"}, label="mode", live=True,
        about="training: a new mask in every pass; test: no mask, and no division",
    )  # fmt: skip
    sample: int = slider(1, low=1, high=SAMPLES, label="digit", live=True, about="which of the 32 samples is drawn")
    redraw: bool = switch(
        False, label="new mask in the backward pass", live=True, about="a common mistake, to see what it does"
    )
    data: str = choice(
        "auto",
        of={"MNIST if here": "auto", "small digits": "digits"},
        label="data",
        about="where the samples come from",
    )


def _share(now: Now) -> str | None:
    """What the counts of kept pixels, one for each sample, say at the p that is asked about."""
    if not now.run.step or now.run.last.keep != ASKED:
        return None
    counts = now.run.last.mask.sum(axis=1)
    return SHARES[1] if len(set(counts)) > 1 else SHARES[0]


def _error(now: Now) -> str | None:
    if not (now.spec.redraw and now.spec.mode == "train" and now.spec.keep < 1):
        return None
    off = now.run.check(now.spec.sample - 1)
    return ERRORS[0] if off < RIGHT else ERRORS[1] if off < WRONG else ERRORS[2]


class DropoutMasks(Dashboard):
    """One batch goes through a network again and again, each time with another mask."""

    title, spec, step_name = "Dropout, pass by pass", MasksSpec, "pass"
    panels = (
        Heatmap(
            "forward", title="Input, and what layer 1 gets", low=0, high=2, square=True,
            shades=palette.KEPT_SHADES, missing=palette.DROPPED, names=("kept", "dropped"),
        ),
        Heatmap(
            "backward", title="Gradient by the input", low=0, high=1, square=True,
            shades=palette.GRADIENT_SHADES, missing=palette.DROPPED, names=("kept", "dropped"),
        ),
        Heatmap(
            "mask", title="Masks of the batch", x="pixel", y="sample", levels=2, names=("dropped", "kept"),
        ),
        Lines(
            "share", title="Kept share", x="pass", y="share", x_range=(0.0, 50.0), traces=(
                Trace("the digit, this pass", palette.MASKED, "solid", palette.THIN_WIDTH),
                Trace("batch, mean of all passes", palette.KEPT, "solid"),
                Trace("p", palette.LAW, "dash"),
            ),
        ),
    )  # fmt: skip
    questions = (
        Question(
            "share", "p = 0.5. How many pixels of one picture does one pass keep?", choices=SHARES, seen=_share,
        ),
        Question(
            "redraw", "The backward pass draws a mask of its own. How far is the gradient off?", choices=ERRORS,
            holds=("redraw",), seen=_error,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("half", "The holes are elsewhere in every pass. The thin line jumps; its mean settles at p.",
                   keep=0.5, mode="train", redraw=False, play=True),
        Experiment("one in ten", "What is left is ten times as bright: x/p. Can you still read the digit?",
                   keep=0.1, mode="train", redraw=False),
        Experiment("test mode", "No holes, and nothing is made brighter: the layer is the identity.",
                   mode="test", redraw=False),
        Experiment("another mask backward", "The gradient flows where nothing went forward. The check fails.",
                   keep=0.5, mode="train", redraw=True),
    )  # fmt: skip

    def start(self, spec: MasksSpec, seed: int) -> DropoutPasses:
        data = load_at_once(spec.data, 10)
        sizes = widths(data.name, data.train_x.shape[1], data.classes, HIDDEN)
        net = lab.NN4(sizes, batchnorm=False, bias=True, seed=seed, dtype="float64", backend="reference")
        x, y = data.train_x[:SAMPLES], data.train_y[:SAMPLES]
        return DropoutPasses(net, x, y, spec.keep, spec.mode, spec.redraw)

    def change(self, run: Any, name: str, value: Any) -> None:
        if name in ("keep", "mode", "redraw"):
            run.change(**{name: value})

    @staticmethod
    def frame(event: DropoutPass | None, now: Now) -> Mapping[str, Panel]:
        """The pass, or the last one as moved controls would have it."""
        run, sample = now.run, now.spec.sample - 1
        frame = {
            "forward": Panel(lambda: _forward(event or run.look(), sample)),
            "backward": Panel(lambda: _backward(event or run.look(), sample, run.check(sample))),
            "mask": Panel(lambda: _mask(event or run.look())),
        }
        if event is not None:
            one = event.mask[sample].mean()
            shares = (event.step, one, event.mean_share, event.keep)
            frame["share"] = Panel(shares, f"digit {one:.1%}, mean {event.mean_share:.2%}, p = {event.keep:.2f}")
        return frame


def _forward(seen: DropoutPass, sample: int) -> Panel:
    x, y, mask = seen.x[sample], seen.dropped[sample], seen.mask[sample]
    pictures = np.hstack((_picture(x), np.full((_side(x), 1), np.inf), _picture(np.where(mask, y, np.nan))))
    bright = f"made {1 / seen.keep:.3g} times as bright" if seen.keep < 1 else "as bright as before"
    return Panel(pictures, f"kept {mask.sum()} of {mask.size}, {bright}")


def _backward(seen: DropoutPass, sample: int, off: float) -> Panel:
    size = np.abs(seen.dx[sample])
    shown = np.where(seen.mask_back[sample], size / (size.max() or 1), np.nan)
    same = "same mask" if np.array_equal(seen.mask, seen.mask_back) else "another mask"
    return Panel(_picture(shown), f"{same}; off by {off:.1g} of its size")


def _mask(seen: DropoutPass) -> Panel:
    return Panel(seen.mask[:, :UNITS], f"kept {seen.share:.1%} of {seen.mask.size:,}")


def _side(row: np.ndarray) -> int:
    return math.isqrt(len(row))


def _picture(row: np.ndarray) -> np.ndarray:
    return row.reshape(_side(row), -1)
