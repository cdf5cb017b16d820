"""Arrays on their way to the page: what each one is, and its bytes, without a copy where there is a choice."""

from collections.abc import Iterable
from typing import Any

import numpy as np

SENT = ("f4", "u1", "i4")  # what the page has a typed array for; b1 are packed bits


def as_sent(array: np.ndarray) -> np.ndarray:
    """The array in C order and in one of the types that travel: float32, uint8 or int32.

    Bits become bytes, whole numbers int32 where they fit, everything else float32, which a chart cannot tell apart.
    """
    array = np.asarray(array)
    if array.dtype == np.bool_:
        array = array.view(np.uint8)
    elif array.dtype.kind in "iu" and array.dtype.str[1:] not in SENT:
        whole = array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)
        array = array.astype(np.int32 if whole else np.float32)
    elif array.dtype.str[1:] not in SENT:
        array = array.astype(np.float32)
    return np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)


def encode(arrays: Iterable[tuple[str, int, str, np.ndarray]]) -> tuple[list[list[Any]], list[memoryview]]:
    """(panel, trace, key, array) as [panel, trace, key, dtype, shape] and one buffer each; masks as packed bits."""
    described, buffers = [], []
    for panel, trace, key, array in arrays:
        array = np.asarray(array)
        bits = array.dtype == np.bool_
        sent = np.packbits(array.reshape(-1), bitorder="little") if bits else as_sent(array)
        described.append([panel, trace, key, "b1" if bits else sent.dtype.str[1:], list(array.shape)])
        buffers.append(sent.reshape(-1).view(np.uint8).data)
    return described, buffers
