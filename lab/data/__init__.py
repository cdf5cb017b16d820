"""Data sets: the embedded digits, and MNIST from a folder, the cache or the network.

A data set to add is a module with a loader, and a line in `load`; one of four IDX files is only an
`IdxSet`, and `fetch` brings any file that a function can verify.
"""

import os

from lab.checks import check_choice
from lab.data.dataset import Dataset, check_classes
from lab.data.digits import load_digits
from lab.data.idx import DataFileError
from lab.data.idx_set import SetMissingError
from lab.data.mnist import load_mnist
from lab.rng import check_seed

__all__ = ["NAMES", "DataFileError", "Dataset", "load"]

NAMES = ("auto", "digits", "mnist")


def load(
    name: str = "auto",
    classes: int = 10,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    download: bool = True,
) -> Dataset:
    """Load a data set by name.

    Args:
        name: "digits" (embedded), "mnist", or "auto": MNIST if it can be had, otherwise the digits,
            and then `note` says so. A damaged MNIST is an error also for "auto".
        classes: 10, or 2: the label is 1 where the digit is even.
        seed: splits the digits; MNIST comes split.
        folder: holds mnist/, or MNIST's four files; otherwise LAB_DATA is looked at.
        download: whether the network may be used.

    Raises:
        SettingError: an unknown name, classes other than 2 and 10, or a folder that does not exist.
        DataFileError: a file in the folder is damaged, foreign, or missing beside others.
        DataMissingError: MNIST, asked for by name, is in no folder and cannot be downloaded.
    """
    check_choice("data", name, NAMES)
    classes, seed = check_classes(classes), check_seed(seed)
    if name == "digits":
        return load_digits(classes, seed)
    try:
        return load_mnist(classes, folder, download)
    except SetMissingError as missing:
        if name != "auto":
            raise
        note = f"MNIST is not here ({missing.summary}): the 1,797 digits of scikit-learn are used instead."
    return load_digits(classes, seed, note)
