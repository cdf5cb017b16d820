"""One worker: its workspace, its partial sums, and how it works off a block of shards."""

import time
from collections.abc import Generator
from typing import Any

import numpy as np

from lab.events import ShardReport
from lab.models.nn4 import NN4
from lab.workers.round import Round
from lab.workers.tree import TreeSum


class Worker:
    """Computes the shards of a block one after the other and adds them up by the fixed tree."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.reports: list[ShardReport] = []
        self.tree = TreeSum(0, np.dtype(np.float32))
        self._workspace: Any = None
        self._backend: Any = None
        self._weights_of: dict[tuple, np.ndarray] = {}

    def prepare(self, net: NN4, pool: list[np.ndarray]) -> None:
        """Start a round: an empty tree on the workers' common pool, and the workspace of the last round."""
        if self._backend is not net.backend:
            self._backend, self._workspace = net.backend, net.backend.workspace()
        if self.tree.serves(vector_size(net), net.dtype, pool):
            self.tree.nodes = []
        else:
            self.tree = TreeSum(vector_size(net), net.dtype, pool)
        self.reports = []

    def work(self, task: Round, block: range, began: float) -> Generator[float, None, None]:
        """Fill `tree` and `reports`; yields the share of the block that is done, several times a shard."""
        for done, k in enumerate(block):
            leaf = self.tree.leaf()
            yield from self._shard(task, k, leaf, began, done / len(block))
            self.tree.push(k, leaf)

    def _shard(self, task: Round, k: int, leaf: np.ndarray, began: float, done: float) -> Generator[float, None, None]:
        """Write the weighted gradient and statistics of shard k to `leaf`, and report."""
        net, shard = task.net, task.shard(k)
        grad, stats = leaf[: net.layout.size], leaf[net.layout.size :]
        start = time.perf_counter()
        gathered = 0.0  # when the rows were brought in
        work = net.backend.gradient(net, shard, self._workspace, grad, stats)
        while True:
            try:
                with np.errstate(over="ignore", invalid="ignore"):  # said in words, where the gradient is judged
                    next(work)
            except StopIteration as end:
                loss = end.value
                break
            gathered = gathered or time.perf_counter()
            yield done
        gathered = gathered or start
        if net.batchnorm:
            with np.errstate(over="ignore", invalid="ignore"):
                np.multiply(stats, self._weights(net, len(shard.index), shard.weight), out=stats)
        else:
            stats[:] = 0
        end_time = time.perf_counter()
        self.reports.append(
            ShardReport(
                shard=k,
                worker=self.number,
                device="cpu",
                samples=len(shard.index),
                loss=loss,
                start=start - began,
                copy_in=gathered - start,
                compute=end_time - gathered,
            )
        )

    def _weights(self, net: NN4, samples: int, weight: float) -> np.ndarray:
        """What a shard's statistics count in the round's: weight for a mean, weight n / (n - 1) for a variance.

        The factor n / (n - 1) makes the population variance of a batch an unbiased estimate (Ioffe & Szegedy
        2015, Algorithm 2, line 10).
        """
        key = (net.widths, net.dtype, samples, weight)
        if key not in self._weights_of:
            made = net.running_layout.zeros(net.dtype)
            for name, view in net.running_views(made).items():
                view[:] = weight * samples / (samples - 1) if name.startswith("var") else weight
            self._weights_of = {**dict(list(self._weights_of.items())[-3:]), key: made}  # shards have two sizes at most
        return self._weights_of[key]


def vector_size(net: NN4) -> int:
    """Entries of the vectors that are summed: a gradient followed by statistics."""
    return net.layout.size + net.running_layout.size
