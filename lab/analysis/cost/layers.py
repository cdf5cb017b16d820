"""Layers as a student writes them down: what each makes of a shape, its parameters, and its multiplications.

A shape is (height, width, channels) or (units,), of one sample. `str(layer)` is its line in the text of a network
(`lab.analysis.cost.text`).
"""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from lab.checks import check_choice, check_count
from lab.errors import ShapeError

Shape = tuple[int, ...]
Pair = tuple[int, int]
ACTIVATIONS = ("relu", "sigmoid", "tanh", "softmax")


def size_words(shape: Shape) -> str:
    """ "224x224x3"."""
    return "x".join(map(str, shape))


@dataclass(frozen=True)
class Layer:
    """What all layers have; one that says nothing else keeps the shape, without parameters and multiplications.

    Attributes:
        kind: for names: conv1, conv2. in_place: whether its output may take the place of its input in memory.
        saves: what its backward pass needs of the forward pass: "input", "output" or "" for nothing.
    """

    in_place: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()

    @property
    def saves(self) -> str:
        return ""

    def out(self, shape: Shape) -> Shape:
        """Shape of the output. Raises `ShapeError` where the input does not fit."""
        return shape

    def weights(self, shape: Shape) -> int:
        """Numbers that are learned, without biases."""
        return 0

    def biases(self, shape: Shape) -> int:
        """Biases that are learned."""
        return 0

    def products(self, shape: Shape) -> int:
        """Multiplications of one sample's forward pass, with weights only: sums, biases and activations are free."""
        return 0

    @property
    def window(self) -> tuple[Pair, Pair]:
        """Pixels of the input that one output sees, and the step from one to the next: ((height, width), (...))."""
        return (1, 1), (1, 1)

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Linear(Layer):
    """z = x W + b: d_in units weights, as many multiplications."""

    units: int
    bias: bool = True
    kind = "fc"
    saves = "input"

    def __post_init__(self) -> None:
        check_count("units", self.units)

    def out(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ShapeError(f"its input has shape {size_words(shape)}, and a linear layer takes units. Put flatten.")
        return (self.units,)

    def weights(self, shape: Shape) -> int:
        return shape[0] * self.units

    def biases(self, shape: Shape) -> int:
        return self.units if self.bias else 0

    def products(self, shape: Shape) -> int:
        return self.weights(shape)

    def __str__(self) -> str:
        return f"linear {self.units}" + ("" if self.bias else " nobias")


@dataclass(frozen=True)
class GlobalPool(Layer):
    """Mean over height and width: one number a channel."""

    kind = "globalpool"

    def out(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ShapeError(f"its input has {shape[0]} units, and there is no height and width to take the mean over.")
        return (shape[2],)


@dataclass(frozen=True)
class BatchNorm(Layer):
    """gamma and beta: 2 parameters a channel (running statistics are not learned, and not counted)."""

    kind = "bn"
    saves = "input"

    def weights(self, shape: Shape) -> int:
        return 2 * shape[-1]


@dataclass(frozen=True)
class Activation(Layer):
    """ReLU, sigmoid, tanh or softmax: its backward pass needs its output only."""

    name: str
    in_place = True
    saves = "output"

    def __post_init__(self) -> None:
        check_choice("activation", self.name, ACTIVATIONS)

    @property
    def kind(self) -> str:
        return self.name


@dataclass(frozen=True)
class Dropout(Layer):
    """The mask is drawn again in the backward pass, as this lab does: nothing is kept."""

    kind = "dropout"
    in_place = True


@dataclass(frozen=True)
class Flatten(Layer):
    """(height, width, channels) as units: another view of the same numbers."""

    kind = "flatten"
    in_place = True

    def out(self, shape: Shape) -> Shape:
        return (prod(shape),)
