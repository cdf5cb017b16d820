"""What a dashboard declares: names, charts, questions, and what an event means to them; see dashboard.py."""

from collections.abc import Mapping
from typing import Any, ClassVar

from lab.events import Changed, EpochDone, Evaluated, Finished
from widgets.charts import Chart, Panel
from widgets.grammar.page import Experiment
from widgets.grammar.questions import Question
from widgets.session.session import Now


class Declared:
    """All that makes one dashboard another than the next.

    Attributes:
        title: of the board. spec: a frozen dataclass whose fields are the controls. panels: the charts.
        presets: values of fields, by name. questions, experiments: what stands above the board. step_name: of one step.
        speed: of play, at first: "slow" where every step is to be read, as on the page.
    """

    title: ClassVar[str] = "Board"
    spec: ClassVar[type]
    panels: ClassVar[tuple[Chart, ...]] = ()
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    questions: ClassVar[tuple[Question, ...]] = ()
    experiments: ClassVar[tuple[Experiment, ...]] = ()
    step_name: ClassVar[str] = "round"
    speed: ClassVar[str] = "normal"

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

    def note(self, run: Any) -> str:
        """What the status line says of a run, beside its steps: what the run says itself, if it does."""
        return getattr(run, "note", "")
