"""What is kept of a long descent: every step at first, then a fixed number of them in each decade."""

from typing import Any, Protocol

KEPT = 40  # steps in each decade


class Seen(Protocol):
    """An event that knows its number."""

    @property
    def step(self) -> int: ...


def keep(history: list[Any], seen: Seen) -> None:
    """Append an event where it is far enough from the last one kept, for a curve over the log of the steps."""
    if not history or seen.step >= history[-1].step * 10 ** (1 / KEPT):
        history.append(seen)
