"""Long vectors in slices: what is done to every entry alone can be done by all workers at once.

The cuts depend on the vector only, never on the number of workers: a number that is found slice by slice and then added
up (the norm of a gradient) is the same for every P.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

SLICE = 2**16  # entries, 256 kB in float32: two vectors of them stay in the second cache from one operation to the next

Work = Callable[[slice], Any]


@lru_cache(maxsize=64)
def cut(size: int) -> tuple[slice, ...]:
    """The slices of a vector of `size` entries, from left to right."""
    return tuple(slice(start, min(start + SLICE, size)) for start in range(0, size, SLICE)) or (slice(0, 0),)


@lru_cache(maxsize=64)
def deal(size: int, workers: int) -> tuple[tuple[slice, ...], ...]:
    """The same, dealt to workers: neighbouring slices to each, some get none where there are more workers."""
    slices = cut(size)
    ends = [round(len(slices) * p / workers) for p in range(workers + 1)]
    return tuple(slices[ends[p] : ends[p + 1]] for p in range(workers))


def in_turn(slices: tuple[slice, ...], work: Work) -> list[Any]:
    """Do the work on one slice after the other; what it gave for each."""
    return [work(each) for each in slices]
