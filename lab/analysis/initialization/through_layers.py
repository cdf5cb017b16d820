"""Sizes through the layers, network after network: a band, because one network is not the law."""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.initialization.deep_layer import ACTIVATIONS
from lab.analysis.initialization.draws import HOW, DeepPass, Draws, deep_pass
from lab.analysis.initialization.laws import Law, check_scale, wide_network
from lab.checks import check_choice
from lab.errors import SettingError
from lab.events import Waiting

KEPT = 512  # networks of which the band is made; nobody waits for more, but a forgotten page plays on
FLAT = 0.1  # of the steepest slope
FIELDS = ("sizes", "deltas", "gradients")


@dataclass(frozen=True, eq=False)
class NetSeen:
    """One network, sent forward and backward: its number from 1, and its sizes (see `DeepPass`)."""

    number: int
    passed: DeepPass


def flat_shares(passed: DeepPass, activation: str) -> np.ndarray:
    """Share of the activations of each layer where the slope is below a tenth of the steepest, (L,).

    Little gradient comes back through them: a sigmoid or tanh is saturated there, a ReLU is off.

    Raises:
        SettingError: an unknown activation.
    """
    _, backward = ACTIVATIONS[check_choice("activation", activation, tuple(ACTIVATIONS))]
    steepest = 0.25 if activation == "sigmoid" else 1.0
    return np.array([np.mean(backward(np.ones_like(x), x) < FLAT * steepest) for x in passed.x[1:]])


class ThroughLayers:
    """An endless iterator: `Waiting` while a network is drawn, then its `NetSeen`.

    Args:
        seed: of the networks; each has inputs, weights and gradients of its own.
        depth, width, rows: L, d and the number N of inputs.
        scale: d sigma^2, with sigma the standard deviation of a weight: 2 is He's, 1 is LeCun's, and Xavier's where
            a layer is as wide as the one before. weights: one of HOW. activation, batchnorm: of every layer.

    Attributes:
        last: `DeepPass` of the last network, or None. seen: how many are in the band.

    Raises:
        SettingError: a value is not allowed; it says which are.

    Source: Glorot & Bengio 2010; He et al. 2015.
    """

    def __init__(
        self, seed: int = 0, *, depth: int = 32, width: int = 128, rows: int = 64, scale: float = 2.0,
        activation: str = "relu", batchnorm: bool = False, weights: str = "normal",
    ) -> None:  # fmt: skip
        self._draws = Draws(seed, depth, width, rows)
        self.depth, self.width = self._draws.depth, self._draws.width
        self.scale, self.activation, self.batchnorm, self.weights = scale, activation, batchnorm, weights
        self.change()

    def __iter__(self) -> "ThroughLayers":
        return self

    def __next__(self) -> Waiting | NetSeen:
        return next(self._events)

    def change(self, **changes: Any) -> None:
        """Take another `scale`, `activation`, `batchnorm` or `weights`, and begin with the first network again.

        Raises:
            SettingError: a name is unknown or a value is not allowed; nothing was changed.
        """
        if unknown := sorted(set(changes) - {"scale", "activation", "batchnorm", "weights"}):
            raise SettingError(f"{', '.join(unknown)} cannot be changed. Change scale, activation, batchnorm, weights.")
        scale = check_scale(changes.get("scale", self.scale))
        activation = check_choice("activation", changes.get("activation", self.activation), tuple(ACTIVATIONS))
        weights = check_choice("weights", changes.get("weights", self.weights), HOW)
        self.scale, self.activation, self.weights = scale, activation, weights
        self.batchnorm = bool(changes.get("batchnorm", self.batchnorm))
        self.last: DeepPass | None = None
        self._sizes: dict[str, deque[np.ndarray]] = {name: deque(maxlen=KEPT) for name in FIELDS}
        self._events = self._begin()

    @property
    def seen(self) -> int:
        """Networks in the band."""
        return len(self._sizes["sizes"])

    @property
    def law(self) -> Law | None:
        """What a very wide network has; None where all weights are 0."""
        if self.weights == "zeros":
            return None
        return wide_network(self.activation, self.scale, self.depth, self.batchnorm)

    def all(self, field: str) -> np.ndarray:
        """Sizes of all networks in the band, (n, L) or (n, L + 1); a field of FIELDS."""
        return np.array(self._sizes[check_choice("field", field, FIELDS)])

    def band(self, field: str) -> np.ndarray | None:
        """Median, lowest and highest over the networks, (3, L) or (3, L + 1); None before the first."""
        if not self.seen:
            return None
        sizes = self.all(field)
        return np.array((np.median(sizes, axis=0), sizes.min(axis=0), sizes.max(axis=0)))

    def look(self) -> NetSeen:
        """The next network at once, without waiting in between: what a moved slider asks for."""
        return next(event for event in self if isinstance(event, NetSeen))

    def _begin(self) -> Generator[Waiting | NetSeen, None, None]:
        number = 0
        while True:
            number += 1
            net = yield from self._draws.net(number, self.weights)
            self.last = yield from deep_pass(net, self.scale, self.activation, self.batchnorm)
            for name in FIELDS:
                self._sizes[name].append(getattr(self.last, name))
            yield NetSeen(number, self.last)
