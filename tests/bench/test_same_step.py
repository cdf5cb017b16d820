"""What is compared is the same mathematics: every peer's steps are the lab's own, and its masks are new each time."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from lab.bench import jax_step, peers, torch_step
from lab.bench.lab_step import LabStep
from lab.bench.numpy_step import numpy_step
from lab.bench.workloads import WIDTHS, Workload, make_task

MOMENTUM = 0.1  # of the running statistics


@dataclass
class Peer:
    """A peer's step, and what it has learned so far, layer by layer: W, gamma, beta, mean, var."""

    step: object
    read: object


def numpy_peer(task):
    step = numpy_step(task)
    names = ("weights", "gammas", "betas", "means", "variances")
    return Peer(step, lambda: [[array.copy() for array in closure(step, name)] for name in names])


def torch_peer(task, compiled=False):
    torch, nets = pytest.importorskip("torch"), []
    step, x, target = torch_step.torch_training(task, compiled, wrap=lambda net: nets.append(net) or net)

    def read():
        linear = [layer for layer in nets[0] if isinstance(layer, torch.nn.Linear)]
        norms = [layer for layer in nets[0] if isinstance(layer, torch.nn.BatchNorm1d)]
        fields = [[norm.weight, norm.bias, norm.running_mean, norm.running_var] for norm in norms]
        found = [[layer.weight.T for layer in linear], *map(list, zip(*fields, strict=True))]
        return [[array.detach().numpy().copy() for array in arrays] for arrays in found]

    return Peer(lambda: step(x, target), read)


def jax_peer(task):
    pytest.importorskip("jax")
    step = jax_step.jax_step(task)

    def read():
        params, running, _ = closure(step, "state")
        found = [params["W"], params["gamma"], params["beta"], *map(list, zip(*running, strict=True))]
        return [[np.array(array) for array in arrays] for arrays in found]

    return Peer(step, read)


PEERS = {
    "numpy": numpy_peer,
    "torch": torch_peer,
    "torch.compile": lambda task: torch_peer(task, compiled=True),
    "jax": jax_peer,
}
MARKED = [pytest.param(name, marks=pytest.mark.slow) if name == peers.COMPILED else name for name in PEERS]


def closure(function, name):
    """A variable that a nested function keeps."""
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents


def of_lab(net):
    """The same of the lab's net."""
    params, running = net.views(net.params), net.running_views(net.running)
    layers = range(1, len(net.widths))
    return [
        [params[f"W{i}"].copy() for i in layers],
        *([views[f"{name}{i}"].copy() for i in layers[:-1]] for name, views in (
            ("gamma", params), ("beta", params), ("mean", running), ("var", running))),
    ]  # fmt: skip


def assert_close(ours, theirs, tolerance=1e-9):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape and np.linalg.norm(a - b) <= tolerance * max(1.0, np.linalg.norm(a))


def test_every_peer_of_the_bench_is_compared_here():
    assert PEERS.keys() == peers.PEERS.keys()


@pytest.mark.parametrize("size", ["tiny", "mnist10"])
@pytest.mark.parametrize("name", MARKED)
def test_three_steps_are_those_of_the_reference(name, size):
    """Without dropout all are deterministic: weights, gamma, beta, and running statistics.

    The lab's first round sets the running statistics, a peer's moves them by 0.1 from mean 0 and variance 1. From then
    on all move by 0.1, so after n rounds the difference is 0.9^n (start - first round).
    """
    task = make_task(Workload(size, 32, "float64", keep=1.0, delta=0.1))
    peer = PEERS[name](task)
    with LabStep(task, backend="reference") as ours:
        ours(), peer.step()
        *_, first_mean, first_var = of_lab(ours.net)
        for n in (1, 3):
            *learned, mean, var = of_lab(ours.net)
            *theirs, their_mean, their_var = peer.read()
            for here, there in zip(learned, theirs, strict=True):
                assert_close(here, there)
            left = (1 - MOMENTUM) ** n
            assert_close([m - left * first for m, first in zip(mean, first_mean, strict=True)], their_mean)
            assert_close([v + left * (1 - first) for v, first in zip(var, first_var, strict=True)], their_var)
            for _ in range(2):
                ours(), peer.step()


@pytest.mark.parametrize("size", WIDTHS)
def test_the_numpy_peer_takes_the_same_step_in_float32(size):
    task = make_task(Workload(size, 32, keep=1.0, delta=0.1))
    peer = numpy_peer(task)
    with LabStep(task, backend="reference") as ours:
        for _ in range(3):
            ours(), peer.step()
        for here, there in zip(of_lab(ours.net)[:3], peer.read()[:3], strict=True):
            assert_close(here, there, tolerance=1e-4)


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.parametrize("keep", [0.5, 1.0])
def test_every_step_of_a_peer_draws_new_masks(name, keep):
    """Nothing is learned at delta = 0: the batch's statistics differ from step to step by the masks alone."""
    task = make_task(Workload("tiny", 32, "float64", keep=keep, delta=0.0))
    peer = PEERS[name](task)
    running = [[np.zeros(d) for d in task.workload.widths[1:-1]]]
    for _ in range(3):
        peer.step()
        running.append(peer.read()[3])
    weights = peer.read()[0]
    assert all(np.array_equal(w, start) for w, start in zip(weights, task.weights, strict=True))
    for layer in range(3):
        means = [(new[layer] - (1 - MOMENTUM) * old[layer]) / MOMENTUM for old, new in pairwise(running)]
        assert np.linalg.norm(means[0]) > 0.1
        for a, b in ((0, 1), (0, 2), (1, 2)):
            apart = np.linalg.norm(means[a] - means[b]) / np.linalg.norm(means[a])
            assert apart > 0.01 if keep < 1 else apart < 1e-12
