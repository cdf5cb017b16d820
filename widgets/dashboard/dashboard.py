"""The base of all dashboards: what is declared in a few lines below becomes controls, charts and a run to play.

    @dataclass(frozen=True)
    class Spec:
        keep: float = slider(0.8, low=0.05, high=1.0, label="keep p", live=True)
        layer: int = choice(1, of=(1, 2, 3), label="layer")

    class MaskDashboard(Dashboard):
        title, spec, step_name = "Dropout", Spec, "pass"
        presets = {"half": {"keep": 0.5}}
        questions = (Question("share", "How much is kept?", choices=("half", "about half"), seen=...),)
        experiments = (Experiment("half", "What to look for.", keep=0.5, play=True),)
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

from typing import Any, ClassVar

import ipywidgets as ipw

from widgets.board.board import Board
from widgets.controls import shared
from widgets.controls.control_set import ControlSet
from widgets.controls.controls import checked_values, controls_of, defaults_of
from widgets.dashboard.scripted import Scripted
from widgets.grammar.page import Experiment, ExperimentBar, legend
from widgets.grammar.predictions import Predictions
from widgets.grammar.snapshot import Snapshot
from widgets.session.commands import Commands
from widgets.session.moves import Moves
from widgets.session.session import Session
from widgets.session.turn import Turn


class Dashboard(Scripted):
    """Controls, charts and one run; see the module's text for how one is declared.

    Args:
        key: tells several boards of one class apart. seed: of the run. fields: values of the spec's fields.
        ask: whether its questions are asked. snapshot: the output that keeps pictures and answers, if it is there.

    Raises:
        SettingError: a field is unknown or its value is not allowed, or a question holds what is no control.

    Attributes:
        controls: the ipywidgets, by field. view: the box that holds them and the board.
        predictions: the questions and their answers. experiment_bar: the buttons of the experiments, or None.
        session: the run and the memory of the charts. lock: held by whoever works on them. closed: whether it is.
    """

    _open: ClassVar[dict[tuple[str, str], "Dashboard"]] = {}

    def __init__(
        self, *, key: str = "", seed: int = 0, ask: bool = True, snapshot: Snapshot | None = None, **fields: Any
    ) -> None:
        known = controls_of(self.spec)
        values = defaults_of(self.spec) | checked_values(type(self).__name__, known, fields)
        name = (type(self).__qualname__, key)
        if name in Dashboard._open:
            Dashboard._open[name].close()
        self._name = name
        self.lock = Turn(lambda: self._moves.settle(self._control_set))
        self.session = Session(self, self.spec(**values), seed)
        self._moves = Moves(self.session, self.lock, self._answer)
        self._control_set = ControlSet(self.spec, values, lambda *move: self._moves.record(self._control_set, *move))
        self._commands = Commands(type(self).__name__, self.presets, self.session, self._control_set, self._moves)
        self._snapshot, self.closed = snapshot or Snapshot(self.title), False
        asked = self.questions if ask else ()
        self.predictions = Predictions(name, asked, self._control_set.widgets, self._snapshot, self._committed)
        held = self.predictions.hold()
        bar = ExperimentBar(self.experiments, self._try, bool(self.held), held) if self.experiments else None
        self.experiment_bar = bar
        self.controls = dict(self._control_set.widgets)
        with self.lock:  # a page may ask for the first frame before the last part is made
            self.board = Board(self, self._declared(), layout=shared.layout())
            self.view = _View(self._parts(), layout=shared.layout(), _dom_classes=("nn4-dashboard",))
            Dashboard._open[name] = self

    def close(self) -> None:
        """End the run, and close the board and its controls."""
        if Dashboard._open.get(self._name) is self:
            del Dashboard._open[self._name]
        with self.lock:
            self.session.close()
            self.session.memories = {}
            for part in (self.predictions, self.experiment_bar, self.view, self.board, self._control_set):
                if part is not None:
                    part.close()
            self.closed = True
        self._snapshot.update({})

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.view)
        self._snapshot.display()
        self.predictions.keep()

    # ---- for the board

    @property
    def held(self) -> str:
        """Why Play and Step are dead, in words; empty where they are not."""
        return self.predictions.held

    def looked(self) -> None:
        """A frame was sent: what is seen now stands beside what was predicted."""
        if self.session.started:
            self.predictions.look(self.session.now(), self.state == "running")  # what is done comes to rest at once

    def take_moves(self) -> None:
        """Let the run take what controls were moved to. The lock is held."""
        self._moves.take(self._control_set)

    def command(self, name: str, argument: Any = None) -> None:
        """A button of the page: the lock is held. See `widgets.session.commands`."""
        self._commands.do(name, argument)

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

    def _parts(self) -> list[Any]:
        """From top to bottom: questions, experiments, controls beside the board."""
        above = [*self.predictions.views, *([self.experiment_bar.view] if self.experiment_bar else [])]
        return [*above, self._control_set.box, self.board]

    def _hold(self) -> None:
        held = self.predictions.hold()
        if self.experiment_bar is not None:
            self.experiment_bar.hold(bool(self.held), held)

    def _committed(self) -> None:
        """The learner answered a question: what it held is live."""
        self._hold()
        self.board.push()

    def _try(self, experiment: Experiment) -> None:
        """An experiment was pressed: begin anew with its values."""
        self._command("fields", experiment.fields)
        self.board.say("play" if experiment.play else "pause")

    def _declared(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "charts": [chart.declare() for chart in self.panels],
            "presets": list(self.presets),
            "step": self.step_name,
            "speed": self.speed,
            "mark": self._snapshot.mark,
            "legend": legend(self.spec),
        }

    def _answer(self) -> None:
        """Controls were moved: the charts that depend on them follow at once, also between two frames of a play."""
        if self.session.started:
            shown = None
            try:
                shown = self.session.look()
            except Exception as error:
                self.session.fail(error)
            self.board.push(shown)


class _View(ipw.Box):
    """Its representation is what a page shows that has no widgets: a line, not the state of all controls."""

    def __repr__(self) -> str:
        return "A board of NN4 Lab. Run the cell to see it."
