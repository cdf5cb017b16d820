"""The questions of one board: what they hold, the answers they keep, and what is seen beside them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.errors import SettingError
from widgets.grammar import answers
from widgets.grammar.questions import PLAY, Asked, Question, asks
from widgets.grammar.snapshot import Snapshot
from widgets.session.session import Now

LOOK = 0.5  # seconds between two looks at what was predicted, while a page plays
HELD = "Predict first: commit to an answer above the board."


class Predictions:
    """What a board asks before it lets itself be played.

    Args:
        board: what tells the board apart from others, in whose name answers are kept.
        questions: of the board. controls: its ipywidgets, by field. snapshot: the output that keeps answers.
        committed: called when a question was answered, or skipped.

    Attributes:
        asked: the questions on the page, by name; none where nothing is asked.

    Raises:
        SettingError: a question holds what is no control.
    """

    def __init__(
        self, board: tuple[str, str], questions: Sequence[Question], controls: Mapping[str, Any],
        snapshot: Snapshot, committed: Callable[[], None],
    ) -> None:  # fmt: skip
        _check_held(questions, controls, board[0])
        self._board, self._controls, self._snapshot, self._committed = board, controls, snapshot, committed
        self._looked = 0.0
        self.asked = {each.name: self._ask(each) for each in questions} if asks() else {}

    @property
    def views(self) -> list[Any]:
        """The widgets, in the order of the questions."""
        return [asked.view for asked in self.asked.values()]

    @property
    def held(self) -> str:
        """Why Play and Step are dead, in words; empty where they are not."""
        return HELD if PLAY in self._held() else ""

    def hold(self) -> dict[str, Any]:
        """Let the controls that unanswered questions hold be dead, and all others live; what the held ones show."""
        held = self._held()
        for name, widget in self._controls.items():
            widget.disabled = name in held
        return {name: widget.value for name, widget in self._controls.items() if name in held}

    def look(self, now: Now, playing: bool) -> None:
        """Show what is seen now beside the answers: twice a second at most while a page plays."""
        if not self.asked or (playing and time.perf_counter() - self._looked < LOOK):
            return
        self._looked = time.perf_counter()
        for asked in self.asked.values():
            asked.look(now)
        if not playing:
            self.keep()

    def keep(self) -> None:
        """Put the answers into the notebook."""
        given = {name: asked for name, asked in self.asked.items() if asked.answered}
        told = [f"{asked.question.text} {asked.text}" for asked in given.values()]
        self._snapshot.answered({self._name(name): asked.entry for name, asked in given.items()}, told)

    def close(self) -> None:
        """Close every model that was made."""
        for asked in self.asked.values():
            asked.close()

    # ---- inside

    def _name(self, question: str) -> str:
        return ".".join((*self._board, question))

    def _ask(self, question: Question) -> Asked:
        name = self._name(question.name)
        return Asked(question, answers.kept(name), lambda entry: self._answered(name, entry))

    def _answered(self, name: str, entry: dict[str, Any]) -> None:
        answers.keep(name, entry)
        self._committed()
        self.keep()

    def _held(self) -> set[str]:
        return {name for asked in self.asked.values() if not asked.answered for name in asked.question.holds}


def _check_held(questions: Sequence[Question], controls: Mapping[str, Any], board: str) -> None:
    for question in questions:
        if unknown := sorted(set(question.holds) - {*controls, PLAY}):
            raise SettingError(
                f"question {question.name!r} holds {', '.join(unknown)}, which is no control of {board}. "
                f"It has: {', '.join((PLAY, *controls))}."
            )
