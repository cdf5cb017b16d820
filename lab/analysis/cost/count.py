"""What a network costs, layer by layer: shapes, parameters, multiplications, and how much of the input is seen.

    multiplications of a sample, of a layer with weights:
        forward            P                       (of a linear layer d_in d_out; see `layers.py`)
        weight gradient    P                       every product of an input and a delta
        input gradient     P, or 0 where nothing before the layer learns

    receptive field:  r <- r + (kernel - 1) jump,   jump <- jump stride        (1 and 1 at the input)

Source: EPFL Machine Learning, exercise 8, problem 4; COMS6998, homework 3, problem 3; for the receptive field
Araujo, Norris & Sim 2019, "Computing receptive fields of convolutional neural networks", eq. 2.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lab.analysis.cost.arrays import Array, arrays_of
from lab.analysis.cost.blocks import Branch, Network, Residual
from lab.analysis.cost.layers import Layer, Pair, Shape, size_words
from lab.analysis.cost.text import MOST_LAYERS, parse_network
from lab.errors import SettingError, ShapeError


@dataclass(frozen=True)
class Row:
    """One layer, or one junction, of a sample.

    Attributes:
        number: from 0, which is the input. name: "conv1", "res2.bn1". words: as it is typed. layer: None of a junction.
        reads: numbers of the rows whose output it takes. shape: of its output.
        weights, biases: that are learned. forward, weight_gradient, input_gradient: multiplications.
        field, jump: receptive field and distance of neighbours, in input pixels, height and width; None for units.
        learns: whether the backward pass comes here: it, or something before it, has parameters.
    """

    number: int
    name: str
    words: str
    kind: str
    layer: Layer | None
    reads: tuple[int, ...]
    shape: Shape
    weights: int = 0
    biases: int = 0
    forward: int = 0
    weight_gradient: int = 0
    input_gradient: int = 0
    field: Pair | None = None
    jump: Pair = (1, 1)
    learns: bool = False

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def training(self) -> int:
        """Multiplications of forward and backward pass."""
        return self.forward + self.weight_gradient + self.input_gradient

    @property
    def block(self) -> str:
        """The outermost block that it belongs to, or itself."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, eq=False)
class Cost:
    """What a network costs; everything is for one sample. Two are equal if they are the same object.

    Attributes:
        network: it. rows: the input, then layers and junctions in the order in which they run.
    """

    network: Network
    rows: tuple[Row, ...]

    @cached_property
    def arrays(self) -> tuple[Array, ...]:
        """The arrays of a forward pass; what works in place makes none."""
        return arrays_of(self.rows)

    @cached_property
    def activations(self) -> tuple[int, ...]:
        """By row, the numbers of the new array that it makes; 0 in place."""
        made = dict.fromkeys(range(len(self.rows)), 0) | {array.rows[0]: array.size for array in self.arrays}
        return tuple(made.values())

    @property
    def parameters(self) -> int:
        """Of all rows."""
        return sum(row.parameters for row in self.rows)

    @property
    def forward(self) -> int:
        """Multiplications of a forward pass."""
        return sum(row.forward for row in self.rows)

    @property
    def training(self) -> int:
        """Multiplications of a forward and a backward pass."""
        return sum(row.training for row in self.rows)


def count(network: Network | str) -> Cost:
    """Count a network, given as text or as layers.

    Raises:
        SettingError: the text cannot be read; see `parse_network`.
        ShapeError: the network is impossible: its output would be below 1, groups do not divide channels, paths of
            different sizes are concatenated, a body and its shortcut have different shapes. It names the layer.
    """
    network = parse_network(network) if isinstance(network, str) else network
    if not isinstance(network, Network):
        raise SettingError(f"{type(network).__name__} is no network. Give a text of one layer a line, or a Network.")
    walk = _Walk(network.shape)
    walk.path(network.layers, 0, "")
    return Cost(network, tuple(walk.rows))


class _Walk:
    def __init__(self, shape: Shape) -> None:
        whole = (1, 1) if len(shape) == 3 else None
        self.rows = [Row(0, "input", size_words(shape), "input", None, (), shape, field=whole)]
        self._names: dict[str, Counter[str]] = {}

    def path(self, layers: Sequence[Layer], read: int, within: str) -> int:
        """Layers one after the other; the number of the last row."""
        for layer in layers:
            if isinstance(layer, (Branch, Residual)):
                read = self._block(layer, read, self._name(layer.kind, within))
            else:
                read = self._layer(layer, read, self._name(layer.kind, within))
        return read

    def _layer(self, layer: Layer, read: int, name: str) -> int:
        before = self.rows[read]
        try:
            shape = layer.out(before.shape)
        except ShapeError as error:
            raise ShapeError(f"{name} ({layer}): {error}") from None
        weights, biases = layer.weights(before.shape), layer.biases(before.shape)
        forward = layer.products(before.shape)
        return self._add(
            Row(
                len(self.rows), name, str(layer), layer.kind, layer, (read,), shape, weights, biases,
                forward, forward, forward if before.learns else 0, *_seen(layer, before, shape, self.rows[0].shape),
                learns=bool(weights) or before.learns,
            )
        )  # fmt: skip

    def _block(self, block: Layer, read: int, name: str) -> int:
        if isinstance(block, Branch):
            ends = [self.path(path, read, f"{name}.") for path in block.paths]
            return self._join(name, "concat", ends, self._concatenated(name, ends))
        assert isinstance(block, Residual)
        end = self.path(block.body, read, f"{name}.")
        if block.shortcut is None:
            other = self._option_a(name, read, self.rows[end].shape)
        else:
            other = self.path(block.shortcut, read, f"{name}.")
        mine, its = self.rows[end].shape, self.rows[other].shape
        if mine != its:
            raise ShapeError(
                f"{name}: its body gives {size_words(mine)}, its shortcut {size_words(its)}, and different shapes "
                "cannot be added. Give the shortcut a conv ... 1x1 with the same stride, or optionA."
            )
        return self._join(name, "add", [end, other], mine)

    def _concatenated(self, name: str, ends: Sequence[int]) -> Shape:
        shapes = [self.rows[end].shape for end in ends]
        if len({shape[:-1] for shape in shapes}) > 1:
            sizes = ", ".join(map(size_words, shapes))
            raise ShapeError(
                f"{name}: its paths give {sizes}, and different heights and widths cannot be concatenated. "
                "Pad them so that all agree."
            )
        return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))

    def _option_a(self, name: str, read: int, wanted: Shape) -> int:
        before = self.rows[read]
        steps = {-(-a // b) for a, b in zip(before.shape[:-1], wanted[:-1], strict=False)}
        stride = steps.pop() if len(steps) == 1 else 1
        reached = tuple(-(-a // stride) for a in before.shape[:-1])
        if len(before.shape) != len(wanted) or reached != wanted[:-1] or before.shape[-1] > wanted[-1]:
            raise ShapeError(
                f"{name}.optionA: {size_words(before.shape)} cannot become {size_words(wanted)} by taking every "
                "stride-th pixel and adding channels of zeros. Give the shortcut a conv ... 1x1 instead."
            )
        jump = (before.jump[0] * stride, before.jump[1] * stride)
        row = Row(
            len(self.rows), f"{name}.optionA", "optionA", "optionA", None, (read,), wanted,
            field=before.field, jump=jump, learns=before.learns,
        )  # fmt: skip
        return self._add(row)

    def _join(self, name: str, kind: str, ends: Sequence[int], shape: Shape) -> int:
        fields = [self.rows[end].field for end in ends]
        field = None if None in fields else (max(f[0] for f in fields if f), max(f[1] for f in fields if f))
        jump, learns = self.rows[ends[0]].jump, any(self.rows[end].learns for end in ends)
        row = Row(
            len(self.rows), f"{name}.{kind}", kind, kind, None, tuple(ends), shape,
            field=field, jump=jump, learns=learns,
        )  # fmt: skip
        return self._add(row)

    def _add(self, row: Row) -> int:
        if len(self.rows) > MOST_LAYERS:
            raise SettingError(f"the network has more than {MOST_LAYERS:,} layers. Repeat less often.")
        self.rows.append(row)
        return row.number

    def _name(self, kind: str, within: str) -> str:
        names = self._names.setdefault(within, Counter())
        names[kind] += 1
        return f"{within}{kind}{names[kind]}"


def _seen(layer: Layer, before: Row, shape: Shape, whole: Shape) -> tuple[Pair | None, Pair]:
    """Receptive field and jump; whoever sums over all places sees the whole input."""
    if before.field is None:
        return None, (1, 1)
    if (len(before.shape) == 3 and len(shape) == 1) or layer.kind == "fc":
        return (whole[0], whole[1]), before.jump
    kernel, stride = layer.window
    field = tuple(r + (k - 1) * j for r, k, j in zip(before.field, kernel, before.jump, strict=True))
    jump = tuple(j * s for j, s in zip(before.jump, stride, strict=True))
    return field, jump  # type: ignore[return-value]
