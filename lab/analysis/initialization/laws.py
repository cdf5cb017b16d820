"""What theory says of the sizes in a deep network: one layer exactly, many layers where they are wide."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lab.analysis.initialization.deep_layer import ACTIVATIONS
from lab.checks import check_choice, check_count
from lab.errors import SettingError

MEAN_RELU = 1 / math.sqrt(2 * math.pi)  # E[ReLU(z)], z ~ N(0, 1)
VAR_RELU = 0.5 - 1 / (2 * math.pi)  # Var[ReLU(z)] = E[ReLU(z)^2] - E[ReLU(z)]^2


@dataclass(frozen=True, eq=False)
class Law:
    """Root mean squares that a very wide network has.

    Attributes:
        activations: of x_0 .. x_L, (L + 1,). deltas: of layers 1 .. L, (L,); the gradient that enters at the top
        has 1.
    """

    activations: np.ndarray
    deltas: np.ndarray


def check_scale(scale: float, name: str = "scale") -> float:
    """Return d sigma^2 as a float, or raise `SettingError` unless it is finite and above 0."""
    number = isinstance(scale, (int, float, np.number)) and not isinstance(scale, bool)
    if not number or not 0 < float(scale) < math.inf:
        raise SettingError(
            f"{name} = {scale!r} is not allowed. Give a finite number above 0: d sigma^2, which is 2 as He et al. draw."
        )
    return float(scale)


def one_layer_variance(d: int, sigma: float) -> float:
    """Variance of one output of a layer behind ReLU.

        Var[y] = d sigma^2 / 2,   y = x^T w,  x = ReLU(z),  z ~ N(0, I_d),  w ~ N(0, sigma^2 I_d)

    sigma is the standard deviation of a weight. E[y | w] = sum of w_j / sqrt(2 pi) is not 0 for one w, but over w it
    is; so Var[y] = E[y^2] = d E[x_j^2] E[w_j^2], with E[x_j^2] = 1/2: half of the values of z are cut off.

    Raises:
        SettingError: d is no whole number of at least 1, or sigma not finite and above 0.

    Source: He, Zhang, Ren & Sun 2015, eq. 7 to 9; EPFL Machine Learning, exercise 8, problem 2.
    """
    return check_count("d", d) * check_scale(sigma, "sigma") ** 2 / 2


def fixed_weights_variance(w: np.ndarray) -> np.ndarray:
    """Variance of y = x^T w over x alone, for each column of w (d, M): ||w||^2 (1/2 - 1/(2 pi)), (M,)."""
    return (np.asarray(w, np.float64) ** 2).sum(axis=0) * VAR_RELU


def wide_network(activation: str, scale: float, depth: int, batchnorm: bool = False) -> Law:
    """Sizes through L layers that are infinitely wide, from inputs N(0, 1) and gradients N(0, 1) at the top.

        q_l = scale E[x_{l-1}^2]   (1 with batchnorm),   E[x_l^2] = E[phi(sqrt(q_l) z)^2],          z ~ N(0, 1)
        E[delta_l^2] = E[phi'(sqrt(q_l) z)^2] E[dy_l^2],   E[dy_l^2] = scale E[delta_{l+1}^2]
        with batchnorm:                                     E[dy_l^2] = E[delta_{l+1}^2] / Var[x_l]

    For ReLU both go by scale / 2 a layer, at any width; with batchnorm the deltas grow backwards by
    sqrt(pi / (pi - 1)) = 1.211 a layer at any scale: batchnorm divides by a deviation which ReLU has made smaller than
    the root mean square.

    Args:
        activation: a name of ACTIVATIONS. scale: d sigma^2. depth: L.

    Raises:
        SettingError: an unknown activation, a scale that is not above 0, a depth below 1.

    Source: Poole et al. 2016, eq. 3; Schoenholz et al. 2017, section 4; Yang et al. 2019 (batchnorm).
    """
    name = check_choice("activation", activation, tuple(ACTIVATIONS))
    scale, depth = check_scale(scale), check_count("depth", depth)
    squares, slopes, variances = [1.0], [], []
    for _ in range(depth):
        q = 1.0 if batchnorm else scale * squares[-1]
        mean, square, slope = moments(name, q)
        squares.append(square)
        slopes.append(slope)
        variances.append(square - mean**2)
    deltas = np.empty(depth)
    entering = 1.0
    for i in reversed(range(depth)):
        deltas[i] = entering * slopes[i]
        if i:
            entering = deltas[i] / variances[i - 1] if batchnorm else deltas[i] * scale
    return Law(np.sqrt(squares), np.sqrt(deltas))


@lru_cache(maxsize=4096)  # a slider that is dragged asks for the same ones again
def moments(activation: str, q: float) -> tuple[float, float, float]:
    """E[phi(u)], E[phi(u)^2] and E[phi'(u)^2] for u ~ N(0, q): closed for ReLU and linear, else by the trapezoid rule.

    Raises:
        SettingError: an unknown activation.
    """
    forward, backward = ACTIVATIONS[check_choice("activation", activation, tuple(ACTIVATIONS))]
    if activation == "relu":
        return math.sqrt(q) * MEAN_RELU, q / 2, 0.5
    if activation == "linear":
        return 0.0, q, 1.0
    z, weight = _normal()
    phi, cache = forward(math.sqrt(q) * z)
    slope = backward(np.ones_like(z), cache)
    return float(phi @ weight), float(phi**2 @ weight), float(slope**2 @ weight)


@lru_cache(maxsize=1)
def _normal() -> tuple[np.ndarray, np.ndarray]:
    """Places and weights of the standard normal density; its tails beyond 9 hold 2e-19."""
    z = np.linspace(-9.0, 9.0, 6001)
    density = np.exp(-(z**2) / 2)
    return z, density / density.sum()
