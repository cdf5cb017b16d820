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

import contextlib
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import ipywidgets as ipw

from lab.errors import LabError, SettingError
from lab.events import Changed, EpochDone, Evaluated, Finished
from widgets import export
from widgets.board import Board
from widgets.controls import ControlSet, controls_of, defaults_of
from widgets.panels import Chart, Panel
from widgets.session import Now, Session, sentence
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
        values = defaults_of(self.spec) | _checked(type(self).__name__, known, fields)
        name = (type(self).__qualname__, key)
        if name in Dashboard._open:
            Dashboard._open[name].close()
        self._name = name
        self.lock = threading.RLock()  # a control's message may come on another thread than the board's
        self._moves: deque[tuple[str, Any]] = deque()
        self._busy = False
        self.session = Session(self, self.spec(**values), seed)
        self._known = known
        self._control_set = ControlSet(self.spec, values, self._moved)
        self._mark = f"nn4-snapshot-{id(self):x}"
        self._snapshot: Any = None
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
                self._apply_moves()
                self.session.advance(steps, None)
            except BaseException as error:
                self.session.fail(error)
                raise
            finally:
                self.board.push()
        self._settle()
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
        with contextlib.suppress(Exception):
            self._snapshot.update(_html(f"<div class='{self._mark}'></div>"))

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.view)
        if self._snapshot is None:
            self._snapshot = display(_html(f"<div class='{self._mark}'></div>"), display_id=True)

    # ---- for the board

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
        self._moves.clear()
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
        if self._snapshot is not None:
            with contextlib.suppress(Exception):  # a page may have gone, with its output
                self._snapshot.update(_html(export.snapshot(self.title, pictures, self._mark)))

    # ---- inside

    def _declared(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "charts": [chart.declare() for chart in self.panels],
            "presets": list(self.presets),
            "step": self.step_name,
            "mark": self._mark,
        }

    def _page(self) -> str:
        with self.lock:
            said = f"{self.session.status()}, seed {self.session.seed}"
            return export.page(self.title, said, self.panels, self.session.memories)

    def _preset(self, name: Any) -> dict[str, Any]:
        if name not in self.presets:
            raise SettingError(f"preset = {name!r} is not known. Choose one of: {', '.join(self.presets)}.")
        return _checked(type(self).__name__, self._known, self.presets[name])

    def _command(self, name: str, argument: Any = None) -> None:
        """A command from a cell: what it raises goes to the cell and to the status line."""
        with self.lock:
            try:
                self.command(name, argument)
                self.session.start()
            except SettingError:
                raise
            except Exception as error:
                self.session.fail(error)
                raise
            finally:
                self.board.push()

    def _moved(self, name: str, value: Any) -> None:
        """A control moved, maybe on another thread while a frame is made: record it, and answer once that is done."""
        self._moves.append((name, value))
        self._settle()

    def _settle(self) -> None:
        while self._moves and self.lock.acquire(blocking=False):
            try:
                self._apply_moves()
                if self.session.started and not self.board.playing:
                    self._redraw()
            finally:
                self.lock.release()

    def _redraw(self) -> None:
        try:
            self.session.take(None)
        except Exception as error:
            self.session.fail(error)
        self.board.push()

    def _apply_moves(self) -> None:
        """Let the run take what moved; what it does not take leaves everything as it was, and is said."""
        session = self.session
        while self._moves:
            name, value = self._moves.popleft()
            try:
                if self._known[name].live and value != getattr(session.spec, name):  # a page may echo what it was told
                    replaced = replace(session.spec, **{name: value})
                    session.change(name, value)
                    session.spec = replaced
                session.refused.pop(name, None)
                session.refused.pop("", None)
            except (LabError, ValueError, TypeError) as error:
                session.refused[name] = sentence(error)
        self._say_reset()

    def _say_reset(self) -> None:
        shown, spec = self._control_set.values(), self.session.spec
        started = self.session.started
        if not started:
            with contextlib.suppress(LabError, ValueError):
                self.session.spec = replace(spec, **shown)
        waiting = {n for n, c in self._known.items() if started and not c.live and shown[n] != getattr(spec, n)}
        self._control_set.say_reset(frozenset(waiting))


class _View(ipw.Box):
    """Its representation is what a page shows that has no widgets: a line, not the state of all controls."""

    def __repr__(self) -> str:
        return "A board of NN4 Lab. Run the cell to see it."


def _checked(board: str, known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of fields, each as its control holds it. Raises `SettingError`."""
    if unknown := sorted(set(values) - set(known)):
        raise SettingError(f"{', '.join(unknown)} is not known to {board}. It has: {', '.join(known)}.")
    return {name: known[name].check(name, value) for name, value in values.items()}


def _html(source: str) -> Any:
    from IPython.display import HTML

    return HTML(source)
