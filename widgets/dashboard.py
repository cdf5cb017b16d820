"""The base of all dashboards: what is declared in a few lines below becomes controls, charts and a run to play.

    @dataclass(frozen=True)
    class Spec:
        keep: float = slider(0.8, low=0.05, high=1.0, label="keep p", live=True)
        layer: int = choice(1, of=(1, 2, 3), label="layer")

    class MaskDashboard(Dashboard):
        title, spec, step_name = "Dropout", Spec, "pass"
        presets = {"half": {"keep": 0.5}}
        panels = (
            Lines("mean", title="Mean output", x="pass", y="E[out]", traces=("dropped", "kept whole")),
            Heatmap("mask", title="Mask of this pass", x="unit", y="sample", levels=2),
        )

        def start(self, spec, seed):            # at the first frame and after each reset: any iterator of events;
            return lab.dropout_passes(...)      # .change(name=value) and .close() are used where it has them

        @staticmethod
        def frame(event, now):                  # pure. Every event; and None at the start and when a control moved
            if event is None:                   # while paused: give what depends on controls (now.spec, now.run)
                return {"mask": Panel(lambda: mask_of(now), f"p = {now.spec.keep}")}   # made only if it is sent
            return {"mean": Panel((now.step, event.dropped, event.whole), f"{event.dropped:.3f}"), ...}

In a notebook: `d = MaskDashboard(keep=0.5, seed=3); d` shows it. Two of a kind on one page have different `key`s; one
with a key that is in use takes the place of the older one, so that a cell that is run again leaves one run.

    d.run(steps=50)                      without a browser: trains, returns rounded scalars
    d.play(), d.pause(), d.step(), d.reset(), d.new_seed(), d.preset("half"), d.close()
    d.controls["keep"].value = 0.5       just like a hand on the slider; d.values: the spec as the controls show it
    d.state_text                         a short text; assign one to restore it
    d.history_csv(), d.figure("mean"), d.export_html("charts.html"), d.scalars(), d.view (the ipywidgets box)
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import ipywidgets as ipw

from lab.errors import SettingError
from lab.events import Changed, EpochDone, Evaluated, Finished
from widgets import export
from widgets.board import Board
from widgets.controls import ControlSet, checked_values, controls_of, defaults_of
from widgets.moves import Moves
from widgets.panels import Chart, Panel
from widgets.session import Now, Session, sentence
from widgets.snapshot import Snapshot
from widgets.state_text import read_state, write_state


class Dashboard:
    """Controls, charts and one run; see the module's text for how one is declared.

    Args:
        key: tells several boards of one class apart. seed: of the run. fields: values of the spec's fields.

    Raises:
        SettingError: a field is unknown or its value is not allowed.

    Attributes:
        controls: the ipywidgets, by field. view: the box that holds them and the board.
        session: the run and the memory of the charts. lock: held by whoever works on them.
    """

    title: ClassVar[str] = "Board"
    spec: ClassVar[type]
    panels: ClassVar[tuple[Chart, ...]] = ()
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    step_name: ClassVar[str] = "round"

    _open: ClassVar[dict[tuple[str, str], "Dashboard"]] = {}

    def __init__(self, *, key: str = "", seed: int = 0, **fields: Any) -> None:
        known = controls_of(self.spec)
        values = defaults_of(self.spec) | checked_values(type(self).__name__, known, fields)
        name = (type(self).__qualname__, key)
        if name in Dashboard._open:
            Dashboard._open[name].close()
        self._name = name
        self.lock = threading.RLock()  # a control's message may come on another thread than the board's
        self.session = Session(self, self.spec(**values), seed)
        self._moves = Moves(self.session, self.lock, self._answer)
        self._control_set = ControlSet(self.spec, values, lambda *move: self._moves.record(self._control_set, *move))
        self._snapshot = Snapshot(self.title)
        self.board = Board(self, self._declared())
        self.controls = dict(self._control_set.widgets)
        self.view = _View(
            [self._control_set.box, self.board], layout=self._control_set.box.layout, _dom_classes=("nn4-dashboard",)
        )
        Dashboard._open[name] = self

    # ---- what a dashboard declares

    def start(self, spec: Any, seed: int) -> Any:
        """Begin a run: an iterator of events."""
        raise NotImplementedError

    @staticmethod
    def frame(event: Any, now: Now) -> Mapping[str, Panel]:
        """What an event means to the charts. It changes nothing."""
        raise NotImplementedError

    def change(self, run: Any, name: str, value: Any) -> None:
        """Take a new value of a live control; a run without `change` reads `self.values` itself."""
        if hasattr(run, "change"):
            run.change(**{name: value})

    def is_step(self, event: Any) -> bool:
        """Whether an event ends a step, of which Step does one; of a training run only a round does."""
        return not isinstance(event, (Changed, Evaluated, EpochDone, Finished))

    # ---- for a notebook's cell

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
                self.take_moves()
                self.session.advance(steps, None)
            except BaseException as error:
                self.session.fail(error)
                raise
            finally:
                self.board.push()
        self.settle()
        return self.scalars(digits)

    def scalars(self, digits: int = 3) -> dict[str, float]:
        """Steps done, and the last value of every curve."""
        rounded = {name: float(f"{value:.{digits}g}") for name, value in self.session.scalars().items()}
        return {f"{self.step_name}s": self.session.steps, **rounded}

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
        """All points of all curves."""
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

    def close(self) -> None:
        """End the run, and close the board and its controls."""
        if Dashboard._open.get(self._name) is self:
            del Dashboard._open[self._name]
        with self.lock:
            self.session.close()
            self.session.memories = {}
            for widget in (self.view, self.board, self.board.layout):
                widget.close()
            self._control_set.close()
        self._snapshot.update({})

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.view)
        self._snapshot.display()

    # ---- for the board

    def take_moves(self) -> None:
        """Let the run take what controls were moved to. The lock is held."""
        self._moves.take(self._control_set)

    def settle(self) -> None:
        """The lock was let go: answer what moved meanwhile."""
        self._moves.settle(self._control_set)

    def command(self, name: str, argument: Any = None) -> None:
        """A button of the page: "reset", "seed", "preset", "restore". The lock is held."""
        session, values, seed = self.session, self._control_set.values(), self.session.seed
        try:
            if name == "seed":
                seed += 1
            elif name == "preset":
                values |= self._preset(argument)
            elif name == "restore":
                restored, seed = read_state(str(argument), type(self).__name__, self.spec)
                values |= restored
            spec = replace(session.spec, **values)
        except SettingError as error:
            session.refused[""] = sentence(error)
            raise
        self._moves.forget()
        self._control_set.show(values)
        session.begin(spec, seed)

    def make(self, kind: str) -> tuple[str, str | bytes]:
        """A text or file for the page: "state", "csv", "html"."""
        if kind == "state":
            return "", self.state_text
        name = f"{type(self).__name__}-{self.step_name}-{self.session.steps}"
        if kind == "csv":
            return f"{name}.csv", self.history_csv().encode()
        return f"{name}.html", self._page().encode()

    def pictured(self, pictures: dict[str, Any]) -> None:
        """The page drew the last frame as pictures: keep them in the notebook."""
        self._snapshot.update(pictures)

    # ---- inside

    def _declared(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "charts": [chart.declare() for chart in self.panels],
            "presets": list(self.presets),
            "step": self.step_name,
            "mark": self._snapshot.mark,
        }

    def _page(self) -> str:
        with self.lock:
            said = f"{self.session.status()}, seed {self.session.seed}"
            return export.page(self.title, said, self.panels, self.session.memories)

    def _preset(self, name: Any) -> dict[str, Any]:
        if name not in self.presets:
            raise SettingError(f"preset = {name!r} is not known. Choose one of: {', '.join(self.presets)}.")
        return checked_values(type(self).__name__, self._control_set.known, self.presets[name])

    def _command(self, name: str, argument: Any = None) -> None:
        """A command from a cell: what it raises goes to the cell and to the status line."""
        with self.lock:
            try:
                self.command(name, argument)
                self._started()
            finally:
                self.board.push()

    def _started(self) -> None:
        try:
            self.session.start()
        except Exception as error:
            self.session.fail(error)
            raise

    def _answer(self) -> None:
        """Controls were moved: while no page plays, the charts that depend on them follow at once."""
        if self.session.started and not self.board.playing:
            try:
                self.session.take(None)
            except Exception as error:
                self.session.fail(error)
            self.board.push()


class _View(ipw.Box):
    """Its representation is what a page shows that has no widgets: a line, not the state of all controls."""

    def __repr__(self) -> str:
        return "A board of NN4 Lab. Run the cell to see it."
