"""A play between two requests: training goes on, and frames are sent, while no message of the page has to be read.

A kernel that waited for a request before each frame would stand still for a third of the time, as a frame takes some
25 ms to the page and as long until the next request is here. And a request is dear: JupyterLab shows with each that
the kernel is busy, then idle, and loads the icon of the page anew. So a page asks for some frames at once, and for
more before it has them all. One that is gone asks no more, and the play ends.

Training goes in pieces, between which every message is heard: a moved control, Pause, a cell that is run.
"""

import asyncio
import time
from collections.abc import Callable

PIECE = 0.005  # seconds
TURNS = 8  # of the event loop between two pieces, in which a message comes from the socket to its handler
STARVED = 0.15  # seconds: no rest is longer


def event_loop() -> asyncio.AbstractEventLoop | None:
    """The one in which messages are handled here; None in a kernel that has none, and in a test."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Between:
    """Trains in pieces and sends a frame now and then, between the messages of an event loop.

    Args:
        train: goes on for so many seconds; returns whether there is more to do.
        send: sends a frame.

    Attributes:
        left: frames that will be sent unasked.
    """

    def __init__(self, train: Callable[[float], bool], send: Callable[[], None]) -> None:
        self._train, self._send = train, send
        self.left = 0
        self._began = 0  # the number of the last `begin`: what an older one still has in the loop does nothing
        self._every = self._next = self._trained = self._rests = 0.0

    def begin(self, loop: asyncio.AbstractEventLoop, frames: int, every: float) -> None:
        """Train, with a frame every so many seconds, until there were so many; or until `end`."""
        self.end()
        self.left, self._every = frames, every
        self._trained = time.perf_counter()
        self._next = self._trained + every
        if frames > 0:
            loop.call_soon(self._turn, loop, self._began, TURNS)

    def end(self) -> None:
        """A request is here, or nobody plays any more."""
        self._began += 1
        self.left = 0

    def rest(self, seconds: float) -> None:
        """Leave the processor to a page that draws what a hand moved."""
        self._rests = time.perf_counter() + seconds

    def _turn(self, loop: asyncio.AbstractEventLoop, began: int, turns: int) -> None:
        if began != self._began:
            return
        if turns > 0:
            loop.call_soon(self._turn, loop, began, turns - 1)
            return
        now = time.perf_counter()
        if now < self._rests and now - self._trained < STARVED:
            loop.call_later(self._rests - now, self._turn, loop, began, 0)
            return
        if not self._train(PIECE):
            self.left = 0
            return
        self._trained = time.perf_counter()
        if self._trained >= self._next:
            self._next = max(self._next + self._every, self._trained)
            self.left -= 1
            self._send()
        if self.left > 0:
            loop.call_soon(self._turn, loop, began, TURNS)
