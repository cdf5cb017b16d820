"""Is this run well? Four numbers of every layer while a network learns; `alarms` says what they mean."""

import copy
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.analysis.nn4.alarms import Alarm, alarms, told
from lab.checks import check_count, check_labels, check_matrix
from lab.events import Event, RoundDone
from lab.layers.batchnorm import Cache
from lab.models import nn4_reference
from lab.models.nn4 import NN4
from lab.training import Run


@dataclass(frozen=True, eq=False)
class Health:
    """Of one look at a network; an entry for each layer.

    Attributes:
        step: rounds so far. loss: mean cross-entropy of the sample, masks on. widths, keep, batchnorm: of the net.
        start: scale of the first weights, as a share of a usual start, see `weight_scale`.
        dead: share of the hidden units that answer 0 to every sample, without masks, (3,); dead_masked: with them.
        gradient: norms of dL/dW_i, (4,).
        ratio: norm of a step of W_i over that of W_i, (4,), NaN before the first step: the median since the last look,
            as a unit of batchnorm that was silent and wakes makes one long step, and no harm.
        drift: RMS distance of x_hat in test mode from x_hat with the sample's own statistics, of the median live unit,
            (3,); NaN without batchnorm. drift_masked: the same where the sample has masks, too.
    """

    step: int
    loss: float
    widths: tuple[int, ...]
    keep: float
    batchnorm: bool
    start: float
    dead: np.ndarray
    dead_masked: np.ndarray
    gradient: np.ndarray
    ratio: np.ndarray
    drift: np.ndarray
    drift_masked: np.ndarray

    @property
    def left(self) -> float:
        """The error that is left, from 0 to 1: 1 - p of the right label."""
        return -math.expm1(-self.loss)

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """What is probably wrong, by sign and layer."""
        return alarms(self)

    @property
    def told(self) -> str:
        """The alarms in words; "None." without any."""
        return told(self.alarms)


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
        self._start = weight_scale(run.net)
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
        return look(self.run.net, self._x, self._y, ratio, self._start)


def step_ratio(net: NN4, before: np.ndarray) -> np.ndarray:
    """||W_i - W_i before|| / ||W_i|| of every layer, (4,); `before` is flat, as `net.params`."""
    now, then = net.views(net.params), net.views(before)
    names = [f"W{i}" for i in range(1, net.depth + 1)]
    return np.array([_norm(now[name] - then[name]) / max(_norm(now[name]), 1e-300) for name in names])


def weight_scale(net: NN4) -> float:
    """Root mean square of W_i over that of a usual start, sqrt(2 / d_in) (He et al. 2015): the median of the layers."""
    views = net.views(net.params)
    scales = [_norm(views[f"W{i}"]) / math.sqrt(2 * net.widths[i]) for i in range(1, net.depth + 1)]
    return float(np.median(scales))


def look(net: NN4, x: np.ndarray, y: np.ndarray, ratio: np.ndarray | None = None, start: float | None = None) -> Health:
    """How a network does on some samples.

        dead_i      share of units with relu_i = 0 for all samples, no masks, the sample's statistics
        gradient_i  ||dL/dW_i||, with masks
        drift_i     RMS over the samples of x_hat (running) - x_hat (sample), the median of the live units:
                    mean square ((mean - mean_run) / s_run)^2 + var (1/s - 1/s_run)^2,   s^2 = var + eps

    Args:
        net: its parameters are not changed. x, y: samples, (N, D) and (N,).
        ratio: of the last steps, from `step_ratio`; None for none.
        start: scale of the first weights, from `weight_scale`; None: those of now are the first ones.

    Raises:
        ShapeError, LabelError, NotFiniteError, ShardError: x or y do not fit the net.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a run that breaks down is looked at, too
        loss, grad, _ = net.loss_gradient(x, y, net.step)
        g = net.views(grad)
        dead, drift = _units(net, x, 1.0)
        dead_masked, drift_masked = _units(net, x, net.keep) if net.keep < 1 else (dead, drift)
        return Health(
            net.step, loss, net.widths, net.keep, net.batchnorm, weight_scale(net) if start is None else start,
            dead, dead_masked, np.array([_norm(g[f"W{i}"]) for i in range(1, net.depth + 1)]),
            np.full(net.depth, np.nan) if ratio is None else ratio, drift, drift_masked,
        )  # fmt: skip


def _units(net: NN4, x: np.ndarray, keep: float) -> tuple[np.ndarray, np.ndarray]:
    """Shares of dead units, and drifts of the live ones, in a pass with masks of this p."""
    other = copy.copy(net)
    other.keep = keep
    t = nn4_reference.forward(other, np.asarray(x, net.dtype), "train", net.step, np.arange(len(x)))
    hidden = range(1, net.depth)
    silent = {i: (t[f"relu{i}"] == 0).all(axis=0) for i in hidden}
    drift = np.full(net.depth - 1, np.nan)
    if net.batchnorm and net.running_rounds:
        drift = np.array([_drift(net, t[f"cache_batchnorm{i}"], i, ~silent[i]) for i in hidden])
    return np.array([each.mean() for each in silent.values()]), drift


def _drift(net: NN4, cache: Cache, i: int, live: np.ndarray) -> float:
    if not live.any():
        return math.nan
    running = net.running_views(net.running)
    s, s_run = np.sqrt(cache.var + net.eps), np.sqrt(running[f"var{i}"] + net.eps)
    square = ((cache.mean - running[f"mean{i}"]) / s_run) ** 2 + cache.var * (1 / s - 1 / s_run) ** 2
    return float(np.sqrt(np.median(square[live])))  # a unit that is nearly silent would outweigh all others


def _norm(w: np.ndarray) -> float:
    return float(np.linalg.norm(w.astype(np.float64)))
