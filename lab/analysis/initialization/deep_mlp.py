"""A deep multilayer perceptron of ReLU layers, drawn at any scale: what it needs to learn, and no more."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from lab import rng
from lab.analysis.initialization.deep_layer import layer, layer_grad, rms
from lab.analysis.initialization.laws import check_scale
from lab.blas import one_blas_thread
from lab.checks import check_count, check_delta
from lab.layers import linear, linear_grad
from lab.losses import softmax_cross_entropy, softmax_cross_entropy_grad

Parameters = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Learned:
    """One step of gradient descent: the loss at the weights before it, and RMS of the gradient by W1 .. WL, (L,)."""

    loss: float
    gradients: np.ndarray


@dataclass(eq=False)
class DeepMLP:
    """L hidden layers of width d, ReLU, batchnorm before it or a bias; then one linear layer with classes logits.

        W_l ~ N(0, scale / d_in),   logits: N(0, 1 / d), the same at every scale;   biases 0, gamma 1, beta 0

    Args:
        inputs, width, depth, classes: sizes. scale: d sigma^2 of the hidden layers. batchnorm: in every hidden layer.
        seed: of the weights; with the same seed, two scales differ by a factor only.

    Attributes:
        params: by name: W1, b1 (or gamma1, beta1), W2, ...; the logits' are of layer L + 1. float64.

    Raises:
        SettingError: a size is below 1, or the scale is not finite and above 0.
    """

    inputs: int
    width: int = 64
    depth: int = 12
    classes: int = 10
    scale: float = 2.0
    batchnorm: bool = False
    seed: int = 0
    params: Parameters = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_scale(self.scale)
        rng.check_seed(self.seed)
        for name in ("inputs", "width", "depth", "classes"):
            check_count(name, getattr(self, name))
        widths = (self.inputs, *[self.width] * self.depth, self.classes)
        self.params = {}
        for i, (d_in, d_out) in enumerate(pairwise(widths), start=1):
            scale = self.scale if i <= self.depth else 1.0
            self.params[f"W{i}"] = math.sqrt(scale / d_in) * rng.normals(self.seed, (d_in, d_out), i)
            if self.batchnorm and i <= self.depth:
                self.params |= {f"gamma{i}": np.ones(d_out), f"beta{i}": np.zeros(d_out)}
            else:
                self.params[f"b{i}"] = np.zeros(d_out)

    def loss_gradient(self, x: np.ndarray, y: np.ndarray) -> tuple[float, Parameters]:
        """Mean cross-entropy of a batch, and its gradient by every parameter.

        Args:
            x: (N, inputs). y: labels, (N,).

        Returns:
            the loss in nats; the gradients, by the names of the parameters.

        Raises:
            ShapeError: x and y do not fit the network.
        """
        p, last = self.params, self.depth + 1
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):  # what has exploded is said by the loss
            h, caches = self._hidden(np.asarray(x, np.float64))
            z, cache = linear(h, p[f"W{last}"], p[f"b{last}"])
            loss = softmax_cross_entropy(z, y)
            grad: Parameters = {}
            dh, grad[f"W{last}"], grad[f"b{last}"] = linear_grad(softmax_cross_entropy_grad(z, y), cache)
            for i in reversed(range(1, last)):
                g = layer_grad(dh, caches[i - 1])
                dh, grad[f"W{i}"] = g.dx, g.dW
                if g.dgamma is not None and g.dbeta is not None:
                    grad |= {f"gamma{i}": g.dgamma, f"beta{i}": g.dbeta}
                else:
                    grad[f"b{i}"] = g.db
        return loss, grad

    def learn(self, x: np.ndarray, y: np.ndarray, delta: float) -> Learned:
        """One step W -= delta dW, of all parameters; delta is checked by `check_delta`."""
        check_delta(delta)
        loss, grad = self.loss_gradient(x, y)
        with np.errstate(over="ignore", invalid="ignore"):
            for name, value in self.params.items():
                value -= delta * grad[name]
        return Learned(loss, np.array([rms(grad[f"W{i}"]) for i in range(1, self.depth + 1)]))

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        """Share of the samples that are read; with batchnorm by the statistics of x itself, a large batch."""
        p, last = self.params, self.depth + 1
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            z, _ = linear(self._hidden(np.asarray(x, np.float64))[0], p[f"W{last}"], p[f"b{last}"])
        return float(np.mean(z.argmax(axis=1) == y))

    def _hidden(self, h: np.ndarray) -> tuple[np.ndarray, list]:
        p, caches = self.params, []
        for i in range(1, self.depth + 1):
            norm = (p[f"gamma{i}"], p[f"beta{i}"]) if self.batchnorm else None
            h, cache = layer(h, p[f"W{i}"], "relu", p.get(f"b{i}"), norm)
            caches.append(cache)
        return h, caches
