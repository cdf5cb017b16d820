"""What a cell of a notebook does with a dashboard: run it, press its buttons, take away what it shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from widgets.board import export
from widgets.board.board import Board
from widgets.controls.control_set import ControlSet
from widgets.controls.state_text import write_state
from widgets.dashboard.declared import Declared
from widgets.session.commands import Commands
from widgets.session.moves import Moves
from widgets.session.session import Session
from widgets.session.turn import Turn


class Scripted(Declared):
    """A dashboard in the hands of a script; `widgets.dashboard.dashboard.Dashboard` makes its parts.

    Attributes:
        session: the run and the memory of the charts. board: what pages show of them.
        lock: held by whoever works on them.
    """

    session: Session
    board: Board
    lock: Turn
    _control_set: ControlSet
    _moves: Moves
    _commands: Commands

    @property
    def values(self) -> Any:
        """The spec as the controls show it now."""
        return replace(self.session.spec, **self._control_set.values())

    @property
    def seed(self) -> int:
        """Seed of the run."""
        return self.session.seed

    @property
    def state(self) -> str:
        """ "ready", "paused", "running" (a page plays it), "done" or "error"."""
        return "running" if self.session.state == "paused" and self.board.playing else self.session.state

    def run(self, steps: int = 50, digits: int = 3) -> dict[str, float]:
        """Train so many steps without a browser, from where the run stands.

        Returns:
            the steps done so far and the last value of every curve, in so many significant digits.

        Raises:
            whatever the run raises; it stands in the status line, too.
        """
        with self.lock:
            try:
                self._moves.take(self._control_set)
                self.session.advance(steps, None)
            except BaseException as error:
                self.session.fail(error)
                raise
            finally:
                self.board.push()
        return self.scalars(digits)

    def scalars(self, digits: int = 3) -> dict[str, float]:
        """Steps done, and the last value of every curve."""
        rounded = {name: float(f"{value:.{digits}g}") for name, value in self.session.scalars().items()}
        return {export.plural(self.step_name): self.session.steps, **rounded}

    def play(self) -> None:
        """Let the page that shows the board play it. Without a page nothing happens: see `run`."""
        self.board.say("play")

    def pause(self) -> None:
        """Let every page stop playing."""
        self.board.say("pause")

    def step(self) -> None:
        """Do one step."""
        self.pause()
        self.run(1)

    def reset(self) -> None:
        """Begin anew with what the controls show, and the same seed."""
        self._command("reset")

    def new_seed(self) -> None:
        """Begin anew with the next seed."""
        self._command("seed")

    def preset(self, name: str) -> None:
        """Begin anew with the values of a preset. Raises `SettingError` for an unknown one."""
        self._command("preset", name)

    @property
    def state_text(self) -> str:
        """Controls and seed as a short text. Assigning one restores it and begins anew; raises `SettingError`."""
        return write_state(type(self).__name__, self._control_set.values(), self.session.seed)

    @state_text.setter
    def state_text(self, text: str) -> None:
        self._command("restore", text)

    def history_csv(self) -> str:
        """All points of all curves, and all bars as they are now."""
        with self.lock:
            return export.history_csv(self.panels, self.session.memories)

    def figure(self, panel: str) -> Any:
        """One chart as it is now, as a plotly figure."""
        with self.lock:
            chart = next(chart for chart in self.panels if chart.name == panel)
            return export.figure(chart, self.session.memories[panel])

    def export_html(self, path: str | Path) -> Path:
        """Write all charts as they are now into one page that needs neither a kernel nor a network."""
        target = Path(path)
        target.write_text(self._page(), encoding="utf-8")
        return target

    # ---- inside

    def _command(self, name: str, argument: Any = None) -> None:
        """A command from a cell: what it raises goes to the cell and to the status line."""
        with self.lock:
            try:
                self._commands.do(name, argument)
                self._started()
            finally:
                self.board.push()

    def _started(self) -> None:
        try:
            self.session.start()
        except Exception as error:
            self.session.fail(error)
            raise

    def _page(self) -> str:
        with self.lock:
            said = f"{self.session.status()}, seed {self.session.seed}"
            return export.page(self.title, said, self.panels, self.session.memories)
