"""One line of the text of a network: words that become a layer, or an error that says what may stand there.

Every function takes the words of a line and `wrong`, which makes the error from a rule: it knows the line.
"""

import re
from collections.abc import Callable

from lab.analysis.cost.layers import (
    ACTIVATIONS,
    Activation,
    BatchNorm,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pair,
    Shape,
)
from lab.analysis.cost.windowed import Conv, Pool
from lab.errors import SettingError

Wrong = Callable[[str], SettingError]
LARGEST = 10**6  # of a number that is typed: no layer is wider
PLAIN: dict[str, Layer] = {
    "bn": BatchNorm(), "batchnorm": BatchNorm(), "globalpool": GlobalPool(), "flatten": Flatten(),
    "dropout": Dropout(), **{name: Activation(name) for name in ACTIVATIONS},
}  # fmt: skip
WORDS = ("conv", "linear", "maxpool", "avgpool", "branch", "residual", "repeat", *PLAIN)


def number(words: list[str], wrong: Wrong, at: int, example: str, low: int = 1) -> int:
    """A whole number among the words."""
    word = words[at] if at < len(words) else ""
    if not re.fullmatch(r"\d{1,9}", word) or not low <= int(word) <= LARGEST:
        raise wrong(f"Give a whole number from {low} to {LARGEST:,} in {example}")
    return int(word)


def sizes(words: list[str], wrong: Wrong, at: int, counts: tuple[int, ...]) -> Shape:
    """Numbers with an x between them."""
    parts = words[at].lower().replace("×", "x").split("x") if at < len(words) else []
    if len(parts) not in counts or not all(re.fullmatch(r"\d{1,7}", p) and 0 < int(p) <= LARGEST for p in parts):
        example = "224x224x3 or 784" if 3 in counts else "3x3"
        raise wrong(f"Give sizes of at least 1, like {example}")
    return tuple(map(int, parts))


def _kernel(words: list[str], wrong: Wrong, at: int) -> Pair:
    sides = sizes(words, wrong, at, (1, 2))
    return sides[0], sides[-1]


def bare(words: list[str], wrong: Wrong, known: int) -> None:
    """Nothing stands after the known words."""
    if len(words) > known:
        raise wrong(f"{words[known]!r} is one word too many. One layer a line, or a ; between two")


def _options(words: list[str], wrong: Wrong, at: int, allowed: tuple[str, ...]) -> dict[str, int | bool]:
    """stride 2 pad 1 groups 2 nobias, each at most once."""
    found: dict[str, int | bool] = {}
    while at < len(words):
        name = words[at]
        if name not in allowed or name in found or (name == "nobias" and "bias" in found):
            raise wrong(f"{name!r} cannot stand here. After the sizes may stand, once: {_told(allowed)}")
        if name == "nobias":
            found["bias"], at = False, at + 1
        else:
            found[name] = number(words, wrong, at + 1, f"{name} 2", low=0 if name == "pad" else 1)
            at += 2
    return found


def _told(allowed: tuple[str, ...]) -> str:
    return ", ".join(name if name == "nobias" else f"{name} 2" for name in allowed)


def _conv(words: list[str], wrong: Wrong) -> Layer:
    channels = number(words, wrong, 1, "conv 64 3x3")
    options = _options(words, wrong, 3, ("stride", "pad", "groups", "nobias"))
    return Conv(_kernel(words, wrong, 2), channels=channels, **options)  # type: ignore[arg-type]


def _linear(words: list[str], wrong: Wrong) -> Layer:
    return Linear(number(words, wrong, 1, "linear 10"), **_options(words, wrong, 2, ("nobias",)))  # type: ignore[arg-type]


def _pool(words: list[str], wrong: Wrong) -> Layer:
    kernel = _kernel(words, wrong, 1)
    options = {"stride": kernel[0], **_options(words, wrong, 2, ("stride", "pad"))}
    return Pool(kernel, largest=words[0] == "maxpool", **options)


MAKERS: dict[str, Callable[[list[str], Wrong], Layer]] = {
    "conv": _conv, "linear": _linear, "maxpool": _pool, "avgpool": _pool,
}  # fmt: skip
