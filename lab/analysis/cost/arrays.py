"""Which arrays a forward pass makes, who reads them, and who needs them again in the backward pass.

Activations, dropout, flatten and a sum work in place: their output takes the place of their input, unless somebody
else reads the input, needs it in the backward pass, or it is the data itself. (After a ReLU dropout may: where it
puts a 0, the gradient is 0 anyway.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.analysis.cost.count import Row

ADD = "add"


@dataclass
class Array:
    """Numbers of one sample that lie in memory together.

    Attributes:
        size: numbers. rows: whose outputs lie here, one after the other, the first made the array.
        readers: rows that read it in the forward pass. savers: rows that need it in the backward pass.
    """

    size: int
    rows: list[int]
    readers: list[int]
    savers: list[int]


def arrays_of(rows: Sequence["Row"]) -> tuple[Array, ...]:
    """The arrays of a forward pass, in the order in which they are made; the first is the data."""
    readers: list[list[int]] = [[] for _ in rows]
    for row in rows:
        for read in row.reads:
            readers[read].append(row.number)
    made: list[Array] = []
    place: list[Array] = []
    for row in rows:
        below = place[row.reads[0]] if row.reads else None
        if below is not None and (row.kind == "flatten" or _may_take(row, below, rows, readers)):
            array = below
            array.rows.append(row.number)
        else:
            array = Array(prod(row.shape), [row.number], [], [])
            made.append(array)
        place.append(array)
        saves = row.layer.saves if row.layer is not None and row.learns else ""
        if saves:
            (array if saves == "output" else place[row.reads[0]]).savers.append(row.number)
    for array in made:
        array.readers = sorted({reader for row in array.rows for reader in readers[row]})
    return tuple(made)


def _may_take(row: "Row", below: Array, rows: Sequence["Row"], readers: Sequence[Sequence[int]]) -> bool:
    """Whether this row's output may lie where its input lay."""
    in_place = row.kind == ADD or (row.layer is not None and row.layer.in_place)
    only_reader = {each for at in below.rows for each in readers[at]} <= {*below.rows, row.number}
    harmless = {"relu"} if row.kind == "dropout" else set()
    unsaved = all(rows[saver].kind in harmless for saver in below.savers)
    return in_place and 0 not in below.rows and only_reader and unsaved
