"""Layers made of layers: paths beside each other, residuals, and a whole network."""

from dataclasses import dataclass, replace

from lab.analysis.cost.layers import Layer, Shape
from lab.checks import check_count
from lab.errors import ShapeError


@dataclass(frozen=True)
class Branch(Layer):
    """Paths beside each other, whose channels are concatenated; an empty path hands its input on."""

    paths: tuple[tuple[Layer, ...], ...]
    kind = "branch"

    def __str__(self) -> str:
        return f"branch {{ {' | '.join('; '.join(map(str, path)) for path in self.paths)} }}"


@dataclass(frozen=True)
class Residual(Layer):
    """body(x) + shortcut(x).

    An empty shortcut is x itself. None is option A of He et al. 2015: every stride-th pixel, and zeros for the channels
    that x lacks; it learns nothing.
    """

    body: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] | None = ()
    kind = "res"

    def __str__(self) -> str:
        body = "; ".join(map(str, self.body))
        shortcut = " | optionA" if self.shortcut is None else " | " + "; ".join(map(str, self.shortcut))
        return f"residual {{ {body}{shortcut if self.shortcut != () else ''} }}"


@dataclass(frozen=True)
class Network:
    """A network: the shape of one input, and its layers. Raises `ShapeError` or `SettingError` for another shape."""

    shape: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if len(self.shape) not in (1, 3):
            raise ShapeError(f"shape = {self.shape} is no input. Give (height, width, channels), or (units,).")
        for size in self.shape:
            check_count("shape", size)

    def resized(self, side: int) -> "Network":
        """The same layers for a picture of side x side; units stay as they are."""
        return self if len(self.shape) == 1 else replace(self, shape=(side, side, self.shape[2]))
