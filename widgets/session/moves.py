"""Moved controls on their way to the run: recorded at once, taken when it is free, answered while it is paused."""

import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.errors import LabError
from widgets.controls.control_set import ControlSet
from widgets.session.session import Session, sentence
from widgets.session.turn import Turn


class Moves:
    """What was moved and not yet taken.

    A control's message may come in the middle of a frame, on another thread. So a move is only recorded there; whoever
    has the turn takes it, at the latest when it is over (`widgets.session.turn`).

    Args:
        session, turn: of the dashboard. answer: called after moves were taken outside of a request.
    """

    def __init__(self, session: Session, turn: Turn, answer: Callable[[], None]) -> None:
        self._session, self._turn, self._answer = session, turn, answer
        self._waiting: deque[tuple[str, Any]] = deque()

    def record(self, controls: ControlSet, name: str, value: Any) -> None:
        """A control was moved, by a hand or by a script."""
        self._waiting.append((name, value))
        self.settle(controls)

    def follow(self, controls: ControlSet, name: str, value: Any) -> None:
        """Another control moves because one did: it shows the value at once, and the run takes it next."""
        controls.show({name: value})
        self._waiting.append((name, value))

    def forget(self) -> None:
        """What waits is of no use: the run begins anew."""
        self._waiting.clear()

    def settle(self, controls: ControlSet) -> None:
        """Take what waits and answer, unless it is somebody else's turn: then that one does."""
        while self._waiting and self._turn.acquire(blocking=False):
            try:
                try:
                    self.take(controls)
                except Exception as error:
                    self._session.fail(error)  # nobody reads the kernel's log, where a play's event loop would put it
                self._answer()
            finally:
                self._turn.release()

    def take(self, controls: ControlSet) -> None:
        """Let the run take what waits; what it refuses leaves everything as it was, and is said. It is one's turn."""
        session, any_taken = self._session, bool(self._waiting)
        while self._waiting:
            name, value = self._waiting.popleft()
            try:
                control = controls.known[name]
                if control.kind == "text":
                    control.check(name, value)
                if control.live and value != getattr(session.spec, name):  # a page may echo what it was told
                    spec = replace(session.spec, **{name: value})
                    session.change(name, value)
                    session.spec = spec
                session.refused.pop(name, None)
                session.refused.pop("", None)
            except (LabError, ValueError, TypeError) as error:
                session.refused[name] = sentence(error)
        if any_taken:
            self._say_reset(controls)

    def _say_reset(self, controls: ControlSet) -> None:
        session, shown = self._session, controls.values()
        if not session.started:  # nothing runs yet: it will begin with what is shown
            with contextlib.suppress(LabError, ValueError):
                session.spec = replace(session.spec, **shown)
        changed = (name for name, value in shown.items() if value != getattr(session.spec, name))
        controls.say_reset(frozenset(name for name in changed if session.started and not controls.known[name].live))
