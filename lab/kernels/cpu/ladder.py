"""The same product six times: the way from three plain loops to what the lab computes with, one idea a rung.

    c (m, n) = a (m, k) b (k, n)            2 m k n operations, on (m k + k n + m n) numbers

Every number takes part in hundreds of operations, so the arithmetic could be busy all the time; what keeps it
waiting is different on each rung. All of them add up an entry of c over k = 0, 1, ... with one rounding a turn: the
results are equal to the bit. The last step, what follows a product in a layer, is in `lab.kernels.cpu.apart`.

Source: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34, 2008).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import SettingError, ShapeError
from lab.kernels.cpu import register
from lab.kernels.cpu.cache import kernel

# A block of b: 128 kB of float32. With the rows of c and a that meet it, it stays in the second cache.
BLOCK_ROWS, BLOCK_COLUMNS = 64, 512
TOGETHER = 4  # rows of b that are added to a row of c at once


@dataclass(frozen=True)
class Rung:
    """One way to multiply.

    Attributes:
        name: for the eye. idea: what is new, in a sentence. limit: what it still waits for.
        multiply: kernel (a, b, c, workspace) that writes c = a b.
    """

    name: str
    idea: str
    limit: str
    multiply: Callable[..., Any]


def multiply(name: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b by the rung of that name.

    Args:
        a: (m, k). b: (k, n). Both float32 or both float64, C order, not empty.

    Raises:
        SettingError: no rung has this name. ShapeError: the arrays are not as they should be.
    """
    found = {rung.name: rung for rung in RUNGS}
    if name not in found:
        raise SettingError(f"rung = {name!r} is not known. Choose one of: {', '.join(found)}.")
    check_factors(a, b)
    c = np.empty((a.shape[0], b.shape[1]), a.dtype)
    found[name].multiply(a, b, c, np.empty(workspace_size(a.itemsize), a.dtype))
    return c


def check_factors(a: np.ndarray, b: np.ndarray) -> None:
    """Kernels check nothing, so what they are given is checked here. Raises `ShapeError`."""
    for name, matrix in (("a", a), ("b", b)):
        if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or not matrix.size:
            raise ShapeError(f"{name} has shape {np.shape(matrix)}. Give a matrix with at least one row and column.")
        if matrix.dtype not in (np.float32, np.float64) or not matrix.flags.c_contiguous:
            order = "" if matrix.flags.c_contiguous else ", with rows that lie apart"
            raise ShapeError(f"{name} is {matrix.dtype}{order}. Give float32 or float64: np.ascontiguousarray(x).")
    if a.dtype != b.dtype or a.shape[1] != b.shape[0]:
        given = f"a is {a.dtype} {a.shape}, b is {b.dtype} {b.shape}"
        raise ShapeError(f"{given}. Give both one dtype, and b as many rows as a has columns.")


def workspace_size(itemsize: int) -> int:
    """Entries of the workspace that every rung is given."""
    return max(BLOCK_ROWS * BLOCK_COLUMNS, register.panel_size(itemsize))


@kernel
def naive(a, b, c, workspace):
    """Row times column: the definition.

    One sum at a time: each addition waits four cycles for the one before it, and walking down a column of b
    touches a new line of the cache for every number: 64 bytes are moved to use 4.
    """
    zero = c.dtype.type(0)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = zero
            for p in range(b.shape[0]):
                total += a[i, p] * b[p, j]
            c[i, j] = total


@kernel
def reordered(a, b, c, workspace):
    """The two inner loops change places: a row of c grows by multiples of rows of b.

    Neighbours in memory are worked on together, in vectors of 8 or 16 numbers, none of which waits for
    another. But all of b comes by for every row of a: k n numbers from a far cache for 2 k n operations.
    """
    c[:] = 0
    for i in range(a.shape[0]):
        for p in range(b.shape[0]):
            factor = a[i, p]
            for j in range(b.shape[1]):
                c[i, j] += factor * b[p, j]


@kernel
def blocked(a, b, c, workspace):
    """A block of b stays in the cache until every row of a has met it.

    b comes from memory once, which pays where it is larger than the second cache. What limits then is the way
    to the caches: two loads and a store for every multiplication. And rows of a block lie n numbers apart, where
    they may displace each other.
    """
    k, n = b.shape
    c[:] = 0
    for first in range(0, n, BLOCK_COLUMNS):
        last = min(first + BLOCK_COLUMNS, n)
        for top in range(0, k, BLOCK_ROWS):
            for i in range(a.shape[0]):
                sums = c[i, first:last]
                for p in range(top, min(top + BLOCK_ROWS, k)):
                    factor, line = a[i, p], b[p, first:last]
                    for j in range(last - first):
                        sums[j] += factor * line[j]


@kernel
def packed(a, b, c, workspace):
    """The block is copied first, so that its rows follow each other: a panel.

    One copy for m uses. The panel fills the cache evenly and is read straight ahead, whatever n is; the
    loads and stores of the sums are the same as before.
    """
    k, n = b.shape
    c[:] = 0
    for first in range(0, n, BLOCK_COLUMNS):
        for top in range(0, k, BLOCK_ROWS):
            panel = _pack(b, top, first, workspace)
            deep, wide = panel.shape
            for i in range(a.shape[0]):
                sums = c[i, first : first + wide]
                for p in range(deep):
                    factor = a[i, top + p]
                    for j in range(wide):
                        sums[j] += factor * panel[p, j]


@kernel
def together(a, b, c, workspace):
    """Four rows of the panel at once: a sum is loaded and stored once for four products.

    Six moves for four multiplications instead of twelve. A sum that never left its register would need no
    move at all, but a row of them is too long for the registers.
    """
    k, n = b.shape
    c[:] = 0
    for first in range(0, n, BLOCK_COLUMNS):
        for top in range(0, k, BLOCK_ROWS):
            panel = _pack(b, top, first, workspace)
            deep, wide = panel.shape
            whole = deep // TOGETHER * TOGETHER
            for i in range(a.shape[0]):
                sums, factors = c[i, first : first + wide], a[i, top : top + deep]
                for p in range(0, whole, TOGETHER):
                    f0, f1, f2, f3 = factors[p], factors[p + 1], factors[p + 2], factors[p + 3]
                    for j in range(wide):
                        total = sums[j] + f0 * panel[p, j]  # in this order: every rung gives the same bits
                        total += f1 * panel[p + 1, j]
                        total += f2 * panel[p + 2, j]
                        total += f3 * panel[p + 3, j]
                        sums[j] = total
                for p in range(whole, deep):
                    for j in range(wide):
                        sums[j] += factors[p] * panel[p, j]


@kernel
def _pack(b, top, first, workspace):
    """A copy of the block of b that begins at (top, first)."""
    deep, wide = min(BLOCK_ROWS, b.shape[0] - top), min(BLOCK_COLUMNS, b.shape[1] - first)
    panel = workspace[: deep * wide].reshape(deep, wide)
    for p in range(deep):
        for j in range(wide):
            panel[p, j] = b[top + p, first + j]
    return panel


RUNGS = (
    Rung("naive", "Row times column, as it is defined.", "one addition at a time, a line of cache a number", naive),
    Rung("reordered", "The inner loop goes along rows: vectors.", "all of b comes by for every row of a", reordered),
    Rung("blocked", "A block of b stays in the cache.", "two loads and a store a product", blocked),
    Rung("packed", "The block is copied: its rows follow each other.", "two loads and a store a product", packed),
    Rung("four at once", "A sum is loaded and stored once for four products.", "six moves for four products", together),
    Rung("registers", "A tile of sums never leaves the registers.", "the arithmetic itself", register.multiply),
)
