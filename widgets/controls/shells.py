"""Which thread of the kernel hears a page: that of the cells; while a cell runs, another one.

ipykernel 7 has subshells, and JupyterLab sends what widgets say to one of them. There no interrupt arrives, and a cell
may run at the same time, which sees a run move while it looks at it. So the thread of the cells hears pages, one
message after the other. But while it runs a cell, or one after the other with "Run all", a board would stand still and
not even show its first chart: then the subshell hears them.
"""

import threading
import time
from typing import Any

from IPython import get_ipython

SETTLED = 0.3  # seconds after the end of a cell: with "Run all" the next one begins before
LOST = 10.0  # seconds after which a message that went elsewhere is taken for lost: its widget was closed


class Shells:
    """Where a message goes when it arrives. It keeps the order: none overtakes those that are still to be heard.

    Args:
        events: those of IPython, which tell when a cell begins and ends; None where there is no IPython.

    Attributes:
        interrupted: when the stop button ended a cell, by `time.perf_counter`: what plays beside it must stop, too.
    """

    def __init__(self, events: Any = None) -> None:
        self._lock = threading.Lock()  # messages arrive on a third thread
        self._running = events is not None  # who makes the first widget is a cell
        self._ended = self._since = -LOST
        self._elsewhere = 0
        self.interrupted = -LOST
        if events is not None:
            events.register("pre_run_cell", self._begins)
            events.register("post_run_cell", self._ends)

    def route(self, subshell: str | None) -> str | None:
        """The subshell that is to hear a message which arrives now; None: the thread of the cells."""
        now = time.perf_counter()
        with self._lock:
            if now - self._since > LOST:
                self._elsewhere = 0
            if subshell is None or not (self._running or self._elsewhere or now - self._ended < SETTLED):
                return None
            if self._elsewhere == 0:
                self._since = now
            self._elsewhere += 1
            return subshell

    def heard(self) -> None:
        """A message was heard; elsewhere, if this is not the thread of the cells."""
        with self._lock:
            if threading.current_thread() is not threading.main_thread():
                self._elsewhere = max(0, self._elsewhere - 1)

    def _begins(self, *_: Any) -> None:
        self._running = True

    def _ends(self, result: Any = None) -> None:
        self._running, self._ended = False, time.perf_counter()
        if isinstance(getattr(result, "error_in_exec", None), KeyboardInterrupt):
            self.interrupted = self._ended


_shells: list[Shells] = []


def interrupted() -> float:
    """When the stop button last ended a cell while boards were heard elsewhere."""
    return max((shells.interrupted for shells in _shells), default=-LOST)


def listen(widget: Any) -> None:
    """Let a page's messages to this widget be heard without waiting for a cell. (Private names: guarded.)"""
    if not hasattr(widget.comm, "_reply_subshell_for"):
        return
    if not _shells:
        _shells.append(Shells(getattr(get_ipython(), "events", None)))
    (shells,) = _shells

    def hear(message: Any) -> None:
        try:
            widget._handle_msg(message)
        finally:
            shells.heard()

    widget.comm._reply_subshell_for = lambda data, subshell: shells.route(subshell)
    widget.comm.on_msg(hear)
