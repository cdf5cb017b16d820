"""Ctrl-C and the stop button act between two pieces of work, never in the middle of one that must be whole."""

import signal
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """Holds SIGINT back while it is entered, and gives it to the handler that was there before at the end.

    Weights, their running statistics and the count of rounds change one after the other. An interrupt between two of
    them (a chance of some 3 %: a step's update takes 0.1 ms of 3) would leave a run whose next round repeats the last
    one. A second signal acts at once: whoever presses twice means it.

    Only the main thread hears signals: elsewhere nothing is changed; neither where none but the system's own handler
    is set.
    """

    def __init__(self) -> None:
        self._before: Any = None
        self._heard: tuple[int, FrameType | None] | None = None

    @property
    def heard(self) -> bool:
        """Whether one waits."""
        return self._heard is not None

    def let_through(self) -> None:
        """A safe moment: what was heard acts now, which raises KeyboardInterrupt unless somebody else takes signals."""
        if self._heard is not None:
            heard, self._heard = self._heard, None
            self._before(*heard)

    def __enter__(self) -> "Interrupts":
        self._before, self._heard = None, None
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            if kind is None or issubclass(kind, StopIteration):  # an error stops whoever iterates, too
                self.let_through()

    def _hold(self, number: int, frame: FrameType | None) -> None:
        again, self._heard = self.heard, (number, frame)
        if again:
            self.let_through()
