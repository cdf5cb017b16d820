"""Settings that learn each data set well: what a run takes where nothing else is said."""

from dataclasses import dataclass

from lab.checks import check_choice


@dataclass(frozen=True)
class Defaults:
    """Hidden widths and hyper-parameters; batch None means that a round is the whole training set."""

    hidden: tuple[int, int, int]
    keep: float
    delta: float
    K: int
    batch: int | None
    epochs: int


_DEFAULTS = {
    "mnist": Defaults(hidden=(512, 256, 128), keep=0.9, delta=0.2, K=4, batch=128, epochs=10),
    "digits": Defaults(hidden=(256, 128, 64), keep=0.95, delta=1.0, K=4, batch=None, epochs=30),
}


def defaults(name: str) -> Defaults:
    """The settings for a data set. Raises `SettingError` for an unknown one."""
    return _DEFAULTS[check_choice("data", name, tuple(_DEFAULTS))]


def widths(name: str, inputs: int, classes: int, hidden: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """Widths of an NN4 for a data set: one output for two classes, else one for each class."""
    return (inputs, *(hidden or defaults(name).hidden), 1 if classes == 2 else classes)
