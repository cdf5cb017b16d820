"""Batchnorm in a split round: statistics of every shard beside the whole batch's, and what they do to the gradient."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lab import palette
from lab.analysis.batchnorm import ShardsSeen, ShardStatistics, expected_spread
from widgets.dashboard import Band, Curves, Dashboard, Experiment, Now, Panel, Question, Trace, choice, slider
from widgets.nn4_run import small_net

ASKED = 128  # samples in a round, of the question
LARGE = 2.0  # times the gradient itself
OFF = ("by rounding only", "by a part of its length", "by several times its length")


@dataclass(frozen=True)
class ShardsSpec:
    """What can be moved; the batch begins anew."""

    K: int = choice(
        8, of=(1, 2, 4, 8, 16, 32, 64), label="K mini-batches", live=True, about="whose statistics are drawn"
    )
    unit: int = slider(1, low=1, high=128, label="unit", live=True, about="of layer 1, those that vary most first")
    batch: int = choice(128, of=(128, 256), label="samples in a round", about="that are divided among the shards")


POWERS = tuple(2**i for i in range(1, 8))  # of shards, and of samples in one


def _off(now: Now) -> str | None:
    run = now.run
    K = run.shards[-1]
    if run.batch != ASKED or not run.distances[K]:
        return None
    off = np.median(run.distances[K])
    return OFF[0] if off < 1e-9 else OFF[1] if off < LARGE else OFF[2]


class BatchnormShards(Dashboard):
    """One batch after the other is split into 1, 2, 4, ... shards, at the same weights; nothing is learned."""

    title, spec, step_name = "Statistics of shards", ShardsSpec, "split"
    panels = (
        Curves("mean", title="Mean of one unit, shard by shard", x="shard", y="mean of ReLU(z)", x_range=(0.5, 8.5),
               traces=(
                   Band("whole batch, ±1 expected deviation", palette.WHOLE, "dash"),
                   Trace("shards", palette.BATCH, width=0),
               )),
        Curves("spread", title="How far the means spread", x="samples in a shard", y="deviations of a unit", log_x=True,
               log=True, x_range=(1.8, 140), x_ticks=POWERS, y_range=(0.03, 1), traces=(
                   Trace("seen in this batch", palette.BATCH, width=0),
                   Trace("expected: √((N−n)/(n(N−1)))", palette.LAW, "dash"),
               )),
        Curves("variance", title="Variance of one unit, shard by shard", x="shard", y="σ²", x_range=(0.5, 8.5), traces=(
            Trace("whole batch", palette.WHOLE, "dash"), Trace("shards", palette.BATCH, width=0),
        )),
        Curves("gradient", title="How far the gradient is off", x="K", y="times its length", log_x=True, log=True,
               x_range=(1.5, 80), x_ticks=POWERS, y_range=(0.1, 10), traces=(
                   Band("median, lowest to highest", palette.GRADIENT, markers=True),
               )),
    )  # fmt: skip
    questions = (
        Question(
            "off", "128 samples, 64 mini-batches of two. How far is their mean gradient off that of the whole batch?",
            choices=OFF, seen=_off,
        ),
    )  # fmt: skip
    experiments = (
        Experiment("8 shards", "16 samples each: the dots lie about the dashed line.", K=8, play=True),
        Experiment("64 shards", "Two samples each: some have no variance at all.", K=64, play=True),
        Experiment("2 shards", "Even two halves differ, and so does their gradient.", K=2, play=True),
    )  # fmt: skip

    def start(self, spec: ShardsSpec, seed: int) -> ShardStatistics:
        return ShardStatistics(*small_net("digits", seed), batch=spec.batch)

    @staticmethod
    def frame(event: ShardsSeen | None, now: Now) -> Mapping[str, Panel]:
        """The last split into K shards, and all splits so far."""
        run, spec = now.run, now.spec
        frame = {"spread": Panel(lambda: _spread(run)), "gradient": Panel(lambda: _gradient(run))}
        if spec.K in run.last:
            seen = run.last[spec.K]
            frame["mean"] = Panel(lambda: _means(seen, run.order[spec.unit - 1]))
            frame["variance"] = Panel(lambda: _variances(seen, run.order[spec.unit - 1]))
        return frame


def _means(seen: ShardsSeen, unit: int) -> Panel:
    samples, shards = seen.K * seen.rows, np.arange(1, seen.K + 1)
    whole, one = seen.whole_mean[unit], np.ones(seen.K)
    error = np.sqrt(seen.whole_var[unit]) * expected_spread(samples, seen.rows)
    words = f"K = {seen.K}, {seen.rows} samples each; whole {whole:.3f} ± {error:.3f}"
    return Panel((shards, (whole * one, (whole - error) * one, (whole + error) * one), seen.mean[:, unit]), words)


def _variances(seen: ShardsSeen, unit: int) -> Panel:
    whole, shards = seen.whole_var[unit], seen.var[:, unit]
    words = f"whole {whole:.3f}; shards {shards.min():.3f} to {shards.max():.3f}"
    return Panel((np.arange(1, seen.K + 1), np.full(seen.K, whole), shards), words)


def _spread(run: ShardStatistics) -> Panel:
    rows = np.array([run.batch // K for K in run.shards if K > 1])
    seen = np.array([run.last[K].spread if K in run.last else np.nan for K in run.shards if K > 1])
    return Panel((rows, seen, [expected_spread(run.batch, n) for n in rows]), f"of all units, N = {run.batch}")


def _gradient(run: ShardStatistics) -> Panel:
    """Of all batches so far; K = 1 is the whole batch itself."""
    several = [K for K in run.shards if K > 1 and run.distances[K]]
    if not several:
        return Panel((np.array(run.shards[1:]), None), "press Play")
    bands = np.array([[f(run.distances[K]) for K in several] for f in (np.median, np.min, np.max)])
    without = max(seen.without for seen in run.last.values())
    return Panel((several, bands), f"K = {several[-1]}: {bands[0][-1]:.3g}; without batchnorm {without:.0e}")
