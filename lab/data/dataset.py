"""A data set ready for training: normalized samples, labels, and where they came from."""

import hashlib
from dataclasses import dataclass

import numpy as np

from lab.checks import check_choice

CLASSES = (2, 10)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples as rows with their labels, split into a training and a test set.

    Attributes:
        name: "digits" or "mnist".
        train_x, test_x: float32 (N, D), C order, normalized as `normalization` says.
        train_y, test_y: int64 (N,), 0 .. classes - 1.
        classes: 10 digits; or 2, where the label is 1 for an even digit and 0 for an odd one.
        shape: one sample as a picture, (height, width).
        normalization: what was done to the pixels, in words.
        source: where the files came from and how the sets were split.
        fingerprint: SHA-256 of pixels, labels, classes and normalization: two runs saw the same data or not.
        note: what the reader of a result must know about the choice of data, or "".
    """

    name: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    classes: int
    shape: tuple[int, ...]
    normalization: str
    source: str
    fingerprint: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Raw:
    """Pictures and digits as they are stored: pixels uint8 (N, height, width), digits uint8 (N,)."""

    pixels: np.ndarray
    digits: np.ndarray


def check_classes(classes: int) -> int:
    """Return the number of classes, or raise `SettingError` unless it is 2 or 10."""
    return int(check_choice("classes", classes, CLASSES))


def assemble(name: str, train: Raw, test: Raw, *, classes: int, white: int, source: str, note: str = "") -> Dataset:
    """Normalize raw pictures and label them: the one way from a file to a `Dataset`.

        x = pixel / white,   y = digit (10 classes) or 1 where the digit is even (2 classes)

    Args:
        train, test: the two sets as stored.
        classes: 2 or 10.
        white: the largest pixel value of the format; what it is divided by.
    """
    normalization = f"pixel / {white}, in [0, 1]"
    return Dataset(
        name=name,
        train_x=normalize(train.pixels, white),
        train_y=label(train.digits, classes),
        test_x=normalize(test.pixels, white),
        test_y=label(test.digits, classes),
        classes=classes,
        shape=train.pixels.shape[1:],
        normalization=normalization,
        source=source,
        fingerprint=fingerprint(train, test, classes, normalization),
        note=note,
    )


def normalize(pixels: np.ndarray, white: int) -> np.ndarray:
    """Pixels (N, height, width) as rows of float32 in [0, 1]; the result is the only array of its size."""
    rows = pixels.reshape(len(pixels), -1)
    return np.divide(rows, np.float32(white), dtype=np.float32)


def label(digits: np.ndarray, classes: int) -> np.ndarray:
    """Digits as labels int64: themselves, or 1 where even and 0 where odd."""
    return digits.astype(np.int64) if classes == 10 else (digits % 2 == 0).astype(np.int64)


def fingerprint(train: Raw, test: Raw, classes: int, normalization: str) -> str:
    """SHA-256 over the stored bytes and the choices made on the way to x and y.

    Shapes are part of it: the same bytes, split elsewhere, are another data set.
    """
    seen = hashlib.sha256(f"{classes} classes; {normalization}".encode())
    for array in (train.pixels, train.digits, test.pixels, test.digits):
        seen.update(f"; {array.dtype} {array.shape}: ".encode())
        seen.update(np.ascontiguousarray(array).data)
    return seen.hexdigest()
