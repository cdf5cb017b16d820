"""Memory of a training step, operation by operation: what is made, what is kept for the backward pass, what goes.

    training   = weights + gradients + copies of the optimizer + activations kept + what only works now
    inference  = weights + the arrays that are alive at the same time, at most

Gradients are allocated before the step, as one vector. Activations grow in the forward pass: an array stays if the
backward pass needs it, and goes once nobody reads it any more. In the backward pass the gradient by the output of a
layer (delta) makes the one by its input, then both the delta and what only this layer had kept go. The gradient of the
loss takes the place of the output; activations and dropout work on a delta in place; a sum and a concatenation hand out
copies. Temporaries inside of an operation, running statistics and the libraries' own memory are not counted.

Source: EPFL Machine Learning, exercise 8, problem 4; EECS182, homework 4, problem 5 (copies of the optimizers).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from lab.analysis.cost.count import Cost
from lab.checks import check_choice, check_count

COPIES = {"SGD": 0, "momentum": 1, "Adam": 2}  # of all parameters, beside weights and gradients
BYTES = {"float16": 2, "float32": 4, "float64": 8}


@dataclass(frozen=True)
class Moment:
    """While an operation of a step works; numbers of one sample, but for multiplications all together.

    Attributes:
        number: from 1. stage: "forward", "loss" or "backward". row: its number.
        kept: numbers alive that the backward pass will need. working: all others that are alive.
        multiplications: of the step up to and with this operation.
    """

    number: int
    stage: str
    row: int
    kept: int
    working: int
    multiplications: int

    @property
    def alive(self) -> int:
        """Numbers alive: activations and deltas."""
        return self.kept + self.working


@dataclass(frozen=True)
class Memory:
    """Bytes of a training step at its fullest moment, by part; and those of inference.

    Attributes:
        weights, gradients, optimizer: of parameters. kept: activations for the backward pass, all of them.
        working: what the fullest moment holds beside: deltas, outputs. inference: its weights and arrays.
    """

    weights: int
    gradients: int
    optimizer: int
    kept: int
    working: int
    inference: int

    @property
    def total(self) -> int:
        """Of training."""
        return self.weights + self.gradients + self.optimizer + self.kept + self.working


def training_step(cost: Cost) -> Iterator[Moment]:
    """The operations of one step: forward, loss, backward, with what is alive while each of them works."""
    rows, arrays = cost.rows, cost.arrays
    home = {row: i for i, array in enumerate(arrays) for row in array.rows}
    alive, deltas = {0}, dict[int, int]()
    number = multiplications = 0

    def moment(stage: str, row: int) -> Moment:
        kept = sum(arrays[i].size for i in alive if arrays[i].savers)
        rest = sum(arrays[i].size for i in alive if not arrays[i].savers)
        return Moment(number, stage, row, kept, rest + sum(deltas.values()), multiplications)

    for row in rows[1:]:
        alive.add(home[row.number])
        number, multiplications = number + 1, multiplications + row.forward
        yield moment("forward", row.number)
        alive -= {i for i in alive if not arrays[i].savers and _unread(arrays[i].readers, row.number, i, home)}
    last = rows[-1].number
    if not rows[-1].learns:
        return
    deltas[last] = prod(rows[-1].shape)
    if not arrays[home[last]].savers:
        alive.discard(home[last])
    number += 1
    yield moment("loss", last)
    for row in reversed(rows[1:]):
        if not row.learns:
            continue
        back = [read for read in row.reads if rows[read].learns]
        in_place = row.layer is not None and row.layer.in_place
        if in_place and back:
            deltas[back[0]] = deltas.get(back[0], 0) or deltas[row.number]
            del deltas[row.number]  # the same array, or added to the one that is there
        for read in () if in_place else back:
            deltas.setdefault(read, prod(rows[read].shape))
        number, multiplications = number + 1, multiplications + row.weight_gradient + row.input_gradient
        yield moment("backward", row.number)
        deltas.pop(row.number, None)
        alive -= {i for i in alive if arrays[i].savers and min(arrays[i].savers) >= row.number}


def memory(cost: Cost, batch: int = 1, optimizer: str = "SGD", dtype: str = "float32") -> Memory:
    """Bytes of a step of `batch` samples.

    Args:
        optimizer: "SGD" keeps nothing, "momentum" a velocity, "Adam" two moments. dtype: of all numbers.

    Raises:
        SettingError: a name is unknown, or the batch is no whole number of at least 1.
    """
    batch = check_count("batch", batch)
    size = BYTES[check_choice("dtype", dtype, tuple(BYTES))]
    copies = COPIES[check_choice("optimizer", optimizer, tuple(COPIES))]
    parameters = size * cost.parameters
    kept = sum(array.size for array in cost.arrays if array.savers)
    fullest, inference = _peaks(cost)
    return Memory(
        parameters, parameters, copies * parameters, size * batch * kept, size * batch * (fullest - kept),
        parameters + size * batch * inference,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _peaks(cost: Cost) -> tuple[int, int]:
    """Numbers of a sample at the fullest moment of a training step, and of inference: they do not change."""
    return max(moment.alive for moment in training_step(cost)), inference_peak(cost)


def inference_peak(cost: Cost) -> int:
    """Numbers of a sample that are alive at the same time, at most, where nothing is kept for a backward pass."""
    arrays = cost.arrays
    home = {row: i for i, array in enumerate(arrays) for row in array.rows}
    alive, most = {0}, 0
    for row in cost.rows[1:]:
        alive.add(home[row.number])
        most = max(most, sum(arrays[i].size for i in alive))
        alive -= {i for i in alive if _unread(arrays[i].readers, row.number, i, home)}
    return most


def _unread(readers: list[int], now: int, array: int, home: dict[int, int]) -> bool:
    """Whether nobody reads an array after this row, and the row did not just make it."""
    return (not readers or max(readers) <= now) and home[now] != array
