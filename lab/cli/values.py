"""From texts to values. Nothing is refused here: a text that is no number is passed on, and the lab's own
check of that setting says what is wrong with it."""

from typing import Any

EVERYTHING = "all"


def number(text: str) -> Any:
    """An int where the text is one, else a float, else the text itself.

    >>> number("4"), number("0.5"), number("four")
    (4, 0.5, 'four')
    """
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def numbers(text: str) -> tuple[Any, ...]:
    """`512,256,128` as a tuple of numbers."""
    return tuple(number(part.strip()) for part in text.split(","))


def samples(text: str) -> Any:
    """A number of samples, or `all`: the whole training set."""
    return EVERYTHING if text.strip().lower() == EVERYTHING else number(text)
