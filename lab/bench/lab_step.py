"""The lab's own training step: one round of synchronous SGD at K = 1 by one worker."""

from collections.abc import Callable

import numpy as np

from lab.bench.workloads import Task
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import sync_sgd_round
from lab.workers import Round, make_workers


def lab_step(task: Task, backend: str = "cpu") -> Callable[[], None]:
    """A function that takes one step: gather the rows, gradient, norm, update, running statistics."""
    workload = task.workload
    net = NN4(workload.widths, keep=workload.keep, seed=0, dtype=workload.dtype, backend=backend)
    for i, w in enumerate(task.weights, start=1):
        net.views(net.params)[f"W{i}"][...] = w
    workers, index, steps = make_workers("serial"), np.arange(workload.batch), 0

    def step() -> None:
        nonlocal steps
        for _ in sync_sgd_round(Round(net, task.x, task.y, index, steps, 1), workload.delta, workers):
            pass
        steps += 1

    return step
