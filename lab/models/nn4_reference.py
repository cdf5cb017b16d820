"""NN4 in plain NumPy with every intermediate named: the text that a student reads, and the oracle.

layer i = 1, 2, 3:   dropped_i = Dropout(y_(i-1))         y_0 = x
                     z_i       = dropped_i W_i + b_i      (no b_i where batchnorm is on)
                     relu_i    = ReLU(z_i)
                     y_i       = BatchNorm(relu_i; gamma_i, beta_i)
layer 4:             z_4       = Dropout(y_3) W_4 + b_4
                     y_4       = sigmoid(z_4), or softmax(z_4) for more than two classes
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lab import losses, rng
from lab.blas import one_blas_thread
from lab.layers import (
    batchnorm,
    batchnorm_grad,
    batchnorm_test,
    dropout,
    dropout_grad,
    linear,
    linear_grad,
    relu,
    relu_grad,
    sigmoid,
    softmax,
)

if TYPE_CHECKING:
    from lab.models.backend import Shard
    from lab.models.nn4 import NN4

Trace = dict[str, Any]
Phase = tuple[str, int]  # an operation and its layer: ("dropout", 1)


def forward(net: "NN4", x: np.ndarray, mode: str, step: int, rows: np.ndarray) -> Trace:
    """All intermediates of a pass, by name: `y0, mask1, dropped1, z1, relu1, y1, mask2, ..., z4, y4`.

    In train mode masks are drawn at (step, rows) and batchnorm takes the batch's statistics; in test
    mode there are no masks, and batchnorm takes the running statistics. Entries named `cache_...` are
    what the layers' gradients need.
    """
    t: Trace = {"y0": x}
    with one_blas_thread():
        for _ in forward_phases(net, t, mode, step, rows):
            pass
    return t


def forward_phases(net: "NN4", t: Trace, mode: str, step: int, rows: np.ndarray) -> Iterator[Phase]:
    """The forward pass from `t["y0"]`, an operation at a time: what a yield names stands in `t` then."""
    train = mode == "train"
    p, running = net.views(net.params), net.running_views(net.running)
    y = t["y0"]
    for i in range(1, net.depth + 1):
        keep = net.keep if train else 1.0
        bits = rng.words(net.seed, rows, y.shape[1], step, rng.DROPOUT, i) if keep < 1.0 else None
        t[f"dropped{i}"], t[f"mask{i}"] = dropout(y, keep, bits)
        yield "dropout", i
        t[f"z{i}"], t[f"cache_linear{i}"] = linear(t[f"dropped{i}"], p[f"W{i}"], p.get(f"b{i}"))
        yield "linear", i
        if i == net.depth:
            break
        y, t[f"cache_relu{i}"] = relu(t[f"z{i}"])
        t[f"relu{i}"] = t[f"y{i}"] = y
        yield "relu", i
        if net.batchnorm and train:
            y, t[f"cache_batchnorm{i}"] = batchnorm(y, p[f"gamma{i}"], p[f"beta{i}"], net.eps)
        elif net.batchnorm:
            y = batchnorm_test(y, p[f"gamma{i}"], p[f"beta{i}"], running[f"mean{i}"], running[f"var{i}"], net.eps)
        if net.batchnorm:
            t[f"y{i}"] = y
            yield "batchnorm", i
    t[f"y{i}"], _ = sigmoid(t[f"z{i}"]) if net.outputs == 1 else softmax(t[f"z{i}"])
    yield "output", i


def backward(net: "NN4", t: Trace, dz: np.ndarray, grad: np.ndarray) -> None:
    """Write the gradient of the loss to the flat vector `grad`, from dz = dL/dz_4 back to W_1.

    Leaves `dz4, ddropped4, dy3, drelu3, dz3, ..., dz1` in the trace beside what the forward pass left there.
    """
    t[f"dz{net.depth}"] = dz
    with one_blas_thread():
        for _ in backward_phases(net, t, grad):
            pass


def backward_phases(net: "NN4", t: Trace, grad: np.ndarray) -> Iterator[Phase]:
    """The backward pass from `t["dz4"]`, an operation at a time: what a yield names stands in `t` or `grad` then."""
    g = net.views(grad)
    grad[:] = 0  # gamma and beta have gradient 0 where batchnorm is off
    for i in range(net.depth, 0, -1):
        t[f"ddropped{i}"], g[f"W{i}"][...], db = linear_grad(t[f"dz{i}"], t[f"cache_linear{i}"])
        if f"b{i}" in g:
            g[f"b{i}"][...] = db
        yield "linear", i
        if i == 1:
            break
        dy = t[f"dy{i - 1}"] = dropout_grad(t[f"ddropped{i}"], t[f"mask{i}"])
        yield "dropout", i
        if net.batchnorm:
            dy, g[f"gamma{i - 1}"][...], g[f"beta{i - 1}"][...] = batchnorm_grad(dy, t[f"cache_batchnorm{i - 1}"])
            t[f"drelu{i - 1}"] = dy
            yield "batchnorm", i - 1
        t[f"dz{i - 1}"] = relu_grad(dy, t[f"cache_relu{i - 1}"])
        yield "relu", i - 1


def loss_and_grad(net: "NN4", z: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy of the logits and its gradient dL/dz."""
    if net.outputs == 1:
        return losses.binary_cross_entropy(z, y), losses.binary_cross_entropy_grad(z, y)
    return losses.softmax_cross_entropy(z, y), losses.softmax_cross_entropy_grad(z, y)


class ReferenceBackend:
    """NN4's passes by the functions above: slow, obvious, and what every other backend is tested against."""

    name = "reference"
    gemm = "numpy"

    def workspace(self) -> None:
        return None

    def gradient(
        self, net: "NN4", shard: "Shard", workspace: None, grad: np.ndarray, stats: np.ndarray
    ) -> Generator[None, None, float]:
        x, y = shard.x[shard.index], shard.y[shard.index]
        yield
        t = forward(net, x, "train", shard.step, shard.rows)
        yield
        loss, dz = loss_and_grad(net, t[f"z{net.depth}"], y)
        backward(net, t, dz, grad)
        grad *= net.dtype.type(shard.weight)
        s = net.running_views(stats)
        for i in range(1, net.depth if net.batchnorm else 1):
            s[f"mean{i}"][...], s[f"var{i}"][...] = t[f"cache_batchnorm{i}"].mean, t[f"cache_batchnorm{i}"].var
        return loss

    def logits(self, net: "NN4", x: np.ndarray, workspace: None) -> np.ndarray:
        return forward(net, x, "test", 0, np.arange(len(x)))[f"z{net.depth}"]

    def train_logits(self, net: "NN4", x: np.ndarray, step: int, rows: np.ndarray, workspace: None) -> np.ndarray:
        return forward(net, x, "train", step, rows)[f"z{net.depth}"]
