"""Whose turn it is to work on a run: one thread's at a time, and what came in meanwhile is looked at after each."""

import threading
from collections.abc import Callable


class Turn:
    """A lock that the thread which has it may take again, as `threading.RLock`.

    A control's message may come on another thread (ipykernel 7 has subshells). It cannot wait, as a step of a run may
    take seconds; so it leaves its value and goes. Who has the turn then has perhaps looked for such values already:
    without another look after the turn, the value would lie there until somebody asks for the next frame, and on a
    board that does not play nobody does.

    Args:
        after: called, without the lock, whenever a turn that was taken by `with` is over.
    """

    def __init__(self, after: Callable[[], None]) -> None:
        self._lock, self._depth, self._after = threading.RLock(), 0, after

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        if self.release():
            self._after()

    def acquire(self, blocking: bool = True) -> bool:
        """Take the turn, or another one in it; False if somebody else has it and one does not wait."""
        taken = self._lock.acquire(blocking)
        self._depth += taken  # only who has the lock changes it
        return taken

    def release(self) -> bool:
        """Let go what was taken last; whether the turn is over."""
        self._depth -= 1
        over = self._depth == 0
        self._lock.release()
        return over
