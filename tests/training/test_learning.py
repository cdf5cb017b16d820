"""NN4 learns real digits: the figures that the project promises, from real runs with its defaults."""

import statistics

import pytest

import lab
from lab.presets import widths


def final_accuracy(data, seed):
    net = lab.NN4(widths(data.name, data.train_x.shape[1], data.classes), lab.defaults(data.name).keep, seed=seed)
    run = lab.train(net, data, workers="threads:2")
    for _ in run:
        pass
    return run.history.epochs[-1].test_accuracy


@pytest.mark.parametrize(("classes", "least"), [(10, 0.97), (2, 0.97)])
def test_digits(classes, least):
    assert lab.defaults("digits").epochs <= 30
    reached = [final_accuracy(lab.load("digits", classes, seed), seed) for seed in range(3)]
    assert statistics.median(reached) >= least, reached


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("classes", "least"), [(10, 0.982), (2, 0.988)])
def test_mnist(classes, least, mnist_folder):
    """The median of three seeds reaches it: once two have, the third cannot change that."""
    assert lab.defaults("mnist").epochs == 10
    data = lab.load("mnist", classes, folder=mnist_folder)
    reached = []
    for seed in range(3):
        reached.append(final_accuracy(data, seed))
        if sum(accuracy >= least for accuracy in reached) == 2:
            return
    raise AssertionError(reached)
