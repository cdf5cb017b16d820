"""What the boards on descent share: the course's sample, and the map of its expected loss."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from lab import palette
from lab.analysis.least_squares import MaskRows
from widgets.dashboard import Contour, Trace

X, Y = (10.0, 1.0), 11.0  # the course's sample and its target
W1, W2 = (-0.2, 1.4), (-1.5, 12.0)  # what the map shows
CELLS = 41
ARRIVED = 0.0003  # of the floor, or of 1: an expected loss that is no further above it has arrived
ROUNDING = 1e-12  # of y^2: a floor below it is none
LOWEST = 0.01  # where the axis of a loss ends that may fall to 0
SPOTS = (Trace("least loss", palette.LAW), Trace("shortest w, p = 1", palette.WHOLE))


@dataclass(frozen=True, eq=False)
class Landscape:
    """For one p: the map of the expected loss above its floor, where it is least, and the floor."""

    ground: Any
    solution: np.ndarray
    floor: float

    def arrived(self, loss: float) -> bool:
        """Whether an expected loss is the floor but for next to nothing."""
        return loss - self.floor < ARRIVED * max(self.floor, 1.0)


@lru_cache(maxsize=16)
def landscape(keep: float, inverted: bool) -> Landscape:
    """Of the course's sample at p; the same object for the same p, so that its map is taken once."""
    rows = MaskRows(X, Y, keep, inverted)
    w1, w2 = np.linspace(*W1, CELLS), np.linspace(*W2, CELLS)
    above = rows.above_least(np.stack(np.meshgrid(w1, w2), axis=-1))
    solution = rows.solution()
    floor = float(rows.loss(solution)[0])
    return Landscape((w1, w2, above), solution[0], floor if floor > ROUNDING * Y**2 else 0.0)


SHORTEST = landscape(1.0, True).solution


def loss_map(paths: tuple[Trace, ...]) -> Contour:
    """The chart of the map, with these paths."""
    return Contour(
        "map", title="Expected loss above its floor", x="w1", y="w2", x_range=W1, y_range=W2, low=0.1, high=1000,
        height=250, unit="above the floor", shades=palette.KEPT_SHADES[:2], paths=paths, spots=SPOTS,
    )  # fmt: skip


def pair(w: Any) -> str:
    """Two weights in words."""
    return f"({w[0]:.3f}, {w[1]:.3f})"
