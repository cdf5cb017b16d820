"""The lab's own training step: one round of synchronous SGD, K = 1 by one worker, or K by P workers."""

import numpy as np

from lab.bench.workloads import Task
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import sync_sgd_round
from lab.workers import Round, make_workers


class LabStep:
    """A step at every call: gather the rows, gradients, norm, update, running statistics.

    Args:
        shards: K, the mini-batches of a step. workers: P; None: as many as shards.
    """

    def __init__(self, task: Task, shards: int = 1, workers: int | None = None, backend: str = "cpu") -> None:
        workload, workers = task.workload, workers or shards
        self.net = NN4(workload.widths, keep=workload.keep, seed=0, dtype=workload.dtype, backend=backend)
        for i, w in enumerate(task.weights, start=1):
            self.net.views(self.net.params)[f"W{i}"][...] = w
        self.steps = 0
        self._task, self._shards, self._delta = task, shards, workload.delta
        self._index = np.arange(workload.batch)
        self._workers = make_workers("serial" if workers == 1 else f"threads:{workers}")

    def __call__(self) -> None:
        self.take(self._index)

    def take(self, index: np.ndarray) -> None:
        """One step on these rows of the task's data."""
        x, y = self._task.x, self._task.y
        task = Round(self.net, x, y, index, self.steps, min(self._shards, len(index)))
        for _ in sync_sgd_round(task, self._delta, self._workers):
            pass
        self.steps += 1

    def close(self) -> None:
        """End the workers."""
        self._workers.close()

    def __enter__(self) -> "LabStep":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
