"""One anywidget for all live charts of a dashboard: the page asks, the kernel answers with one binary frame.

    page -> kernel  {ask: n+1, q: tag, halted, steps: null | number, ms: budget, frames?: number, every?: ms, all?,
                     lib?, end?, do?: [[command, argument], ...]}
                    {code: key};  {make: "state" | "csv" | "html", q};  {nudge: true}, which asks for nothing
    kernel -> page  {n, q, k, seed, state, says, wrong, left, more, halted, held,
                     t: {chart: text}, r: {chart: ranges}, m: {chart: marks},
                     a: [[chart, trace, key, dtype, shape], ...]} + one buffer for each of `a`
                    {code: true} + the page's code, compressed;  {lib: version} + plotly.js, compressed
                    {made: kind, name, text?} + the file;  {say: "play" | "pause"}

There are no threads and no flood: one request is under way, and it holds the kernel for its budget only. `steps` null
means as many as fit; 0 asks for a frame and trains nothing; `left` are those that did not fit. A page that plays asks
for some `frames` more, one `every` so many ms, which come with an empty q while the kernel trains on; `more` are those
still to come (`widgets.session.between`). A number that was answered before (`ask <= n`) gets the frame again without
training, so that retries and second pages do no harm; nor does a request train that was sent before its page heard of
a halt (an interrupt, an error, a reset: `halted` is another now). Only charts that changed are in a frame, all of them
where `all` is asked or an answer is sent again. A moved control pushes a frame without q under the same n, also in a
play.
"""

import contextlib
import signal
import time
import uuid
from collections.abc import Collection
from typing import Any, Protocol

import anywidget
import traitlets
from IPython import get_ipython

from lab.errors import SettingError
from widgets.board import library
from widgets.board.changes import Changes
from widgets.board.script import loader, packed_code
from widgets.controls import shells
from widgets.server import is_prompt
from widgets.session.between import Between, event_loop
from widgets.session.session import Session
from widgets.session.turn import Turn

CAP = 0.5  # seconds: the longest time that one request may hold the kernel
RAREST = 1.0  # seconds from one frame of a play to the next
FRAMES = 32  # the most frames that one request gets
REST = 0.08  # seconds that a play leaves the processor to a page which draws what a hand moved


class Host(Protocol):
    """Who owns a board: a dashboard."""

    lock: Turn
    session: Session

    def take_moves(self) -> None: ...
    def command(self, name: str, argument: Any) -> None: ...
    def make(self, kind: str) -> tuple[str, str | bytes]: ...
    def pictured(self, pictures: dict[str, Any]) -> None: ...
    def looked(self) -> None: ...
    @property
    def held(self) -> str: ...


class Board(anywidget.AnyWidget):
    """The charts, the status line and the buttons of one dashboard.

    Attributes:
        declared: what the page draws: titles, charts, presets. pictures: the last frame as drawn by the page, which a
            saved notebook shows without a kernel; sent when a run pauses and every few seconds while it plays.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    declared = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True, echo_update=False)

    _interrupted = -1.0  # when an interrupt came between two requests

    def __init__(self, host: Host, declared: dict[str, Any], **traits: Any) -> None:
        self._host, self.n = host, 0
        self._played = -1.0
        self._heeded = max(Board._interrupted, shells.interrupted())  # the last interrupt that this board knows of
        self._halted = 0  # what session.halted was at the last request: another number ends the play
        self._between = Between(self._train_on, self._send_on)
        self._changes = Changes()
        own = uuid.uuid4().hex  # by which the page finds the model
        told = {"lib": library.plotly_version(), "prompt": is_prompt(), "model": own}
        self.on_msg(self._asked)  # before a page hears of the board, which may then ask at once
        super().__init__(_esm=loader(), declared=declared | told, model_id=own, **traits)
        self.observe(lambda change: host.pictured(change.new), "pictures")
        shells.listen(self)

    @property
    def playing(self) -> bool:
        """Whether a page is asking for as many steps as it can get."""
        return time.perf_counter() - self._played < 1.0

    def push(self, only: Collection[str] | None = None) -> None:
        """Send what changed, of all charts or some, without having been asked: a hand did something."""
        with self._host.lock:
            self._between.rest(REST)
            self._answer(None, 0, False, only)

    def close(self) -> None:
        """End the play, too: a piece of it would make the run anew."""
        self._between.end()
        super().close()

    def say(self, word: str) -> None:
        """Tell the pages to "play" or to "pause"."""
        self.send({"say": word})

    def _asked(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        if message.get("code"):
            self.send({"code": True}, [packed_code()])
        if message.get("lib"):
            self.send({"lib": library.plotly_version()}, [library.plotly_gzip()])
        if "make" in message:
            self._make(message)
        if "ask" not in message:
            return
        self._between.end()
        start = time.perf_counter()
        with self._host.lock:
            left, full = 0, bool(message.get("all")) or message["ask"] <= self.n
            self._halted = self._host.session.halted
            try:
                left = self._work(message)
            except (Exception, KeyboardInterrupt) as error:
                self._host.session.fail(error)  # the page hears of everything: nobody reads the kernel's log
            loop = event_loop()
            if loop and self._played >= start and self._host.session.halted == self._halted:
                frames, every = int(message.get("frames", 0)), float(message.get("every", 40)) / 1e3
                self._between.begin(loop, min(frames, FRAMES), min(max(every, 0.01), RAREST))
            self._answer(message.get("q"), left, full)

    def _train_on(self, seconds: float) -> bool:
        """Train for a moment of a play; whether there is more to do. What goes wrong is said at once."""
        session = self._host.session
        with self._host.lock:
            if session.halted != self._halted:  # begun anew
                return False
            try:
                if self._was_interrupted():
                    raise KeyboardInterrupt
                session.advance(None, seconds)
            except (Exception, KeyboardInterrupt) as error:
                session.fail(error)
            if session.halted != self._halted:
                self._between.end()
                self._answer(None, 0, False)
        return session.halted == self._halted

    def _send_on(self) -> None:
        with self._host.lock:
            self._played = time.perf_counter()
            self._answer("", 0, False)

    def _work(self, message: dict[str, Any]) -> int:
        """Do what a request asks for; returns the steps that did not fit into its time."""
        session, steps = self._host.session, message.get("steps", 0)
        self._host.take_moves()
        for name, argument in message.get("do", ()):
            with contextlib.suppress(SettingError):  # it stands in session.refused, and the run goes on
                self._host.command(name, argument)
        if message.get("end"):
            self._played = -1.0
        session.start()
        late = message.get("halted") not in (None, self._halted)
        if steps == 0 or late or message["ask"] <= self.n or self._host.held:
            return 0
        self.n += 1
        self._played = time.perf_counter() if steps is None else -1.0
        if self._was_interrupted():
            raise KeyboardInterrupt
        ms = max(float(message.get("ms", 40)), 1.0, 0.0 if event_loop() else float(message.get("every", 0)))
        return session.advance(steps, min(ms / 1e3, CAP))

    def _answer(self, tag: str | None, left: int, full: bool, only: Collection[str] | None = None) -> None:
        session = self._host.session
        fields, buffers = self._changes.take(session, full, only)
        self.send(
            {
                "n": self.n, "q": tag, "k": session.steps, "seed": session.seed, "state": session.state,
                "says": session.status(), "wrong": session.wrong, "left": left, "more": self._between.left,
                "halted": session.halted, "held": self._host.held, **fields,
            },
            buffers,
        )  # fmt: skip
        self._host.looked()

    def _make(self, message: dict[str, Any]) -> None:
        """Make a file or a text that the page asked for."""
        kind = message["make"]
        try:
            with self._host.lock:
                name, made = self._host.make(kind)
        except Exception as error:
            self.send({"made": kind, "wrong": f"{type(error).__name__}: {error}"})
            return
        text = made if isinstance(made, str) else None
        self.send({"made": kind, "name": name, "text": text}, [] if isinstance(made, str) else [made])

    # ---- interrupts between two requests

    def _was_interrupted(self) -> bool:
        """Whether the stop button was pressed since the last request; ipykernel itself ignores it then."""
        heard, heeded = max(Board._interrupted, shells.interrupted()), self._heeded
        self._heeded = max(heard, heeded)
        with contextlib.suppress(Exception):  # a kernel that is none, another thread, other names
            kernel = get_ipython().kernel
            if kernel.saved_sigint_handler is signal.SIG_IGN:
                kernel.saved_sigint_handler = Board._heard_interrupt
        return heard > heeded and time.perf_counter() - heard < 1.0  # every board that plays hears it

    @staticmethod
    def _heard_interrupt(*_: Any) -> None:
        Board._interrupted = time.perf_counter()
