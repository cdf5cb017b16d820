"""IDX, the format of MNIST's files: a magic number, the dimensions, then the numbers. Nothing else.

    bytes 0 1   zero
    byte 2      type of the numbers (8 = unsigned byte, ...)
    byte 3      number of dimensions
    then        one big-endian 32-bit size for each dimension
    then        the numbers, big-endian, last dimension fastest

Source: Y. LeCun, C. Cortes & C. Burges, "The MNIST database", section on file formats.
"""

import gzip
import hashlib
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lab.errors import DataError

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
CHUNK = 2**20
AGAIN = "Copy or download the file again."


class DataFileError(DataError):
    """A file that is damaged, or is not what its name says: refused as a whole.

    Attributes:
        path: the file (or the folder, where files are missing in it).
        found: what is wrong with it, in a few words.
    """

    def __init__(self, path: Path, found: str, expected: str, cure: str = AGAIN):
        super().__init__(f"{path} {found}, but {expected}. {cure}")
        self.path, self.found = path, found


@dataclass(frozen=True, eq=False)
class IdxFile:
    """What a file held: its numbers in the machine's byte order, and the SHA-256 of its unpacked bytes."""

    array: np.ndarray
    sha256: str


def read_idx(path: Path, shape: Sequence[int | None] | None = None, dtype: str = "uint8") -> IdxFile:
    """Read an IDX file, gzipped or not (its first bytes tell, not its name), and accept nothing doubtful.

    Args:
        path: the file.
        shape: what the dimensions must be, None for any size; None: any shape.
        dtype: what type the numbers must have.

    Raises:
        DataFileError: unreadable, no IDX, another type or shape, too short or too long.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            if not packed:
                return _parse(file, path, shape, np.dtype(dtype))
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _parse(unpacked, path, shape, np.dtype(dtype))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataFileError(path, f"cannot be unpacked ({error})", "a whole gzip file is needed") from error
    except OSError as error:
        raise DataFileError(
            path, f"cannot be read ({error.strerror or error})", "a readable file is needed", "Check its permissions."
        ) from error


def _parse(file: BinaryIO | gzip.GzipFile, path: Path, shape: Sequence[int | None] | None, dtype: np.dtype) -> IdxFile:
    """Header, numbers, end: each step refuses before the next one trusts it."""
    magic = _take(file, 4)
    if not magic:
        raise DataFileError(path, "is empty", "an IDX file has a header of at least 4 bytes")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        raise DataFileError(
            path, f"begins with the bytes {magic.hex(' ')}", "an IDX file begins with 00 00 and the code of a type"
        )
    stored, dimensions = np.dtype(TYPES[magic[2]]), magic[3]
    if stored.newbyteorder("=") != dtype:
        raise DataFileError(path, f"holds numbers of type {stored.name}", f"{dtype.name} is needed")
    sizes = _take(file, 4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DataFileError(path, "ends inside its header", f"the sizes of {dimensions} dimensions are announced")
    found = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    if shape is not None and not _fits(found, shape):
        raise DataFileError(path, f"holds an array of shape {_show(found)}", f"{_show(shape)} is needed")
    length = math.prod(found) * stored.itemsize
    body = _take(file, length)
    if len(body) < length:
        raise DataFileError(
            path, f"is truncated: {len(body):,} bytes after the header", f"{_show(found)} needs {length:,}"
        )
    if file.read(1):
        raise DataFileError(path, "goes on after its last number", f"{_show(found)} takes {length:,} bytes, no more")
    seen = hashlib.sha256(magic + sizes)
    seen.update(body)
    array = np.frombuffer(body, stored).reshape(found).astype(dtype, copy=False)
    return IdxFile(array, seen.hexdigest())


def _take(file: BinaryIO | gzip.GzipFile, length: int) -> bytearray:
    """Up to `length` bytes, piece by piece: a header that lies about its sizes must not reserve memory."""
    taken = bytearray()
    while len(taken) < length and (piece := file.read(min(CHUNK, length - len(taken)))):
        taken += piece
    return taken


def _fits(found: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return len(found) == len(wanted) and all(
        want is None or have == want for have, want in zip(found, wanted, strict=True)
    )


def _show(shape: Sequence[int | None]) -> str:
    """(None, 28, 28) as "N x 28 x 28"."""
    return " x ".join("N" if size is None else str(size) for size in shape) or "a single number"
