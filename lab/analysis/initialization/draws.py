"""Weights of deep networks before they are scaled: one network after the other, each with an address of its own."""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lab import rng
from lab.analysis.initialization.deep_layer import LayerCache, layer, layer_grad, rms, unit_norm
from lab.blas import one_blas_thread
from lab.checks import check_choice, check_count
from lab.events import Waiting

HOW = ("normal", "uniform", "zeros")
DRAWN_AT_ONCE = 2**18  # weights, some 25 ms of drawing
PASSED_AT_ONCE = 2**20  # weights that a pass goes through in some 20 ms, for 64 rows


@dataclass(frozen=True, eq=False)
class Drawn:
    """A network before it is scaled: inputs and gradients at the top N(0, 1), weights with variance 1."""

    x: np.ndarray  # (N, d)
    dy: np.ndarray  # (N, d)
    weights: list[np.ndarray]  # L of (d, d)


@dataclass(frozen=True, eq=False)
class DeepPass:
    """A forward and backward pass of L layers; inputs and batch are rows.

    Attributes:
        x: activations x_0 .. x_L, (N, d) each. sizes: their root mean squares, (L + 1,).
        deltas: RMS of the gradient of one sample's loss by what each activation gets, (L,).
        gradients: RMS of the gradient of the batch's mean loss by each layer's weights, (L,).
        dx: gradient of the samples' losses by the inputs, (N, d).
    """

    x: list[np.ndarray]
    sizes: np.ndarray
    deltas: np.ndarray
    gradients: np.ndarray
    dx: np.ndarray


class Draws:
    """Networks of a seed by their numbers; the first one is kept, so that a moved scale can be looked at once.

    Args:
        seed, depth, width, rows: L layers of width d, and N inputs.

    Raises:
        SettingError: one of them is not allowed.
    """

    def __init__(self, seed: int, depth: int, width: int, rows: int) -> None:
        self.seed, self.depth = rng.check_seed(seed), check_count("depth", depth, high=256)
        self.width, self.rows = check_count("width", width, high=1024), check_count("rows", rows, low=2)
        self._first: dict[str, Drawn] = {}

    def net(self, number: int, how: str = "normal") -> Generator[Waiting, None, Drawn]:
        """Draw network `number`, counted from 1, in slices of some 25 ms.

        Raises:
            SettingError: `how` is none of HOW.
        """
        if check_choice("weights", how, HOW) in self._first and number == 1:
            return self._first[how]
        key = (self.seed * 2**20 + number) % 2**64  # networks of two seeds are not the same ones
        shape, weights, drawn = (self.width, self.width), list[np.ndarray](), 0
        for i in range(1, self.depth + 1):
            weights.append(_unit(key, shape, i, how))
            drawn += weights[-1].size
            if drawn >= DRAWN_AT_ONCE and i < self.depth:
                drawn = 0
                yield Waiting(f"drawing network {number}", number - 1, i / self.depth)
        x, dy = (rng.normals(key, (self.rows, self.width), i, rng.NOISE) for i in (0, self.depth + 1))
        made = Drawn(x, dy, weights)
        if number == 1:
            self._first = {how: made}
        return made


def _unit(key: int, shape: tuple[int, int], place: int, how: str) -> np.ndarray:
    """A matrix of mean 0 and variance 1, or of zeros."""
    if how == "zeros":
        return np.zeros(shape)
    if how == "normal":
        return rng.normals(key, shape, place)
    drawn = rng.words(key, np.arange(shape[0]), shape[1], 0, rng.INITIALIZATION, place)
    return math.sqrt(12) * ((drawn + 0.5) * 2.0**-32 - 0.5)


def deep_pass(net: Drawn, scale: float, activation: str, batchnorm: bool = False) -> Generator[Waiting, None, DeepPass]:
    """Send the inputs forward and the gradients backward, in slices of some 20 ms.

        x_l = phi(x_{l-1} W_l),   W_l = sqrt(scale / d) weights_l,   loss of sample n = <dy_n, x_L,n>

    The loss is linear in the outputs, so that the gradient enters with RMS 1, whatever came forward. With batchnorm
    (gamma = 1, beta = 0, before the activation) the losses of all samples are added up before they are derived.
    """
    depth, width = len(net.weights), net.x.shape[1]
    deviation, norm = math.sqrt(scale / width), unit_norm(width) if batchnorm else None
    slice_of = max(PASSED_AT_ONCE // width**2, 1)
    x, caches = [net.x], list[LayerCache]()
    deltas, gradients, dy = np.empty(depth), np.empty(depth), net.dy
    for i in range(depth):
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):  # it is said by the sizes
            y, cache = layer(x[-1], deviation * net.weights[i], activation, norm=norm)
        x.append(y)
        caches.append(cache)
        if (i + 1) % slice_of == 0:
            yield Waiting("forward", 0, (i + 1) / depth / 2)
    for i in reversed(range(depth)):
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            grad = layer_grad(dy, caches[i])
        dy = grad.dx
        deltas[i], gradients[i] = rms(grad.delta), rms(grad.dW / len(net.x))
        if i and (depth - i) % slice_of == 0:
            yield Waiting("backward", 0, 1 - i / depth / 2)
    return DeepPass(x, np.array([rms(each) for each in x]), deltas, gradients, dy)
