"""Which charts look different from what the pages were sent last, and what they draw now."""

from collections.abc import Collection
from typing import Any

from widgets.board.frames import encode
from widgets.charts.memory import Memory
from widgets.session.session import Session


class Changes:
    """What a frame says about charts: only those that show something new, as drawing one costs 10 ms and more."""

    def __init__(self) -> None:
        self._sent: dict[str, tuple[Any, ...]] = {}

    def take(
        self, session: Session, full: bool, only: Collection[str] | None = None
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """The fields `a`, `t`, `r`, `m`, `x` of a frame (see `widgets.board.board`), and its buffers.

        Args:
            full: all charts, changed or not. only: none but these; others that changed wait for the next frame.
        """
        sent: dict[str, Memory] = {}
        described: list[list[Any]] = []
        buffers: list[memoryview] = []
        for name, memory in session.memories.items():
            if full or (memory.fresh and (only is None or name in only)):
                arrays = _arrays(session, memory, name)
                if self._differs(name, memory, *arrays) or full:
                    sent[name] = memory
                    described += arrays[0]
                    buffers += arrays[1]
        fields = {
            "a": described,
            "t": {name: memory.text for name, memory in sent.items()},
            "r": {name: memory.ranges for name, memory in sent.items()},
            "m": {name: memory.marks for name, memory in sent.items()},
            "x": {name: memory.axes for name, memory in sent.items() if memory.axes},
        }
        return fields, buffers

    def _differs(self, name: str, memory: Memory, described: list[list[Any]], buffers: list[memoryview]) -> bool:
        ranges = {axis: tuple(ends) for axis, ends in memory.ranges.items()}
        marks = [tuple(mark) for mark in memory.marks]
        now = (memory.text, ranges, marks, dict(memory.axes), described, [bytes(buffer) for buffer in buffers])
        before, self._sent[name] = self._sent.get(name), now
        return now != before


def _arrays(session: Session, memory: Memory, name: str) -> tuple[list[list[Any]], list[memoryview]]:
    """What a chart draws now, encoded; one that cannot be drawn stops none of the others, and is said."""
    memory.fresh = False
    try:
        return encode((name, *entry) for entry in memory.arrays())
    except Exception as error:
        session.fail(error)
        return [], []
