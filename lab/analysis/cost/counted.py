"""A real step, counted while it runs: what it multiplied, and the bytes of the arrays that were alive.

Two programs: L linear layers, written as sparingly as can be (`linear_step`), and NN4 as the lab's reference computes
it, with every intermediate kept by name (`nn4_step`). Both are counted in the running program; nothing is estimated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.analysis.cost.tally import Tally, counting, traced
from lab.blas import one_blas_thread
from lab.checks import check_choice, check_count
from lab.models import nn4_reference
from lab.models.nn4 import NN4

MODES = ("training", "inference")
LARGEST = {"L": 32, "K": 512, "n": 512}


@dataclass(frozen=True)
class Counted:
    """After an operation.

    Attributes:
        number: from 0, the start. operation: in words. stage: "start", "forward", "loss" or "backward". layer: from 1.
        product: (m, k, n) of its last product, or None. multiplications: in products, of the step so far.
        elementwise: multiplications and divisions entry by entry so far. alive: bytes of all arrays.
        arrays: (name, bytes, name of the array whose memory it shares or "") of a step that names them.
    """

    number: int
    operation: str
    stage: str
    layer: int
    product: tuple[int, int, int] | None
    multiplications: int
    elementwise: int
    alive: int
    arrays: tuple[tuple[str, int, str], ...] = ()


def linear_step(
    L: int, K: int, n: int, mode: str = "training", first: bool = False, dtype: str = "float32", seed: int = 0
) -> tuple[Counted, ...]:
    """Run x -> x W_1 ... W_L on a batch and, in training, back; count every operation.

    Args:
        L, K, n: layers, width, batch. mode: "inference" lets an activation go once it has been read.
        first: whether the gradient by x is computed, too, which nobody needs.

    Returns:
        the start, then one entry an operation, as `closed_form.training_alive` numbers them.

    Raises:
        SettingError: a number or a name is not allowed.
    """
    for name, value in (("L", L), ("K", K), ("n", n)):
        check_count(name, value, 1, LARGEST[name])
    check_choice("mode", mode, MODES)
    check_choice("dtype", dtype, ("float32", "float64"))
    with one_blas_thread(), traced() as memory:
        tally = Tally()
        weights = (rng.normals(seed, (L * K, K), 1) / np.sqrt(K)).astype(dtype).reshape(L, K, K)
        gradients = np.zeros_like(weights) if mode == "training" else None
        x: Any = counting(rng.normals(seed, (n, K), 1, rng.NOISE).astype(dtype), tally)
        made = [Counted(0, "start", "start", 0, None, 0, 0, memory.alive)]
        for operation, stage, layer in _linear(x, weights, gradients, first):
            made.append(_entry(len(made), operation, stage, layer, tally, memory.alive))
            if stage == "forward" and layer == 1:
                x = None  # the program has it now, as long as it needs it
    return tuple(made)


def _linear(x: Any, W: np.ndarray, dW: np.ndarray | None, first: bool) -> Iterator[tuple[str, str, int]]:
    """The step: an operation at a time. Gradients go straight into their place; what is not needed is let go."""
    L, y = len(W), x
    inputs: list[Any] = []
    del x
    for i in range(L):
        if dW is None:
            inputs.clear()  # it was read for the last time
        inputs.append(y)
        y = y @ W[i]
        yield f"y{i + 1} = y{i} W{i + 1}", "forward", i + 1
    if dW is None:
        return
    y *= 1.0 / len(y)  # the gradient of a loss with dL/dy = y / n, in the place of the output
    delta, y = y, None
    yield f"delta{L} = dL/dy{L}", "loss", L
    for i in range(L - 1, -1, -1):
        np.matmul(inputs[i].T, delta, out=dW[i])
        yield f"dW{i + 1} = y{i}^T delta{i + 1}", "backward", i + 1
        if i or first:
            below = delta @ W[i].T
            yield f"delta{i} = delta{i + 1} W{i + 1}^T", "backward", i + 1
            delta = below
            del below
        inputs.pop()


def nn4_step(
    K: int, n: int, keep: float = 1.0, batchnorm: bool = False, dtype: str = "float32", seed: int = 0
) -> tuple[Counted, ...]:
    """Run NN4's reference forward and back, four layers of width K and K classes, and count every operation.

    Raises:
        SettingError, KeepProbabilityError: a number is not allowed.
    """
    check_count("K", K, 2, LARGEST["K"])
    check_count("n", n, 2, LARGEST["n"])
    with one_blas_thread(), traced() as memory:
        tally = Tally()
        net = NN4((K,) * 5, keep, batchnorm, bias=False, seed=seed, dtype=dtype, backend="reference")
        gradient = np.zeros_like(net.params)
        labels = np.arange(n) % K
        trace: dict[str, Any] = {"y0": counting(rng.normals(seed, (n, K), 1, rng.NOISE).astype(dtype), tally)}
        rows = np.arange(n)
        owned = {
            "W, gamma, beta": net.params, "gradient": gradient, "running": net.running, "labels": labels, "rows": rows,
        }  # fmt: skip
        made = [Counted(0, "start", "start", 0, None, 0, 0, memory.alive, _named(trace, owned))]

        def entry(operation: str, stage: str, layer: int) -> Counted:
            return _entry(len(made), operation, stage, layer, tally, memory.alive, _named(trace, owned))

        for name, layer in nn4_reference.forward_phases(net, trace, "train", 0, rows):
            made.append(entry(f"{name} {layer}", "forward", layer))
        _, trace["dz4"] = nn4_reference.loss_and_grad(net, trace["z4"], labels)
        made.append(entry("dz4 = dL/dz4", "loss", 4))
        for name, layer in nn4_reference.backward_phases(net, trace, gradient):
            made.append(entry(f"{name} {layer}, back", "backward", layer))
    return tuple(made)


def _entry(
    number: int, operation: str, stage: str, layer: int, tally: Tally, alive: int, arrays: tuple = ()
) -> Counted:
    product = tally.products[-1] if tally.products else None
    return Counted(number, operation, stage, layer, product, tally.multiplications, tally.elementwise, alive, arrays)


def _named(trace: dict[str, Any], owned: dict[str, np.ndarray]) -> tuple[tuple[str, int, str], ...]:
    """Every array of a trace with its bytes; one whose memory has another name already costs nothing."""
    known: dict[int, str] = {}
    made = []
    for name, value in (*owned.items(), *trace.items()):
        size, shares = 0, ""
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, np.ndarray):
                first = known.setdefault(id(_owner(part)), name)
                size, shares = (size + part.nbytes, shares) if first == name else (size, first)
        if size or not name.startswith("cache"):
            made.append((name, size, "" if size else shares))
    return tuple(made)


def _owner(array: np.ndarray) -> Any:
    """The array whose memory it is."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
