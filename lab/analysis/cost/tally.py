"""Counting in a running program: arrays that count what is multiplied with them, and the bytes that NumPy holds.

`counting(x, tally)` is x as an array that counts: every operation of NumPy that it, or whatever is made of it, takes
part in goes through `__array_ufunc__`, where products of matrices are counted from the shapes that were really
multiplied. The program itself is not changed, and its numbers are the same.

Bytes are those of all arrays that NumPy has allocated since `traced` began, as it tells Python's tracemalloc.
"""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Tally:
    """What was counted so far.

    Attributes:
        products: (m, k, n) of every product of matrices, in order. elementwise: multiplications and divisions of
            numbers, entry by entry.
    """

    products: list[tuple[int, int, int]] = field(default_factory=list)
    elementwise: int = 0

    @property
    def multiplications(self) -> int:
        """Of the products: m k n each."""
        return sum(m * k * n for m, k, n in self.products)


class Counting(np.ndarray):
    """An array that counts; see the module's text."""

    tally: Tally

    def __array_finalize__(self, made_from: Any) -> None:
        if made_from is not None and hasattr(made_from, "tally"):
            self.tally = made_from.tally

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **more: Any) -> Any:
        plain = [_plain(each) for each in inputs]
        if out is not None:
            more["out"] = tuple(_plain(each) for each in out)
        result = getattr(ufunc, method)(*plain, **more)
        if ufunc is np.matmul and method == "__call__":
            self.tally.products.append((plain[0].shape[0], plain[0].shape[1], plain[1].shape[1]))
        elif ufunc in (np.multiply, np.divide) and method == "__call__":
            self.tally.elementwise += np.size(result)
        return out[0] if out is not None else self._counting(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self._counting(super().__array_function__(func, types, args, kwargs))

    def _counting(self, result: Any) -> Any:
        return counting(result, self.tally) if type(result) is np.ndarray else result


def counting(array: np.ndarray, tally: Tally) -> Counting:
    """The same numbers in the same memory, as an array that counts."""
    made = array.view(Counting)
    made.tally = tally
    return made


class Traced:
    """What NumPy has allocated since `traced` began."""

    def __init__(self) -> None:
        self._before = 0
        self._before = self.alive

    @property
    def alive(self) -> int:
        """Bytes of all arrays that are alive."""
        only = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
        snapshot = tracemalloc.take_snapshot().filter_traces([only])
        return sum(trace.size for trace in snapshot.traces) - self._before


@contextmanager
def traced() -> Iterator[Traced]:
    """Trace allocations inside of the block; who traces already is not disturbed."""
    mine = not tracemalloc.is_tracing()
    if mine:
        tracemalloc.start()
    try:
        yield Traced()
    finally:
        if mine:
            tracemalloc.stop()


def _plain(array: Any) -> Any:
    return array.view(np.ndarray) if isinstance(array, Counting) else array
