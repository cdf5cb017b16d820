"""The 1,797 handwritten digits that scikit-learn carries: 8 x 8 pixels, no network needed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from lab.data.dataset import Dataset, Raw, assemble, check_classes
from lab.rng import check_seed, epoch_order

TRAIN = 1437  # four fifths; the other 360 are the test set
WHITE = 16


def load_digits(classes: int = 10, seed: int = 0, note: str = "") -> Dataset:
    """The digits, split into 1,437 and 360 by the seed.

    The split is the order of epoch 0: epochs of a training run count from 1, so no epoch repeats it.

    Raises:
        SettingError: classes is not 2 or 10, or the seed does not fit 64 bits.

    Source: E. Alpaydin & C. Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI repository
    (its test set, which is what scikit-learn ships).
    """
    classes, seed = check_classes(classes), check_seed(seed)
    pixels, digits = _embedded()
    order = epoch_order(seed, 0, len(pixels))
    train, test = order[:TRAIN], order[TRAIN:]
    return assemble(
        "digits",
        Raw(pixels[train], digits[train]),
        Raw(pixels[test], digits[test]),
        classes=classes,
        white=WHITE,
        source=f"scikit-learn, split by seed {seed}",
        note=note,
    )


def _embedded() -> tuple[np.ndarray, np.ndarray]:
    """Pixels (1797, 8, 8) and digits, from scikit-learn's file: importing the package itself takes a second."""
    package = find_spec("sklearn")
    folders = [] if package is None else package.submodule_search_locations or []
    for folder in folders:
        path = Path(folder, "datasets", "data", "digits.csv.gz")
        if path.is_file():
            table = np.loadtxt(path, np.uint8, delimiter=",")
            return table[:, :64].reshape(-1, 8, 8), table[:, 64]
    from sklearn.datasets import load_digits as embedded  # where a release keeps its file elsewhere

    bunch = embedded()
    return bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
