"""Is this run well? Four numbers of every layer while a network learns, and alarms with a cause and a cure."""

import copy
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.checks import check_count, check_labels, check_matrix
from lab.events import Event, RoundDone
from lab.models import nn4_reference
from lab.models.nn4 import NN4
from lab.training import Run

# CS231n ("Commonly used activation functions") reports as much as 40 % dead ReLUs where the step is too large. A random
# start has some, too: pixels are never below 0, so that a unit of layer 1 with small weights is below 0 for all digits.
DEAD = 0.4
# Of a step to the weights it changes. A step at right angles to w turns it by about so many radians; after 1/r^2 steps
# in random directions, 100 at 0.1, the unit has forgotten where it was. CS231n: "somewhere around 1e-3".
RATIO_HIGH = 0.1
RATIO_LOW = 1e-4  # a decade below that rule of thumb: 10,000 steps in one direction would make one weight
# Of a gradient to the error that is left. |dz_4| of a sample is at most sqrt(2), and inputs of variance 1 have a length
# of sqrt(d): a gradient of W is at most about sqrt(2 d) unless the layers above enlarge it (Pascanu et al. 2013) ...
EXPLODED = math.sqrt(2)
# ... and where it is a thousandth of the error, three layers have each taken nine tenths (Glorot & Bengio 2010).
VANISHED = 1e-3
# RMS distance of x_hat in test mode from x_hat with the sample's own statistics, whose standard deviation is 1.
# Sampling alone makes sqrt(3/2 (1/n + 0.053/B)) of it, 0.1 for n = 256 and B = 128, as 0.1/1.9 of a batch's variance
# is left by a running mean with momentum 0.1.
DRIFTED = 0.5


@dataclass(frozen=True)
class Alarm:
    """Something is probably wrong in a layer.

    Attributes:
        sign: "dead ReLUs", "gradient exploded", "gradient vanished", "step too large", "step too small", "drift".
        layer: from 1. value: what was seen. limit: what it should not pass. cause: the likely one.
        cure: what to do. control: the setting that does it.
    """

    sign: str
    layer: int
    value: float
    limit: float
    cause: str
    cure: str
    control: str

    def __str__(self) -> str:
        return f"Layer {self.layer}, {self.sign}: {self.value:.2g} (limit {self.limit:.2g}). {self.cause} {self.cure}"


@dataclass(frozen=True, eq=False)
class Health:
    """Of one look at a network; an entry for each layer.

    Attributes:
        step: rounds so far. loss: mean cross-entropy of the sample, masks on.
        dead: share of the hidden units that answer 0 to every sample, (3,). gradient: norms of dL/dW_i, (4,).
        ratio: norm of a step of W_i over that of W_i, (4,), NaN before the first step: the median since the last look,
            as a unit of batchnorm that was silent and wakes makes one long step, and no harm.
        drift: RMS distance of x_hat in test mode from x_hat with the sample's own statistics, of the median live unit,
            (3,); NaN without batchnorm. alarms: what is probably wrong, by sign and layer.
    """

    step: int
    loss: float
    dead: np.ndarray
    gradient: np.ndarray
    ratio: np.ndarray
    drift: np.ndarray
    alarms: tuple[Alarm, ...]

    @property
    def told(self) -> str:
        """The alarms in words, one line for all layers with the same sign; "None." without any."""
        lines = []
        for sign in dict.fromkeys(alarm.sign for alarm in self.alarms):
            same = [alarm for alarm in self.alarms if alarm.sign == sign]
            layers = ", ".join(f"{alarm.layer} ({alarm.value:.2g})" for alarm in same)
            first = same[0]
            lines.append(f"{sign}: layer {layers}; limit {first.limit:.2g}. {first.cause} {first.cure}")
        return "\n".join(lines) or "None."


class HealthWatch:
    """An iterator: the events of a run, and before the end of every few rounds a `Health`, always of the same samples.

    Args:
        run: of `lab.train`. x, y: the sample, (N, D) and (N,). every: rounds between two looks.

    Attributes:
        last: the last look; the first one is taken at once. signs: of all alarms so far, in the order of the first.

    Raises:
        SettingError: every is not allowed. ShapeError, LabelError, NotFiniteError: x or y do not fit the net.
    """

    def __init__(self, run: Run, x: np.ndarray, y: np.ndarray, every: int = 5) -> None:
        self.run, self.every = run, check_count("every", every)
        self._x = np.asarray(check_matrix("x", x, run.net.widths[0]), run.net.dtype)
        self._y = check_labels("y", y, len(self._x), run.net.classes)
        self.change, self.close = run.change, run.close
        self._before = run.net.params.copy()
        self._ratios: deque[np.ndarray] = deque(maxlen=every)
        self._held: Event | None = None
        self.last = self.look()
        self.signs: list[str] = []

    def __iter__(self) -> Iterator[Event | Health]:
        return self

    def __next__(self) -> Event | Health:
        if self._held is not None:
            event, self._held = self._held, None
            return event
        event = next(self.run)
        if not isinstance(event, RoundDone):
            return event
        self._ratios.append(step_ratio(self.run.net, self._before))
        self._before[:] = self.run.net.params
        if self.run.net.step % self.every:
            return event
        self._held = event  # what was seen belongs to the round that it ends
        self.last = self.look()
        self.signs += sorted({alarm.sign for alarm in self.last.alarms} - set(self.signs))
        return self.last

    def look(self) -> Health:
        """What is the case now."""
        ratio = np.median(self._ratios, axis=0) if self._ratios else None
        return look(self.run.net, self._x, self._y, ratio)


def step_ratio(net: NN4, before: np.ndarray) -> np.ndarray:
    """||W_i - W_i before|| / ||W_i|| of every layer, (4,); `before` is flat, as `net.params`."""
    now, then = net.views(net.params), net.views(before)
    names = [f"W{i}" for i in range(1, net.depth + 1)]
    return np.array([_norm(now[name] - then[name]) / max(_norm(now[name]), 1e-300) for name in names])


def look(net: NN4, x: np.ndarray, y: np.ndarray, ratio: np.ndarray | None = None) -> Health:
    """How a network does on some samples.

        dead_i      share of units with relu_i = 0 for all samples, no masks, the sample's statistics
        gradient_i  ||dL/dW_i||, with masks
        drift_i     RMS over the samples of x_hat (running) - x_hat (sample), the median of the live units:
                    mean square ((mean - mean_run) / s_run)^2 + var (1/s - 1/s_run)^2,   s^2 = var + eps

    Args:
        net: its parameters are not changed. x, y: samples, (N, D) and (N,).
        ratio: of the last steps, from `step_ratio`; None for none.

    Raises:
        ShapeError, LabelError, NotFiniteError, ShardError: x or y do not fit the net.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a run that breaks down is looked at, too
        return _look(net, x, y, np.full(net.depth, np.nan) if ratio is None else ratio)


def _look(net: NN4, x: np.ndarray, y: np.ndarray, ratio: np.ndarray) -> Health:
    loss, grad, _ = net.loss_gradient(x, y, net.step)
    whole = copy.copy(net)
    whole.keep = 1.0
    t = nn4_reference.forward(whole, np.asarray(x, net.dtype), "train", 0, np.arange(len(x)))
    hidden, layers = range(1, net.depth), range(1, net.depth + 1)
    silent = [(t[f"relu{i}"] == 0).all(axis=0) for i in hidden]
    g = net.views(grad)
    drift = np.full(net.depth - 1, np.nan)
    if net.batchnorm and net.running_rounds:
        drift = np.array([_drift(net, t[f"cache_batchnorm{i}"], i, ~silent[i - 1]) for i in hidden])
    dead = np.array([each.mean() for each in silent])
    gradient = np.array([_norm(g[f"W{i}"]) for i in layers])
    said = tuple(_alarms(net, loss, dead, gradient, ratio, drift))
    return Health(net.step, loss, dead, gradient, ratio, drift, said)


def _drift(net: NN4, cache: Any, i: int, live: np.ndarray) -> float:
    if not live.any():
        return math.nan
    running = net.running_views(net.running)
    s, s_run = np.sqrt(cache.var + net.eps), np.sqrt(running[f"var{i}"] + net.eps)
    square = ((cache.mean - running[f"mean{i}"]) / s_run) ** 2 + cache.var * (1 / s - 1 / s_run) ** 2
    return float(np.sqrt(np.median(square[live])))  # a unit that is nearly silent would outweigh all others


def _norm(w: np.ndarray) -> float:
    return float(np.linalg.norm(w.astype(np.float64)))


def _alarms(
    net: NN4, loss: float, dead: np.ndarray, gradient: np.ndarray, ratio: np.ndarray, drift: np.ndarray
) -> Iterator[Alarm]:
    left = -math.expm1(-loss)  # the error that is left, from 0 to 1: 1 - p of the right label
    for i, share in enumerate(dead, start=1):
        if share > DEAD:
            cause = "A large step threw their sums below 0 for every sample, and ReLU has no gradient there."
            yield Alarm("dead ReLUs", i, share, DEAD, cause, "Lower δ or switch batchnorm on, then Reset.", "delta")
    for i, (norm, d) in enumerate(zip(gradient, net.widths, strict=False), start=1):
        if norm > (limit := EXPLODED * math.sqrt(d)):
            cause = "Weights above this layer enlarge what comes back."
            yield Alarm("gradient exploded", i, norm, limit, cause, "Switch batchnorm on, or begin smaller.", "gain")
        elif norm < VANISHED * left:
            cause = "Small weights, or dead units, let nothing through to learn from."
            cure = "Set the start's scale to 1 or switch batchnorm on, then Reset."
            yield Alarm("gradient vanished", i, norm, VANISHED * left, cause, cure, "gain")
    for i, r in enumerate(ratio, start=1):
        if r > RATIO_HIGH:
            cause = f"Each step turns the weights by some {math.degrees(math.atan(r)):.0f} degrees."
            yield Alarm("step too large", i, r, RATIO_HIGH, cause, "Lower δ.", "delta")
        elif r < RATIO_LOW and left > 0.1:
            cause, cure = "The weights hardly move.", "Raise δ."
            if (dead == 1).any():
                cause, cure = "A whole layer is dead: there is nothing to step with.", "Lower δ, then Reset."
            yield Alarm("step too small", i, r, RATIO_LOW, cause, cure, "delta")
    control = "keep" if net.keep < 1 and not (ratio > RATIO_HIGH).any() else "delta"
    cause = {
        "keep": "The running statistics are of inputs with masks, and test mode has none: its variance is another.",
        "delta": "The weights run ahead of their running statistics: test mode is another network.",
    }[control]
    for i, d in enumerate(drift, start=1):
        if d > DRIFTED:
            yield Alarm("drift", i, d, DRIFTED, cause, "Raise keep p." if control == "keep" else "Lower δ.", control)
