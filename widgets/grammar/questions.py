"""Predict first: a question that stands above a board, and holds Play or a control until the learner commits.

A dashboard declares its questions; the answer is kept (answers.py), shown beside what the run shows, and never
marked: a wrong prediction that was written down teaches more than a right one that was not.

    questions = (
        Question("share", "How much is kept in one pass?", choices=("exactly a half", "more or less a half"),
                 holds=("play",), seen=lambda now: ...),
        Question("loss", "What will the test loss be?", number=(0.0, 5.0), unit="nats", holds=("keep",), seen=...),
    )
"""

import contextlib
import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as ipw

from lab.errors import SettingError
from widgets.controls import shared
from widgets.session.session import Now

PLAY = "play"  # what stands for Play and Step among the names that a question holds
SKIPPED = "shown without predicting"
_ALL_SHOWN = [False]


def show_all() -> None:
    """Ask no questions from now on: for an instructor who demonstrates. Boards that stand already go on asking."""
    _ALL_SHOWN[0] = True


def asks() -> bool:
    """Whether boards made from now on ask their questions."""
    return not _ALL_SHOWN[0]


@dataclass(frozen=True)
class Question:
    """One prediction to commit to.

    Args:
        name: tells the questions of a dashboard apart; answers are kept by it. text: the question, in plain words.
        choices: what can be answered; or number: (low, high) of a number that is typed, in `unit`.
        holds: what is dead until the learner commits: "play" (Play and Step), fields of the spec.
        seen: from `Now` to one of the choices, or to a number, or None as long as it was not seen. It reads the run:
            no answer is written down here.

    Raises:
        SettingError: neither choices nor a number, or both, or ends that do not fit.
    """

    name: str
    text: str
    choices: tuple[str, ...] = ()
    number: tuple[float, float] | None = None
    unit: str = ""
    holds: tuple[str, ...] = (PLAY,)
    seen: Callable[[Now], str | float | None] | None = None

    def __post_init__(self) -> None:
        if bool(self.choices) == bool(self.number) or len(set(self.choices)) < len(self.choices):
            raise SettingError(
                f"question {self.name!r}: choices = {self.choices} and number = {self.number} are not allowed. "
                "Give choices, each once, or the two ends of a number."
            )
        if self.number and not self.number[0] < self.number[1]:
            raise SettingError(f"question {self.name!r}: number = {self.number} is not allowed. Let low < high.")

    def check(self, answer: Any) -> str | float:
        """The answer as it is kept.

        Raises:
            SettingError: it is none of the choices, or no number between the ends.
        """
        if self.choices:
            if answer not in self.choices:
                raise SettingError(f"answer = {answer!r} is not allowed. Choose one of: {'; '.join(self.choices)}.")
            return str(answer)
        assert self.number is not None
        low, high = self.number
        try:
            value = float(str(answer).strip().removesuffix("%").strip().replace(",", "."))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise SettingError(f"answer = {answer!r} is not allowed. Type a number from {low:g} to {high:g}.")
        return value

    def told(self, answer: str | float | None, seen: str | float | None) -> str:
        """What was predicted beside what is seen, in words."""
        predicted = SKIPPED if answer is None else f"you predicted: {self._words(answer)}"
        if seen is None:
            return f"{predicted} · not seen yet"
        verdict = ""
        if answer is not None and self.choices:
            verdict = " (as you predicted)" if seen == answer else " (otherwise)"
        elif answer is not None:
            verdict = f" (off by {_number(abs(float(seen) - float(answer)), 3)})"
        return f"{predicted} · seen: {self._words(seen)}{verdict}"

    def _words(self, value: str | float) -> str:
        return str(value) if self.choices else f"{_number(float(value))} {self.unit}".strip()


class Asked:
    """A question on a page, with its answer.

    Args:
        question: what is asked. entry: the answer kept from before, {"answer": value or None}; None if there is none.
        committed: called with the entry when the learner commits or skips.

    Attributes:
        view: the widget. entry: as above.
    """

    def __init__(self, question: Question, entry: dict[str, Any] | None, committed: Callable[[dict[str, Any]], None]):
        self.question, self._committed = question, committed
        self._seen: str | float | None = None
        self._words = shared.make(ipw.HTML, value=self._page(""))
        self.field = self._make_field()
        self.commit_button = shared.make(
            ipw.Button,
            description="Commit",
            disabled=True,
            button_style="primary",
            tooltip="keep this answer, then it begins",
        )
        self.skip_button = shared.make(ipw.Button, description="Show without predicting", tooltip="for instructors")
        self.field.observe(lambda change: self._moved(), "value")
        self.commit_button.on_click(lambda _: self.commit(self.field.value))
        self.skip_button.on_click(lambda _: self.skip())
        self._form = (self._words, self.field, self.commit_button, self.skip_button)
        self.view = shared.make(ipw.Box, children=self._form, _dom_classes=("nn4-question",))
        self.entry: dict[str, Any] | None = None
        if entry is not None and self._fits(entry["answer"]):
            self._settle(entry)

    @property
    def answered(self) -> bool:
        """Whether the learner has committed, or chosen to see it without."""
        return self.entry is not None

    def commit(self, answer: Any) -> None:
        """Keep the answer. Raises `SettingError`, which a page shows, too."""
        try:
            value = self.question.check(answer)
        except SettingError as error:
            self._say(str(error))
            raise
        self._end({"answer": value})

    def skip(self) -> None:
        """Go on without an answer."""
        self._end({"answer": None})

    def look(self, now: Now) -> None:
        """Show what is seen now beside the answer, once there is one; it stays when the board shows something else."""
        if self.entry is None or self.question.seen is None:
            return
        seen = self.question.seen(now)
        if seen is not None and seen != self._seen:
            self._seen = seen
            self._say(self.text)

    @property
    def text(self) -> str:
        """Answer and what is seen, in words; empty before."""
        return "" if self.entry is None else self.question.told(self.entry["answer"], self._seen)

    def close(self) -> None:
        """Close every model that was made."""
        for widget in (*self._form, self.view):
            shared.close(widget)

    # ---- inside

    def _make_field(self) -> Any:
        question = self.question
        if question.choices:
            return shared.make(
                ipw.RadioButtons, options=list(question.choices), index=None, _dom_classes=("nn4-question-choices",)
            )
        assert question.number is not None
        low, high = question.number
        hint = f"a number from {_number(low)} to {_number(high)}" + (f" ({question.unit})" if question.unit else "")
        return shared.make(ipw.Text, placeholder=hint, _dom_classes=("nn4-question-number",))

    def _fits(self, answer: Any) -> bool:
        """Whether a kept answer can still be given: a question may have been worded anew."""
        with contextlib.suppress(SettingError):
            return answer is None or self.question.check(answer) == answer
        return False

    def _moved(self) -> None:
        self.commit_button.disabled = self.field.value in (None, "")

    def _end(self, entry: dict[str, Any]) -> None:
        if self.entry is None:
            self._settle(entry)
            self._committed(entry)

    def _settle(self, entry: dict[str, Any]) -> None:
        self.entry = entry
        self._say(self.text)
        self.view.children = (self._words,)

    def _say(self, words: str) -> None:
        self._words.value = self._page(words)

    def _page(self, words: str) -> str:
        """The question, and beside it what is said of the answer."""
        return (
            f"<div class='nn4-question-text'><b>Predict.</b> {html.escape(self.question.text)}</div>"
            f"<div class='nn4-question-told' role='status'>{html.escape(words)}</div>"
        )


def _number(value: float, digits: int = 4) -> str:
    """Whole numbers in full, 58,880; others with so many digits."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.{digits}g}"
