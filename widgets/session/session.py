"""One run and what is shown of it: what a dashboard does, without widgets, messages or a browser."""

import inspect
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lab.blas import one_blas_thread
from lab.errors import LabError, SettingError
from lab.events import Waiting
from widgets.charts import Chart, Panel
from widgets.charts.lines import LinesMemory
from widgets.charts.memory import Memory

BRIEF = 8  # `Waiting` events, some 20 ms each, of which nothing is said: the words would only flicker


@dataclass(frozen=True)
class Now:
    """What is the case when a frame is made.

    Attributes:
        spec: the values of all controls, in the dashboard's frozen spec. seed: of the run.
        run: what the dashboard's `start` gave. step: steps done since then.
    """

    spec: Any
    seed: int
    run: Any
    step: int


class Told(Protocol):
    """What a session asks its dashboard."""

    @property
    def panels(self) -> tuple[Chart, ...]: ...
    @property
    def step_name(self) -> str: ...

    def start(self, spec: Any, seed: int) -> Any: ...
    def frame(self, event: Any, now: Now) -> Mapping[str, Panel]: ...
    def change(self, run: Any, name: str, value: Any) -> None: ...
    def is_step(self, event: Any) -> bool: ...
    def note(self, run: Any) -> str: ...


class Session:
    """A run that is advanced in small pieces, and the memory of its charts.

    The BLAS has one thread for whatever it computes: a second one would keep a core busy, 100 ms after each product,
    while the page draws.

    Attributes:
        state: "ready" (nothing done yet), "paused", "done" or "error". says: a sentence for the status line.
        refused: sentences about what was not taken, by the control's name or "" for a command; the run is as before.
        halted: counts what a page must stop playing for: a reset, an error, an interrupt.
        traceback: of the last error, in full.
    """

    def __init__(self, told: Told, spec: Any, seed: int) -> None:
        self._told = told
        self.spec, self.seed = spec, seed
        self.run: Any = None
        self.memories: dict[str, Memory] = {}
        self.state, self.says, self.traceback = "ready", "", ""
        self.refused: dict[str, str] = {}
        self.steps = self.halted = 0
        self._doing, self._waits = "", 0
        self._iterator: Any = None
        self._forget()

    # ---- the life of a run

    @property
    def started(self) -> bool:
        return self.run is not None

    def begin(self, spec: Any = None, seed: int | None = None) -> None:
        """End the run and begin anew; it is made when it is first needed."""
        self.close()
        self.spec = self.spec if spec is None else spec
        self.seed = self.seed if seed is None else seed
        self.state, self.says, self._doing, self._waits = "ready", "", "", 0
        self.refused = {}
        self.steps = 0
        self.halted += 1
        self._forget()

    @one_blas_thread()
    def start(self) -> None:
        """Make the run, unless there is one, and take its first frame."""
        if self.run is None:
            run = self._told.start(self.spec, self.seed)
            self._iterator, self.run = iter(run), run
            self.take(None)

    def close(self) -> None:
        """End the run, its workers included."""
        run, self.run, self._iterator = self.run, None, None
        if hasattr(run, "close"):
            run.close()

    @one_blas_thread()
    def advance(self, steps: int | None, seconds: float | None) -> int:
        """Go on by at most so many steps (None: any number) and about so many seconds (None: no limit).

        Returns:
            how many of the steps are left, because the time was over first.
        """
        end = None if seconds is None else time.perf_counter() + seconds
        self.start()
        if self.state == "error" and inspect.isgenerator(self._iterator) and self._iterator.gi_frame is None:
            return 0  # a generator that raised is at its end, and nothing was mended: the error stays
        while self.state != "done" and (steps is None or steps > 0):
            try:
                event = next(self._iterator)
            except StopIteration:
                self.state, self.says, self._doing = "done", f"Done after {self._count()}. Reset begins anew.", ""
                self.halted += 1
                break
            self.state, self.says = "paused", ""
            if isinstance(event, Waiting):
                self._waits += 1
                self._doing = f"{event.doing}: {event.done:.0%}" if self._waits > BRIEF else ""
            else:
                self._doing, self._waits = "", 0
                if self._told.is_step(event):
                    self.steps += 1
                    steps = None if steps is None else steps - 1
                self.take(event)
            if end is not None and time.perf_counter() >= end:
                break
        return 0 if steps is None or self.state == "done" else steps

    @one_blas_thread()
    def change(self, name: str, value: Any) -> None:
        """Take a new value of a live control. Raises what the run says to it.

        A run that was at its end goes on if it says that it is not `over` any more.
        """
        if self.run is not None:
            self._told.change(self.run, name, value)
            if self.state == "done" and not getattr(self.run, "over", True):
                self.state, self.says = "paused", ""

    # ---- what is shown

    @one_blas_thread()
    def look(self) -> tuple[str, ...]:
        """Let the charts remember what is the case: nothing happened, but a control moved.

        Returns:
            the names of those charts.
        """
        return self.take(None)

    def take(self, event: Any) -> tuple[str, ...]:
        """Let the charts remember what an event means to them; None: there was none.

        Returns:
            the names of those charts.
        """
        panels = self._told.frame(event, self.now())
        for name, panel in panels.items():
            if name not in self.memories:
                raise SettingError(f"frame() gave {name!r}, which is none of the charts {', '.join(self.memories)}.")
            self.memories[name].take(panel)
        return tuple(panels)

    def now(self) -> Now:
        """What is the case."""
        return Now(self.spec, self.seed, self.run, self.steps)

    def status(self) -> str:
        """What the status line says beside the state."""
        note = self._told.note(self.run) if self.started else ""
        return self.says or " · ".join(part for part in (self._count(), self._doing, note) if part)

    def scalars(self) -> dict[str, float]:
        """The last value of every curve, by "chart: trace"."""
        made: dict[str, float] = {}
        for name, memory in self.memories.items():
            if isinstance(memory, LinesMemory):
                made |= {f"{name}: {trace}": value for trace, value in memory.last().items()}
        return made

    # ---- when something goes wrong

    @property
    def wrong(self) -> str:
        """What was refused and stands on a control still, in words."""
        return " ".join(self.refused.values())

    def fail(self, error: BaseException) -> None:
        """Say what was raised; an interrupt only pauses."""
        self.halted += 1
        if isinstance(error, KeyboardInterrupt):
            alive = not (inspect.isgenerator(self._iterator) and self._iterator.gi_frame is None)
            self.state = "paused" if alive else "error"
            how = "Play goes on from there." if alive else "Reset begins anew."
            self.says = f"Interrupted at {self._count()}. {how}"
        else:
            self.state, self.says = "error", sentence(error)
            self.traceback = "".join(traceback.format_exception(error))

    def _count(self) -> str:
        return f"{self._told.step_name} {self.steps}"

    def _forget(self) -> None:
        self.memories = {chart.name: chart.memory() for chart in self._told.panels}
        for chart in self._told.panels:
            self.memories[chart.name].anew = chart.anew


def sentence(error: BaseException) -> str:
    """An exception as one sentence; what is not the lab's own says where it happened, too."""
    words = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, LabError) or not frames:
        return words
    return f"{words} ({frames[-1].name}, line {frames[-1].lineno})"
