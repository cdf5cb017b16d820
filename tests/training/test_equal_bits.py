"""Same seed, same numbers: for every number of workers, to the bit."""

import pytest

import lab
from lab.events import EpochDone, RoundDone

WORKERS = ["serial", "threads:1", "threads:2", "threads:3", "threads:4", "threads:8"]


def fingerprint(workers, gemm="blas", dtype="float32", backend="cpu", seed=0):
    """Hash after 50 rounds at K = 8, and every loss on the way."""
    data = lab.load("digits")
    net = lab.NN4((64, 48, 32, 16, 10), keep=0.8, seed=seed, dtype=dtype, backend=backend, gemm=gemm)
    losses = []
    with lab.train(net, data, delta=0.3, K=8, batch=130, workers=workers, epochs=99) as run:
        for event in run:
            if isinstance(event, (RoundDone, EpochDone)):
                losses.append(event.loss)
            if run.step == 50:
                return net.sha256(), losses
    raise AssertionError("fewer than 50 rounds")


@pytest.mark.parametrize(
    "settings", [{}, {"gemm": "loop"}, {"dtype": "float64"}, {"backend": "reference", "gemm": None}]
)
def test_parameters_and_losses_after_50_rounds_at_K_8(settings):
    hashes = {workers: fingerprint(workers, **settings) for workers in WORKERS}
    assert all(found == hashes["serial"] for found in hashes.values()), hashes
    assert fingerprint("serial", **settings, seed=1)[0] != hashes["serial"][0]


def test_a_large_net_with_uneven_shards():
    """Products of several blocks, K that divides neither the batch nor the workers."""

    def trained(workers):
        data = lab.load("digits", classes=2)
        net = lab.NN4((64, 300, 200, 140, 1), keep=0.9, seed=4)
        run = lab.train(net, data, delta=0.3, K=7, batch=500, workers=workers, epochs=4)
        for _ in run:
            pass
        return net.sha256()

    assert trained("serial") == trained("threads:2") == trained("threads:5")
