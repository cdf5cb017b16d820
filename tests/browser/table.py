"""What there is to press on a board and what each press does, as data: tests/browser/tables has one table a board.

    Table(
        "DropoutMasks", plays="mask", start={"data": "digits"},
        controls={"keep": Press(drag(0.2), "forward", lambda keep: f"made {1 / keep:.3g} times as bright")},
        experiments={"test mode": Seen("mask", "kept 100.0%")},
        questions={"share": Predicted("exactly half of them", "half", "about half")},
    )

`presses.Presses` presses it; tests/widgets/test_tables.py holds that no control, experiment or question is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Press:
    """A control, what a hand does to it, and what must be another thing then than without it, after as many steps.

    Args:
        move: a method of `boards.Control` and its arguments. panel: what it changes: its number, words or picture.
        says: what the panel's words match then, or a function of the control's value that gives it.
        steps: done after the move, and after the reset where the control needs one.
        first: steps done before the move.
    """

    move: tuple[Any, ...]
    panel: str
    says: str | Callable[[Any], str] = ""
    steps: int = 0
    first: int = 0


@dataclass(frozen=True)
class Seen:
    """What an experiment shows and the board did not show before; `steps` are done first where it does not play."""

    panel: str
    says: str = ""
    steps: int = 0


@dataclass(frozen=True)
class Predicted:
    """An answer, the experiment or control after which the question says what was seen, and what it says then.

    After "" nothing is seen: the run that is asked about takes too long here.
    """

    answer: str
    after: str = ""
    says: str = ""


@dataclass(frozen=True)
class Table:
    """A board of the course.

    Args:
        board: its name in `widgets`. plays: a panel that some steps change, and another seed too.
        controls, experiments, questions: by name; a control may take several presses.
        start: values of fields from which the presses begin, where the board's own would take long.
        folded: whether it is under More. curve: a panel whose last point the exported history must have; "" exports
            nothing.
    """

    board: str
    plays: str
    controls: Mapping[str, Press | tuple[Press, ...]]
    experiments: Mapping[str, Seen]
    questions: Mapping[str, Predicted]
    start: Mapping[str, Any] = field(default_factory=dict)
    folded: bool = False
    curve: str = ""


def drag(fraction: float) -> tuple[Any, ...]:
    """The slider to a fraction of its way, with the mouse."""
    return "drag", fraction, 2  # moves of the mouse on the way


def press(key: str, times: int = 1) -> tuple[Any, ...]:
    """The slider with a key."""
    return "press", key, times


def choose(label: str) -> tuple[Any, ...]:
    """An option by its label."""
    return "choose", label


def switch() -> tuple[Any, ...]:
    """The box is ticked, or not any more."""
    return ("switch",)
