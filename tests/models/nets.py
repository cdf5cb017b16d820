"""Small nets and batches, the same ones for every test of a model."""

import numpy as np

from lab.models.nn4 import NN4

SWITCHES = [(1.0, False), (0.7, False), (1.0, True), (0.7, True)]  # keep, batchnorm


def small_net(keep=0.7, batchnorm=True, outputs=3, dtype="float64", backend="reference", gemm=None, **others):
    return NN4((7, 6, 5, 4, outputs), keep, batchnorm, dtype=dtype, backend=backend, gemm=gemm, **others)


def shaken(net, seed=0, size=0.3):
    """The net with noise on all parameters, so that none is 0 or 1 by accident."""
    net.params += (size * np.random.default_rng(seed).standard_normal(net.params.size)).astype(net.dtype)
    return net


def batch(net, samples=11, seed=0):
    """Inputs, labels and rows of some samples."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((samples, net.widths[0])).astype(net.dtype)
    return x, random.integers(0, net.classes, samples), random.integers(0, 60_000, samples)
