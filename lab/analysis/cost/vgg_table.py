"""The course's Table 1: activations and parameters of VGG19 without biases, partly filled, and what checks the rest.

A cell may be typed as a number (1,728), a product (3*3*3*64) or as the course rounds it (150K, 3.2M). What is wrong
gets a hint that names the factor, not the number: it is found by dividing.

Source: COMS6998, homework 3, problem 3.2; Simonyan & Zisserman 2015, table 1, column E.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import prod

from lab.analysis.cost.count import Cost, Row, count
from lab.analysis.cost.layers import Linear
from lab.analysis.cost.presets import vgg
from lab.analysis.cost.windowed import Conv, Pool
from lab.errors import SettingError

COLUMNS = ("activations", "parameters")
GIVEN = {  # the cells that the course fills in, by layer as it stands here
    "activations": ("input", "conv1", "conv2", "pool1", "pool2", "conv6", "conv9", "conv10", "fc1", "fc2", "fc3"),
    "parameters": ("input", "conv1", "conv2", "pool1", "pool2", "pool3", "pool4", "pool5", "conv6", "conv9", "fc2"),
}
UNITS = {"": 1, "k": 10**3, "m": 10**6}
ROUNDED = 0.05  # the course writes 800K for 802,816 and 150K for 150,528


@dataclass(frozen=True)
class Cell:
    """One cell of the table.

    Attributes:
        layer: its name here. label: as in the course's table. column: of COLUMNS. value: what belongs there.
        given: whether the course gives it. factors: of the value, by words. misled: other values, by what they mean.
    """

    layer: str
    label: str
    column: str
    value: int
    given: bool
    factors: dict[str, int]
    misled: dict[str, int]


@dataclass(frozen=True)
class Verdict:
    """Of what was typed into a cell: whether it is right, and a sentence."""

    right: bool
    says: str


@cache
def vgg_cells() -> tuple[Cell, ...]:
    """All cells of the table, row by row, counted from the network and the totals below."""
    cost = count(vgg("VGG19", bias=False))
    counted = [row for row, size in zip(cost.rows, cost.activations, strict=True) if size]
    made = [_cell(cost, row, column) for row in counted for column in COLUMNS]
    totals = {"activations": sum(cost.activations), "parameters": cost.parameters}
    return (*made, *(Cell("total", "Total", name, totals[name], False, {}, {}) for name in COLUMNS))


def check_cell(cell: Cell, typed: str) -> Verdict:
    """Whether a cell is right, and if not, which factor is missing or too much.

    Raises:
        SettingError: it is no number and no product of numbers.
    """
    value, rounded = read_number(typed)
    if value == cell.value or (rounded and abs(value - cell.value) <= ROUNDED * cell.value):
        return Verdict(True, "right" if value == cell.value else "right, rounded")
    return Verdict(False, f"not yet: {_hint(cell, value)}")


def read_number(typed: str) -> tuple[int, bool]:
    """The value of "3*3*64", "1,728", "150K" or "3.2M"; and whether it is rounded (K or M).

    Raises:
        SettingError: it is none of them.
    """
    value, rounded = 1.0, False
    for part in re.split(r"[*x×·]", re.sub(r"[\s(),_']", "", typed.lower())):
        found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)([km]?)", part)
        if not found:
            raise SettingError(f"{typed!r} is no number. Type one like 1,728 or 3*3*3*64, or rounded: 150K, 3.2M.")
        value *= float(found[1]) * UNITS[found[2]]
        rounded |= bool(found[2])
    if value > 1e18:
        raise SettingError(f"{typed!r} is too large for any network. Type a number like 3*3*3*64.")
    return round(value), rounded


def _hint(cell: Cell, value: int) -> str:
    for words, other in cell.misled.items():
        if value == other:
            return words
    for size in (1, 2):
        for names in combinations(cell.factors, size):
            factor = prod(cell.factors[name] for name in names)
            if factor > 1 and value * factor == cell.value:
                return f"{_and(names)} {'is' if size == 1 else 'are'} missing"
    for name, factor in cell.factors.items():
        if factor > 1 and value == cell.value * factor:
            return f"{name} is in it twice"
    if value == 0:
        return "it is not 0"
    if cell.column == "activations" and value in (4 * cell.value, cell.value // 4):
        return "count the poolings above: each of them halves height and width"
    if cell.factors and (value == 2 * cell.value or 2 * value == cell.value):
        return (
            "a number of channels is half or double: outputs are in the layer's name, inputs in that of the one above"
        )
    parts = " × ".join(cell.factors) if cell.factors else "the sum of the column"
    return f"it is {'too large' if value > cell.value else 'too small'}; take {parts}"


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _cell(cost: Cost, row: Row, column: str) -> Cell:
    before = cost.rows[row.reads[0]].shape if row.reads else row.shape
    if column == "activations":
        value = cost.activations[row.number]
        factors, misled = _of_shape(row.shape), {}
        if isinstance(row.layer, Pool):
            misled["these are its inputs, and pooling halves height and width"] = prod(before)
    else:
        value = row.parameters
        factors, misled = _of_weights(row, cost)
    return Cell(row.name, _label(row), column, value, row.name in GIVEN[column], factors, misled)


def _of_shape(shape: tuple[int, ...]) -> dict[str, int]:
    names = ("the height", "the width", "the number of channels") if len(shape) == 3 else ("the number of units",)
    return dict(zip(names, shape, strict=True))


def _of_weights(row: Row, cost: Cost) -> tuple[dict[str, int], dict[str, int]]:
    """Factors of the weights of a layer, and what they are often taken for."""
    before = cost.rows[row.reads[0]] if row.reads else row
    if isinstance(row.layer, Conv):
        names: tuple[str, ...] = (
            "the height of the filter", "the width of the filter", "the number of input channels",
        )  # fmt: skip
        sizes: tuple[int, ...] = (*row.layer.kernel, before.shape[2])
    elif isinstance(row.layer, Linear):
        pixels = cost.rows[before.reads[0]].shape if before.kind == "flatten" else before.shape
        names = tuple(f"{name} of its input" for name in _of_shape(pixels))
        sizes = pixels
    else:
        return {}, {}
    outputs = row.shape[-1]
    factors = dict(zip(names, sizes, strict=True)) | {"the number of its outputs": outputs}
    misled = {"biases are not counted here": row.parameters + outputs}
    if row.forward != row.parameters:
        misled["these are multiplications: a weight works at every pixel, but is counted once"] = row.forward
    return factors, misled


def _label(row: Row) -> str:
    """As the course names it: CONV3-64, POOL2, FC."""
    if isinstance(row.layer, Conv):
        return f"CONV{row.layer.kernel[0]}-{row.layer.channels}"
    if isinstance(row.layer, Pool):
        return f"POOL{row.layer.kernel[0]}"
    return "FC" if isinstance(row.layer, Linear) else "Input"
