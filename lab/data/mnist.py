"""MNIST: 60,000 + 10,000 handwritten digits of 28 x 28 pixels (LeCun, Cortes & Burges 1998)."""

import os

from lab.data.dataset import Dataset, check_classes
from lab.data.idx_set import IdxSet, load_idx_set

MNIST = IdxSet(
    name="mnist",
    title="MNIST",
    sums={
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
)


def load_mnist(classes: int = 10, folder: str | os.PathLike[str] | None = None, download: bool = True) -> Dataset:
    """MNIST with its own split, pixels / 255.

    Looked for in `folder` (or LAB_DATA), in the lab's cache, and at the mirrors (11 MB, once).

    Raises:
        DataFileError: a file in the folder is damaged, foreign, or missing beside others.
        DataMissingError: MNIST is in no folder and cannot be downloaded.
        SettingError: classes is not 2 or 10, or the folder does not exist.

    Source: Y. LeCun, L. Bottou, Y. Bengio & P. Haffner 1998, "Gradient-based learning applied to document recognition".
    """
    return load_idx_set(MNIST, check_classes(classes), folder, download)
