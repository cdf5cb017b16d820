"""Batch after batch through a network, with everything in view: what the studies of batchnorm share."""

from dataclasses import dataclass

import numpy as np

from lab import rng
from lab.blas import one_blas_thread
from lab.checks import check_count
from lab.errors import NotFiniteError, ShardError
from lab.models import nn4_reference
from lab.models.nn4 import NN4
from lab.optim.sgd import sgd
from lab.optim.sync_sgd import update_running


class Batches:
    """Rows of a training set, batch after batch, shuffled anew in every epoch.

    Args:
        seed: of the order. samples: rows there are.
    """

    def __init__(self, seed: int, samples: int) -> None:
        self._seed, self._samples = rng.check_seed(seed), check_count("samples", samples)
        self._epoch, self._rows = 0, np.empty(0, np.int64)

    def take(self, n: int) -> np.ndarray:
        """The next n rows, (n,); what is left of an epoch and is less than n stays out."""
        if len(self._rows) < n:
            self._epoch += 1
            self._rows = rng.epoch_order(self._seed, self._epoch, self._samples)
        taken, self._rows = self._rows[:n], self._rows[n:]
        return taken


@dataclass(frozen=True, eq=False)
class WholePass:
    """A forward and backward pass in train mode.

    Attributes:
        trace: every intermediate by name, see `NN4.trace`; also dz1, dy1, ... loss: mean cross-entropy.
        grad: flat, in the net's layout. stats: batch means and population variances, flat in `running_layout`.
    """

    trace: nn4_reference.Trace
    loss: float
    grad: np.ndarray
    stats: np.ndarray


def check_batch(batch: int, samples: int) -> int:
    """Return the batch size, or raise `ShardError` for one row and `SettingError` for what is no number of rows."""
    if check_count("batch", batch, high=samples) == 1:
        raise ShardError(
            "batch = 1 has no variance: x - mean is 0, so batch normalization would answer beta, whatever the input. "
            "Give at least 2 samples."
        )
    return int(batch)


def whole_pass(net: NN4, x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> WholePass:
    """Send rows of the data forward and backward, by the reference, with the masks of the net's step."""
    grad, stats = net.layout.zeros(net.dtype), net.running_layout.zeros(net.dtype)
    with one_blas_thread():
        trace = nn4_reference.forward(net, x[rows].astype(net.dtype), "train", net.step, rows)
        loss, dz = nn4_reference.loss_and_grad(net, trace[f"z{net.depth}"], y[rows])
        nn4_reference.backward(net, trace, dz, grad)
    for name, view in net.running_views(stats).items() if net.batchnorm else ():
        cache = trace[f"cache_batchnorm{name[-1]}"]
        view[...] = cache.mean if name.startswith("mean") else cache.var
    return WholePass(trace, loss, grad, stats)


def learn(net: NN4, seen: WholePass, delta: float, held: tuple[str, ...] = ()) -> None:
    """One step of SGD by a pass, as a round of training does it; delta = 0 moves the running statistics only.

    Raises:
        NotFiniteError: the loss is NaN or infinite; the net is as it was.
    """
    if not np.isfinite(seen.loss):
        raise NotFiniteError(
            f"the loss is {seen.loss:g}: delta = {delta:g} is too large. Reset, and take a smaller one."
        )
    for name in held:
        net.views(seen.grad)[name][...] = 0
    sgd(net.params, seen.grad, delta)
    if net.batchnorm:
        n, stats = len(seen.trace["y0"]), seen.stats.copy()
        for name, view in net.running_views(stats).items():
            view *= n / (n - 1) if name.startswith("var") else 1
        update_running(net, stats)
    net.step += 1


def silent_shares(net: NN4, x: np.ndarray) -> list[float]:
    """Share of every hidden layer's units that are 0 for all of x, in test mode: nothing reaches their weights."""
    with one_blas_thread():
        trace = net.trace(x, "test")
    return [float((trace[f"relu{i}"] == 0).all(axis=0).mean()) for i in range(1, net.depth)]
