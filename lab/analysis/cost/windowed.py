"""Layers that slide a window over a picture: convolutions and pooling."""

from dataclasses import dataclass
from math import prod

from lab.analysis.cost.layers import Layer, Pair, Shape, size_words
from lab.checks import check_count
from lab.errors import ShapeError


@dataclass(frozen=True)
class Windowed(Layer):
    """What slides a window: out = (in + 2 pad - kernel) // stride + 1, for height and width each."""

    kernel: Pair
    stride: int = 1
    pad: int = 0

    def __post_init__(self) -> None:
        for side in self.kernel:
            check_count("kernel", side)
        check_count("stride", self.stride)
        check_count("pad", self.pad, low=0)

    def slid(self, shape: Shape) -> Pair:
        """Height and width of the output. Raises `ShapeError`: it would be below 1."""
        if len(shape) != 3:
            raise ShapeError(f"its input has {shape[0]} units, and a window slides over height and width.")
        height, width = ((n + 2 * self.pad - k) // self.stride + 1 for n, k in zip(shape, self.kernel, strict=False))
        if min(height, width) < 1:
            raise ShapeError(
                f"its output would be {height} high and {width} wide: the window of {size_words(self.kernel)} does not "
                f"fit into {size_words(shape[:2])} with pad {self.pad}. Take a smaller window, or more pad."
            )
        return height, width

    @property
    def window(self) -> tuple[Pair, Pair]:
        return self.kernel, (self.stride, self.stride)


@dataclass(frozen=True)
class Conv(Windowed):
    """Convolution: `channels` filters over all input channels, or over those of their group.

    weights = kernel height kernel width c_in / groups channels,   multiplications = weights out height out width
    """

    channels: int = 1
    groups: int = 1
    bias: bool = True
    kind = "conv"
    saves = "input"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("channels", self.channels)
        check_count("groups", self.groups)

    def out(self, shape: Shape) -> Shape:
        slid = self.slid(shape)
        if shape[2] % self.groups or self.channels % self.groups:
            raise ShapeError(
                f"{self.groups} groups do not divide its {shape[2]} input channels and {self.channels} filters. "
                "Let both be multiples of the groups."
            )
        return (*slid, self.channels)

    def weights(self, shape: Shape) -> int:
        return prod(self.kernel) * shape[2] // self.groups * self.channels

    def biases(self, shape: Shape) -> int:
        return self.channels if self.bias else 0

    def products(self, shape: Shape) -> int:
        return self.weights(shape) * prod(self.slid(shape))

    def __str__(self) -> str:
        stride = f" stride {self.stride}" if self.stride != 1 else ""
        pad = f" pad {self.pad}" if self.pad else ""
        groups = f" groups {self.groups}" if self.groups != 1 else ""
        bias = "" if self.bias else " nobias"
        return f"conv {self.channels} {size_words(self.kernel)}{stride}{pad}{groups}{bias}"


@dataclass(frozen=True)
class Pool(Windowed):
    """Largest or mean of a window; the backward pass of the largest finds its place anew in the input."""

    largest: bool = True
    kind = "pool"

    @property
    def saves(self) -> str:
        return "input" if self.largest else ""

    def out(self, shape: Shape) -> Shape:
        return (*self.slid(shape), shape[2])

    def __str__(self) -> str:
        stride = (
            f" stride {self.stride}" if self.stride != self.kernel[0] else ""
        )  # which is its size unless it is said
        pad = f" pad {self.pad}" if self.pad else ""
        return f"{'max' if self.largest else 'avg'}pool {size_words(self.kernel)}{stride}{pad}"
