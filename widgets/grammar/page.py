"""What surrounds a board on a page: experiments to press, the legend of its controls, and what is folded away.

A dashboard declares its experiments; three of them stand open, the others are behind "More", where there are two others
at least: a single one would take no more room than the button that hides it.

    experiments = (
        Experiment("half", "The picture's holes are elsewhere in every pass.", keep=0.5, play=True),
        ...
    )

The legend is made of the spec's metadata, so that it cannot disagree with the controls. `More` shows a whole
dashboard behind a button, and makes it when it is pressed:

    More("Does it help? (about a minute)", DropoutStudyBoard)
"""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as ipw

from widgets.controls import shared
from widgets.controls.controls import Control, controls_of
from widgets.grammar.snapshot import Snapshot

OPEN = 3  # experiments that stand open beside More; one more where nothing is behind it


class Experiment:
    """A named preset, with one line of what to look for.

    Args:
        name: on the button. look: what to look for. play: whether it begins to play at once.
        fields: values of the spec's fields; the others stay as the controls show them.
    """

    def __init__(self, name: str, look: str, *, play: bool = False, **fields: Any) -> None:
        self.name, self.look, self.play, self.fields = name, look, play, fields


class ExperimentBar:
    """Buttons of experiments, and the line of the one that was pressed last.

    Args:
        experiments: of a dashboard. press: called with the one that is pressed. play, held: see `hold`.

    Attributes:
        view: the widget. buttons: by name.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        press: Callable[[Experiment], None],
        play: bool = False,
        held: Mapping[str, Any] | None = None,
    ) -> None:
        self._experiments, self._press = tuple(experiments), press
        self.buttons = {
            each.name: shared.make(
                ipw.Button, description=each.name, tooltip=each.look, disabled=_waits(each, play, held or {})
            )
            for each in experiments
        }
        for each in experiments:
            self.buttons[each.name].on_click(lambda _, each=each: self.choose(each))
        listed = tuple(self.buttons.values())
        self.more = shared.make(ipw.Button, description="More", tooltip="more experiments")
        self.more.on_click(lambda _: self._open(listed))
        shown = listed if len(listed) <= OPEN + 1 else (*listed[:OPEN], self.more)
        self._look = shared.make(ipw.HTML, _dom_classes=("nn4-look",))
        self.view = shared.make(ipw.Box, children=(*shown, self._look), _dom_classes=("nn4-experiments",))

    def choose(self, experiment: Experiment) -> None:
        """Say what to look for, and let it begin."""
        for name, button in self.buttons.items():
            button.button_style = "info" if name == experiment.name else ""
        self._look.value = f"<span role='status'><b>Look:</b> {html.escape(experiment.look)}</span>"
        self._press(experiment)

    def hold(self, play: bool, held: Mapping[str, Any]) -> None:
        """Wait until the learner has predicted: all where Play waits, else those that would move a held control.

        Args:
            held: what the held controls show, by field.
        """
        for each in self._experiments:
            self.buttons[each.name].disabled = _waits(each, play, held)

    def close(self) -> None:
        """Close every model that was made."""
        for widget in (self._look, self.more, *self.buttons.values(), self.view):
            shared.close(widget)

    def _open(self, listed: Sequence[Any]) -> None:
        self.view.children = (*listed, self._look)


def _waits(experiment: Experiment, play: bool, held: Mapping[str, Any]) -> bool:
    return play or any(experiment.fields.get(name, value) != value for name, value in held.items())


class More:
    """A dashboard that is folded away, and made when its button is pressed.

    Args:
        title: on the button. make: the class of a dashboard. fields: what it is made with.
    """

    def __init__(self, title: str, make: Callable[..., Any], **fields: Any) -> None:
        self._title, self._make, self._fields = title, make, fields
        self._snapshot = Snapshot(title)
        self.dashboard: Any = None
        self.button = shared.make(
            ipw.Button, description=f"▸ {title}", tooltip="show or hide", _dom_classes=("nn4-more",)
        )
        self.button.on_click(lambda _: self.open() if self.folded else self.fold())
        self.view = shared.make(ipw.VBox, children=(self.button,), _dom_classes=("nn4-folded",))

    @property
    def folded(self) -> bool:
        """Whether only the button is shown."""
        return len(self.view.children) == 1

    def open(self) -> Any:
        """Show the dashboard, made anew where it was closed; returns it."""
        if self.dashboard is None or self.dashboard.closed:
            self.dashboard = self._make(snapshot=self._snapshot, **self._fields)
        self.view.children = (self.button, self.dashboard.view)
        self.button.description = f"▾ {self._title}"
        return self.dashboard

    def fold(self) -> None:
        """Hide the dashboard; its page stops playing, its run stays."""
        self.view.children = (self.button,)
        self.button.description = f"▸ {self._title}"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.view)
        self._snapshot.display()


def legend(spec: type) -> str:
    """The controls of a spec as a table of HTML: what each does, its values, and when it acts; "" if none says it."""
    if not any(each.about for each in controls_of(spec).values()):
        return ""
    rows = "".join(
        f"<tr><td>{html.escape(each.label)}</td><td>{html.escape(each.about)}</td><td>{html.escape(_values(each))}</td>"
        f"<td>{'at once' if each.live else 'after Reset'}</td></tr>"
        for each in controls_of(spec).values()
    )
    head = "<tr><th>control</th><th>what it does</th><th>values</th><th>acts</th></tr>"
    return (
        "<details class='nn4-legend-of-controls'><summary>What the controls do</summary>"
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></details>"
    )


def _values(control: Control) -> str:
    if control.kind == "switch":
        return "on, off"
    if control.kind == "choice":
        return ", ".join(name for name, _ in control.options)
    if control.kind == "text":
        return control.takes
    return f"{control.low:g} to {control.high:g}"
