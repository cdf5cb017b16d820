"""NN4 Lab: efficient neural-network learning from scratch, in NumPy and numba.

    import lab
    data = lab.load("mnist", classes=10)
    net  = lab.NN4((784, 512, 256, 128, 10), keep=0.9, batchnorm=True, seed=0)
    for event in lab.train(net, data, delta=0.2, K=4, batch=128, workers="threads:2"):
        ...

Names are imported when they are first used, so that `import lab` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Dataset": "lab.data",
    "load": "lab.data",
    "NN4": "lab.models.nn4",
    "Run": "lab.training",
    "compare": "lab.training.comparison",
    "resume": "lab.training",
    "sync_sgd": "lab.training",
    "train": "lab.training",
    "Defaults": "lab.presets",
    "defaults": "lab.presets",
    "LabError": "lab.errors",
    "dropout_mask": "lab.rng",
    "kernels_ready": "lab.readiness",
    "compile_kernels": "lab.readiness",
}
__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from lab.data import Dataset, load
    from lab.errors import LabError
    from lab.models.nn4 import NN4
    from lab.presets import Defaults, defaults
    from lab.readiness import compile_kernels, kernels_ready
    from lab.rng import dropout_mask
    from lab.training import Run, resume, sync_sgd, train
    from lab.training.comparison import compare


def __getattr__(name: str) -> Any:
    if name in _HOME:
        module = import_module(_HOME[name])
        return getattr(module, name)
    raise AttributeError(f"module 'lab' has no attribute {name!r}. It has: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
