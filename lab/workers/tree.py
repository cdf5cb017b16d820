"""The sum of K gradients by a fixed tree, in whatever order and by however many workers they come.

    for s = 1, 2, 4, ...:   g[i] += g[i + s]   where i mod 2s = 0 and i + s < K

Floating-point addition is not associative, so a sum that depended on who came first would change in its
last bits from run to run. Here the brackets are fixed by K alone. Partial sums are kept as a binary
counter: a node of 2^j leaves starts at a multiple of 2^j, so at most log2(K) + 1 vectors are alive.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """The sum of leaves start .. start + size - 1; size is a power of two that divides start."""

    start: int
    size: int
    vector: np.ndarray


class TreeSum:
    """Collects nodes from left to right, and adds up neighbours as soon as both are there.

    Args:
        size, dtype: of the vectors. pool: free vectors, shared by trees whose nodes will meet.
        add: left, right -> left += right, at once or later; None: at once.

    >>> tree = TreeSum(1, np.float64)
    >>> for k in range(3):
    ...     leaf = tree.leaf()
    ...     leaf[0] = k + 1
    ...     tree.push(k, leaf)
    >>> float(tree.total()[0])
    6.0
    """

    def __init__(
        self,
        size: int,
        dtype: np.dtype,
        pool: list[np.ndarray] | None = None,
        add: Callable[[np.ndarray, np.ndarray], object] | None = None,
    ) -> None:
        self._size, self._dtype = size, dtype
        self._add = add or add_in_place
        self._free = [] if pool is None else pool
        self.nodes: list[Node] = []

    def serves(self, size: int, dtype: np.dtype, pool: list[np.ndarray]) -> bool:
        """Whether it can add up such vectors, too."""
        return self._size == size and self._dtype == dtype and self._free is pool

    def leaf(self) -> np.ndarray:
        """A vector to write the next leaf into; vectors that were added away are used again."""
        try:
            return self._free.pop()
        except IndexError:  # asked without a look first: the pool may be shared between threads
            return np.empty(self._size, self._dtype)

    def push(self, start: int, vector: np.ndarray, size: int = 1) -> None:
        """Add the node [start, start + size), which must follow the last one."""
        node = Node(start, size, vector)
        while self.nodes and _are_siblings(self.nodes[-1], node):
            left = self.nodes.pop()
            self._add(left.vector, node.vector)
            self._free.append(node.vector)
            node = Node(left.start, 2 * left.size, left.vector)
        self.nodes.append(node)

    def total(self) -> np.ndarray:
        """The sum of all leaves; give it back by `clear` when it has been used."""
        while len(self.nodes) > 1:  # at the right edge of the tree a node may stand without its sibling
            right, left = self.nodes.pop(), self.nodes.pop()
            self._add(left.vector, right.vector)
            self._free.append(right.vector)
            self.nodes.append(left)
        return self.nodes[0].vector

    def clear(self) -> None:
        """Forget all nodes and keep their vectors for the next round."""
        self._free += [node.vector for node in self.nodes]
        self.nodes = []


def add_in_place(left: np.ndarray, right: np.ndarray) -> None:
    """left += right; what overflows is said in words when the round ends."""
    with np.errstate(over="ignore", invalid="ignore"):
        np.add(left, right, out=left)


def vectors_alive(leaves: range) -> int:
    """The most vectors that a tree needs at once to add up these leaves, with the one that is being written."""
    tree, most = TreeSum(0, np.dtype(np.float32)), 0
    for k in leaves:
        most = max(most, len(tree.nodes) + 1)
        tree.push(k, tree.leaf())
    return most


def _are_siblings(left: Node, right: Node) -> bool:
    return left.size == right.size and left.start % (2 * left.size) == 0
