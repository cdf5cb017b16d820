"""One flat vector, many named views.

A model's parameters, its running statistics, a gradient and an optimizer's state are each one
contiguous array. An update, an all-reduce, a checkpoint and a hash work on the vector and know
nothing of layers; a layer, a chart and a student work on the views. Both see the same memory.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from lab.errors import ShapeError


@dataclass(frozen=True)
class Layout:
    """Names and shapes of the views of a flat vector, in the order of the memory.

    >>> layout = Layout((("W1", (2, 3)), ("beta1", (3,))))
    >>> layout.size, layout.offset("beta1")
    (9, 6)
    """

    entries: tuple[tuple[str, tuple[int, ...]], ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.entries)

    @cached_property
    def size(self) -> int:
        """Number of entries of the flat vector."""
        return sum(prod(shape) for _, shape in self.entries)

    @cached_property
    def _offsets(self) -> dict[str, int]:
        offsets, here = {}, 0
        for name, shape in self.entries:
            offsets[name] = here
            here += prod(shape)
        return offsets

    def offset(self, name: str) -> int:
        """Where the view `name` starts in the flat vector."""
        return self._offsets[name]

    def zeros(self, dtype: np.dtype) -> np.ndarray:
        """A flat vector of zeros."""
        return np.zeros(self.size, dtype)

    def views(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """Name every part of `flat`: writing to a view writes to the vector.

        Raises:
            ShapeError: `flat` is not a contiguous vector of `size` entries (a view would be a copy).
        """
        if flat.shape != (self.size,) or not flat.flags.c_contiguous:
            raise ShapeError(
                f"a flat vector of {self.size} contiguous entries is needed, but its shape is {flat.shape}. "
                "Pass net.params, net.running or a gradient of the same net."
            )
        return {
            name: flat[self._offsets[name] : self._offsets[name] + prod(shape)].reshape(shape)
            for name, shape in self.entries
        }


def sha256(vectors: Iterable[np.ndarray]) -> str:
    """Hash of the little-endian bytes of some flat vectors: equal to the bit or not, in one line."""
    digest = hashlib.sha256()
    for vector in vectors:
        digest.update(np.ascontiguousarray(vector, vector.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
