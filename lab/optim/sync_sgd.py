"""Synchronous mini-batch SGD: K gradients at the same weights, their mean, one step."""

import math
import time
from collections.abc import Generator, Sequence
from typing import NamedTuple

import numpy as np

from lab.errors import NotFiniteError
from lab.models.nn4 import NN4
from lab.optim.sgd import update_by
from lab.workers import Outcome, Round, Workers

MOMENTUM = 0.1  # share of the newest round in the running statistics


class Step(NamedTuple):
    """What one round did, beside changing the net: its outcome, the gradient's norm, the time of the update."""

    outcome: Outcome
    gradient_norm: float
    update: float


def sync_sgd_round(
    task: Round, delta: float, workers: Workers, held: Sequence[str] = ()
) -> Generator[float, None, Step]:
    """One round of synchronous SGD on `task.net`.

        every worker:   g_k = gradient of the mean loss of mini-batch k at W^(r-1)
        wait for all:   g   = sum over k of n_k/N g_k
        one step:       W^(r) = W^(r-1) - delta g

    Views named in `held` stay as they are: their gradient counts as 0.

    A generator: it yields the share done, so that a caller can look up in a long round. If it is left
    or fails before the step, the net is as it was.

    Raises:
        NotFiniteError: loss or gradient is NaN or infinite; the weights before the step are kept.

    Source: course CS 6406, homework 2, problem 4; Chen et al. 2016, "Revisiting distributed synchronous
    SGD", section 2, without backup workers.
    """
    outcome = yield from workers.gradients(task)
    start = time.perf_counter()
    net, grad = task.net, outcome.grad
    update = update_by(net.backend.name, net.dtype.type)
    for name in held:
        net.views(grad)[name][:] = 0
    norm = math.sqrt(sum(workers.each_slice(len(grad), lambda part: update.squares(grad[part]))))
    if not (math.isfinite(outcome.loss) and math.isfinite(norm)):
        raise NotFiniteError(
            f"round {task.step}: the loss is {outcome.loss:.3g} and the gradient's norm {norm:.3g}. The step size "
            f"delta = {delta:g} is probably too large: the weights before this round are kept; go on from them, "
            "or from a new start, with a smaller delta."
        )
    workers.each_slice(len(grad), lambda part: update.sgd(net.params[part], grad[part], delta))
    if net.batchnorm:
        update_running(net, outcome.stats)
    return Step(outcome, norm, time.perf_counter() - start)


def update_running(net: NN4, stats: np.ndarray) -> None:
    """Move the running statistics towards a round's: the first round is copied, later ones count 0.1.

    `stats` is used up as scratch, so that nothing is allocated.
    """
    if net.running_rounds == 0:
        net.running[:] = stats
    else:
        update_by(net.backend.name, net.dtype.type).blend(net.running, stats, MOMENTUM)
    net.running_rounds += 1
