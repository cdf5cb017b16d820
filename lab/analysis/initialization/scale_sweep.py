"""The same networks at one scale after the other: where what reaches the ends neither vanishes nor explodes."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.initialization.deep_layer import ACTIVATIONS
from lab.analysis.initialization.draws import Draws, deep_pass
from lab.analysis.initialization.laws import check_scale, wide_network
from lab.checks import check_choice
from lab.errors import SettingError
from lab.events import Waiting

SCALES = tuple(float(f"{10 ** (k / 10):.3g}") for k in range(-10, 11))  # d sigma^2 from 0.1 to 10, 2.0 among them
ENDS = ("activations", "deltas")
MOST = 200


@dataclass(frozen=True, eq=False)
class NetSwept:
    """One network at all scales: RMS of its last activations and of its first deltas, (S,) each."""

    number: int
    activations: np.ndarray
    deltas: np.ndarray


class ScaleSweep:
    """An iterator: `Waiting` between two scales, then `NetSwept` of one network; the weights differ by a factor only.

    Args:
        seed, depth, width, rows, activation, batchnorm: as for `ThroughLayers`. scales: d sigma^2, in any order.

    Attributes:
        nets: `NetSwept` so far.

    Raises:
        SettingError: a value is not allowed; it says which are.
    """

    def __init__(
        self, seed: int = 0, *, depth: int = 32, width: int = 128, rows: int = 32, activation: str = "relu",
        batchnorm: bool = False, scales: tuple[float, ...] = SCALES,
    ) -> None:  # fmt: skip
        if not scales:
            raise SettingError("no scales to sweep over. Give at least one d sigma^2.")
        self._draws = Draws(seed, depth, width, rows)
        self.depth, self.width = self._draws.depth, self._draws.width
        self.scales = tuple(sorted(check_scale(scale) for scale in scales))
        self.activation, self.batchnorm = activation, batchnorm
        self.change()

    def __iter__(self) -> "ScaleSweep":
        return self

    def __next__(self) -> Waiting | NetSwept:
        return next(self._events)

    def change(self, **changes: Any) -> None:
        """Take another `activation` or `batchnorm`, and begin with the first network again.

        Raises:
            SettingError: a name is unknown or a value is not allowed; nothing was changed.
        """
        if unknown := sorted(set(changes) - {"activation", "batchnorm"}):
            raise SettingError(f"{', '.join(unknown)} cannot be changed. Change activation or batchnorm.")
        self.activation = check_choice("activation", changes.get("activation", self.activation), tuple(ACTIVATIONS))
        self.batchnorm = bool(changes.get("batchnorm", self.batchnorm))
        self.nets: list[NetSwept] = []
        self._events = self._begin()

    def law(self, end: str) -> np.ndarray:
        """What a very wide network has at every scale, (S,); `end` is one of ENDS."""
        field, place = (("activations", -1), ("deltas", 0))[ENDS.index(check_choice("end", end, ENDS))]
        laws = (wide_network(self.activation, scale, self.depth, self.batchnorm) for scale in self.scales)
        return np.array([getattr(law, field)[place] for law in laws])

    def band(self, end: str, a_layer: bool = False) -> np.ndarray | None:
        """Median, lowest and highest over the networks, (3, S); or of the factor a layer, its L-th root.

        None before the first network.
        """
        check_choice("end", end, ENDS)
        if not self.nets:
            return None
        seen = np.array([getattr(net, end) for net in self.nets])
        seen = seen ** (1 / self.depth) if a_layer else seen
        return np.array((np.median(seen, axis=0), seen.min(axis=0), seen.max(axis=0)))

    def crossing(self, end: str) -> float | None:
        """The scale at which the median rises past 1, interpolated in logarithms; None: at no scale."""
        band = self.band(end)
        if band is None or not (band[0] > 0).all():
            return None
        size, scale = np.log(band[0]), np.log(self.scales)
        for i in range(len(size) - 1):
            if size[i] <= 0 < size[i + 1]:
                return float(np.exp(scale[i] - size[i] * (scale[i + 1] - scale[i]) / (size[i + 1] - size[i])))
        return None

    def _begin(self) -> Generator[Waiting | NetSwept, None, None]:
        for number in range(1, MOST + 1):
            net = yield from self._draws.net(number)
            ends = np.empty((2, len(self.scales)))
            for i, scale in enumerate(self.scales):
                passed = yield from deep_pass(net, scale, self.activation, self.batchnorm)
                ends[:, i] = passed.sizes[-1], passed.deltas[0]
                yield Waiting(f"network {number} at all scales", number - 1, (i + 1) / len(self.scales))
            self.nets.append(NetSwept(number, *ends))
            yield self.nets[-1]
