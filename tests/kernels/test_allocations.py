"""A step of the cpu backend allocates nothing that grows with the net or the batch."""

import tracemalloc

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from lab.kernels.cpu.passes import run
from lab.models.backend import Shard
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import sync_sgd_round
from lab.workers import Round, make_workers

ROWS = 96
OBJECTS = 16_000  # bytes: events, reports and views of Python, however large net and batch are


def data(net):
    random = np.random.default_rng(0)
    return random.random((ROWS, net.widths[0])).astype(net.dtype), random.integers(0, net.classes, ROWS)


@pytest.mark.parametrize("gemm", ["register", "blas", "loop"])
@pytest.mark.parametrize("workers", ["serial", "threads:2"])
def test_a_round_of_sync_sgd(workers, gemm):
    net = NN4((300, 256, 128, 64, 10), keep=0.8, gemm=gemm)
    x, y = data(net)
    team = make_workers(workers)

    def step(number):
        for _ in sync_sgd_round(Round(net, x, y, np.arange(ROWS), number, 4), 0.1, team):
            pass

    for number in range(3):
        step(number)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step(3)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        team.close()
    assert peak < OBJECTS < net.params.nbytes / 10


@pytest.mark.parametrize("gemm", ["register", "blas", "loop"])
@pytest.mark.parametrize("batchnorm", [True, False])
@pytest.mark.parametrize("kind", ["training", "forward", "testing"])
def test_the_kernels_themselves(kind, batchnorm, gemm):
    net = NN4((150, 140, 40, 12, 10), keep=0.8, batchnorm=batchnorm, gemm=gemm)
    x, y = data(net)
    index, grad, stats = np.arange(ROWS), net.layout.zeros(net.dtype), net.running_layout.zeros(net.dtype)
    workspace = net.backend.workspace()
    program, table = workspace.plan(net, ROWS, kind)
    shard = Shard(x, y, index, index, 0)
    arguments = net.backend._arguments(net, table, workspace, shard, stats, grad, 1.0)

    def call(first, last):
        run(program.phases, first, last, *arguments)

    call(0, len(program.phases))

    _nrt_python.memsys_enable_stats()
    try:
        start = rtsys.get_allocation_stats().alloc
        call(0, 0)  # what the arguments alone cost
        alone = rtsys.get_allocation_stats().alloc - start
        call(0, len(program.phases))
        whole = rtsys.get_allocation_stats().alloc - start - alone
    finally:
        _nrt_python.memsys_disable_stats()
    assert whole == alone
