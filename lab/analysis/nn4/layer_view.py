"""One layer of NN4, opened: what goes in, what its parameters are, and what comes out of each of its operations."""

import copy
from dataclasses import dataclass

import numpy as np

from lab.checks import check_count, check_keep
from lab.models.nn4 import NN4, check_batchnorm
from lab.models.nn4_reference import Trace


@dataclass(frozen=True, eq=False)
class LayerView:
    """Layer i in one pass; arrays are (N, d_in) or (N, d_out), the layer's own parameters as they are in the net.

    Attributes:
        layer: from 1. inputs: y_(i-1). mask: 0 or 1/p. dropped: inputs times mask. W: (d_in, d_out). z: dropped W.
        relu: None in the last layer. y: what the next layer gets; in the last one the probabilities.
        parameters: views of this layer that take part, by name: W1, gamma1, beta1, b1.
        statistics: of batchnorm, (d_out,) each, by name: running_mean1, running_var1; in a training pass also
            batch_mean1 and batch_var1, which normalize there. Empty without batchnorm.
    """

    layer: int
    inputs: np.ndarray
    mask: np.ndarray
    dropped: np.ndarray
    z: np.ndarray
    relu: np.ndarray | None
    y: np.ndarray
    parameters: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray]

    @property
    def W(self) -> np.ndarray:
        """Weights, (d_in, d_out)."""
        return self.parameters[f"W{self.layer}"]

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All of them in the order of the pass, by the names that the reference has for them."""
        i = self.layer
        made = {f"y{i - 1}": self.inputs, f"mask{i}": self.mask, f"dropped{i}": self.dropped} | self.parameters
        made[f"z{i}"] = self.z
        if self.relu is not None:
            made[f"relu{i}"] = self.relu
        return made | self.statistics | {f"y{i}": self.y}


def layer_view(
    net: NN4, x: np.ndarray, layer: int, mode: str = "train", keep: float | None = None, batchnorm: bool | None = None
) -> LayerView:
    """Send samples through a net, and open one layer.

    Args:
        net: is not changed; the masks are those of its next round, for rows 0 .. N - 1. x: inputs, (N, d_in).
        layer: 1 .. 4. mode: "train" or "test". keep, batchnorm: other settings than the net's.

    Raises:
        SettingError, KeepProbabilityError, ShapeError, NotFiniteError: a setting or x is not what is needed.
    """
    i = check_count("layer", layer, low=1, high=net.depth)
    other = copy.copy(net)
    other.keep = check_keep(net.keep if keep is None else keep)
    other.batchnorm = check_batchnorm(net.batchnorm if batchnorm is None else batchnorm, net.bias)
    t = other.trace(x, mode, step=net.step)
    return LayerView(
        i, t[f"y{i - 1}"], t[f"mask{i}"], t[f"dropped{i}"], t[f"z{i}"], t.get(f"relu{i}"), t[f"y{i}"],
        _parameters(other, i), _statistics(other, i, t),
    )  # fmt: skip


def parameter_counts(net: NN4) -> dict[int, dict[str, int]]:
    """How many numbers each layer learns, by layer and name; gamma and beta count where batchnorm is on.

    >>> parameter_counts(NN4((784, 512, 256, 128, 10), backend="reference"))[4]
    {'W4': 1280}
    """
    return {i: {name: w.size for name, w in _parameters(net, i).items()} for i in range(1, net.depth + 1)}


def _parameters(net: NN4, i: int) -> dict[str, np.ndarray]:
    names = (f"W{i}", f"b{i}", *((f"gamma{i}", f"beta{i}") if net.batchnorm else ()))
    return {name: view for name, view in net.views(net.params).items() if name in names}


def _statistics(net: NN4, i: int, t: Trace) -> dict[str, np.ndarray]:
    if not net.batchnorm or i == net.depth:
        return {}
    running = net.running_views(net.running)
    cache = t.get(f"cache_batchnorm{i}")
    batch = {f"batch_mean{i}": cache.mean, f"batch_var{i}": cache.var} if cache is not None else {}
    return batch | {f"running_mean{i}": running[f"mean{i}"], f"running_var{i}": running[f"var{i}"]}
