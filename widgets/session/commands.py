"""What begins a run anew with other values, and what a pressed chart moves: the buttons of a page and of a script."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.errors import SettingError
from widgets.controls.control_set import ControlSet
from widgets.controls.controls import checked_values
from widgets.controls.state_text import read_state
from widgets.session.moves import Moves
from widgets.session.session import Session, sentence


class Commands:
    """Of one dashboard, whose lock is held while one is done.

    Args:
        name: of the dashboard's class, which a saved state belongs to. presets: values of fields, by name.
        session, controls, moves: of the dashboard.
    """

    def __init__(
        self, name: str, presets: Mapping[str, Mapping[str, Any]], session: Session, controls: ControlSet, moves: Moves
    ) -> None:
        self._name, self._presets = name, presets
        self._session, self._controls, self._moves = session, controls, moves

    def do(self, name: str, argument: Any = None) -> None:
        """Begin anew: "reset", "seed", "preset", "fields", "restore"; or "move" a control.

        Raises:
            SettingError: the argument is not allowed. The run goes on as it was, and the status line says why.
        """
        if name == "move":
            self._move(*argument)
            return
        session = self._session
        try:
            values, seed = self._wanted(name, argument)
            spec = replace(session.spec, **values)
        except SettingError as error:
            session.refused[""] = sentence(error)
            raise
        self._moves.forget()
        self._controls.show(values)
        session.begin(spec, seed)

    def _wanted(self, name: str, argument: Any) -> tuple[dict[str, Any], int]:
        """What the controls are to show, and the seed."""
        given: dict[str, Any] = {}
        seed = self._session.seed
        if name == "seed":
            seed += 1
        elif name == "preset":
            given = self._checked(self._preset(argument))
        elif name == "fields":
            given = self._checked(argument)
        elif name == "restore":
            given, seed = read_state(str(argument), self._name, type(self._session.spec))
        self._controls.check(besides=given)  # a text that waits to be mended is not thrown away
        return self._controls.values() | given, seed

    def _checked(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return checked_values(self._name, self._controls.known, fields)

    def _preset(self, name: Any) -> Mapping[str, Any]:
        if name not in self._presets:
            raise SettingError(f"preset = {name!r} is not known. Choose one of: {', '.join(self._presets)}.")
        return self._presets[name]

    def _move(self, name: str, option: int) -> None:
        """A part of a chart was pressed: the choice of that name takes its option number so and so."""
        control, widget = self._controls.known.get(name), self._controls.widgets.get(name)
        if control is None or widget is None or not 0 <= option < len(control.options):
            raise SettingError(f"{name} has no option {option}. A chart moves a choice(...) of {self._name}.")
        if not widget.disabled:  # a question may hold it
            widget.value = control.options[option][1]
