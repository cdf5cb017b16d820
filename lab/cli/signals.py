"""Ctrl-C and SIGTERM ask for an end; the loop decides when it is a good moment."""

import os
import signal
import threading
from types import FrameType
from typing import Any

ANSWER = b"\nFinishing this round, then saving; press Ctrl-C again to stop at once.\n"


class StopRequest:
    """While it is entered, the first signal only sets `signal`; the second one acts as usual.

    Only the main thread can catch signals: elsewhere nothing is changed.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        for again in self._before:
            signal.signal(again, signal.default_int_handler)
        os.write(2, ANSWER)  # print could be called in the middle of another print
