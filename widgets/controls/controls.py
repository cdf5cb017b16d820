"""Controls from a frozen spec: its fields say what can be moved; `control_set` makes ipywidgets of them.

    @dataclass(frozen=True)
    class Spec:
        keep: float = keep_slider(0.9, live=True)
        delta: float = slider(0.1, low=0.01, high=1.0, log=True, label="step size", live=True)
        layer: int = choice(1, of=(1, 2, 3), label="layer", live=True)
        batchnorm: bool = switch(True, label="batchnorm")
        X: str = text("10 1", parse=matrix, takes="numbers, a row a line", label="X")

`live=True`: a run takes the new value at once. Otherwise it acts when the run begins anew, and the control says so.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any

from lab.errors import LabError, SettingError

MOST = 4000  # characters of a text that is typed: each of them is sent with every saved state


@dataclass(frozen=True)
class Control:
    """What a field of a spec says about its control; made by `slider`, `choice`, `switch` and `text`."""

    kind: str
    label: str
    live: bool = False
    says: str | Callable[[Any], str] = ""
    about: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    log: bool = False
    options: tuple[tuple[str, Any], ...] = ()
    parse: Callable[[str], Any] = str
    takes: str = ""
    lines: int = 1

    def check(self, name: str, value: Any) -> Any:
        """The value as the control holds it.

        Raises:
            SettingError: it is not one of the values that the control can take.
        """
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise SettingError(f"{name} = {value!r} is not allowed. Give True or False.")
            return value
        if self.kind == "choice":
            for _, option in self.options:
                if type(option) is type(value) and option == value:
                    return option
            raise SettingError(f"{name} = {value!r} is not allowed. Give one of {[o for _, o in self.options]}.")
        if self.kind == "text":
            return self._checked_text(name, value)
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not self.low <= value <= self.high or (self.whole and value != int(value)):
            kind = "whole number" if self.whole else "number"
            raise SettingError(f"{name} = {value!r} is not allowed. Give a {kind} from {self.low:g} to {self.high:g}.")
        return int(value) if self.whole else float(value)

    def _checked_text(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > MOST:
            given = f"a text of {len(value)} characters" if isinstance(value, str) else repr(value)
            raise SettingError(f"{name}: {given} is not allowed. Give {self.takes}, in at most {MOST} characters.")
        try:
            self.parse(value)
        except (LabError, ValueError) as error:
            raise SettingError(f"{name}: {error}") from None
        return value

    @property
    def tooltip(self) -> str:
        """What a control says when the mouse rests on it."""
        return self.says if isinstance(self.says, str) and self.says else self.about

    @property
    def whole(self) -> bool:
        """Whether a slider goes over whole numbers."""
        return all(isinstance(v, int) for v in (self.low, self.high, self.step))


def slider(
    default: float, *, low: float, high: float, label: str, step: float | None = None, log: bool = False,
    live: bool = False, says: str | Callable[[Any], str] = "", about: str = "",
) -> Any:  # fmt: skip
    """A number between two ends; of whole numbers where `default`, `low`, `high` and `step` are all `int`.

    Args:
        step: 1 for whole numbers, else a hundredth of the way unless it is given. log: equal factors take equal ways;
            steps are then factors of 10^(1/20), and values are rounded to three digits.
        label: in words, with the symbol. says: what else the label says, from the value ("drops 10 %"), or a tooltip.
        about: what it does, in one line: for the legend of the controls, and the tooltip where `says` is none.

    Raises:
        SettingError: the default lies outside, or the ends do not fit.
    """
    if step is None:
        step = 1 if isinstance(default, int) and isinstance(low, int) and isinstance(high, int) else (high - low) / 100
    if not low < high or step <= 0 or (log and low <= 0):
        raise SettingError(
            f"slider {label!r}: low = {low}, high = {high}, step = {step} is not allowed. "
            f"Let low < high and step > 0{', and low > 0 for a logarithmic one' if log else ''}."
        )
    if not isinstance(default, int):  # 0.5 to 1 in a spec of whole ends is still a number with a point
        low, high, step = float(low), float(high), float(step)
    return _field(default, Control("slider", label, live, says, about, low, high, step, log))


def keep_slider(
    default: float, *, low: float = 0.05, high: float = 1.0, step: float = 0.01, live: bool = False, about: str = ""
) -> Any:
    """The probability of keeping a unit, as every page shows it: "keep p, drops 20 %" """
    return slider(
        default, low=low, high=high, step=step, label="keep p", live=live, about=about,
        says=lambda p: f"drops {100 * (1 - p):.0f} %",
    )  # fmt: skip


def choice(
    default: Any, *, of: Sequence[Any] | Mapping[str, Any], label: str, live: bool = False,
    says: str | Callable[[Any], str] = "", about: str = "",
) -> Any:  # fmt: skip
    """One of some values; `of` lists them, or names them: {"whole set": None, "128": 128}.

    Raises:
        SettingError: there are none, or the default is not among them.
    """
    options = tuple(of.items()) if isinstance(of, Mapping) else tuple((str(value), value) for value in of)
    return _field(default, Control("choice", label, live, says, about, options=options))


def switch(
    default: bool, *, label: str, live: bool = False, says: str | Callable[[Any], str] = "", about: str = ""
) -> Any:
    """On or off."""
    return _field(default, Control("switch", label, live, says, about))


def text(
    default: str, *, parse: Callable[[str], Any], takes: str, label: str, lines: int = 1, live: bool = False,
    says: str | Callable[[Any], str] = "", about: str = "",
) -> Any:  # fmt: skip
    """A text that is typed. The spec holds it as it was typed, and whoever needs its meaning calls `parse`.

    It is taken when the box is left, or with Enter in a box of one line. A text that `parse` refuses stays in its box
    to be mended; the status line says why, and meanwhile the last one that was taken holds.

    Args:
        parse: gives the meaning of a text; raises one of the lab's errors, or a ValueError, that names what is wrong,
            what is allowed and what to do. takes: what is allowed, in a few words: for the legend of the controls.
        lines: of the box; of more than one, Enter begins a new line.

    Raises:
        SettingError: `parse` refuses the default, or `takes` or `lines` is missing.
    """
    if not takes or lines < 1:
        raise SettingError(f"text {label!r}: takes = {takes!r}, lines = {lines} is not allowed. Say what it takes.")
    return _field(default, Control("text", label, live, says, about, parse=parse, takes=takes, lines=lines))


def controls_of(spec: type) -> dict[str, Control]:
    """The controls of a spec, by the names of its fields.

    Raises:
        SettingError: it is no frozen dataclass, or a field has neither a control nor a default.
    """
    if not (isinstance(spec, type) and is_dataclass(spec) and spec.__dataclass_params__.frozen):  # type: ignore[attr-defined]
        raise SettingError(f"spec = {spec!r} is not allowed. Give a class under @dataclass(frozen=True).")
    for each in fields(spec):
        if "control" not in each.metadata and each.default is MISSING and each.default_factory is MISSING:
            raise SettingError(
                f"{spec.__name__}.{each.name} has no control. Make it with slider(...), choice(...), switch(...) "
                "or text(...), or give it a default, which no control moves then."
            )
    return {each.name: each.metadata["control"] for each in fields(spec) if "control" in each.metadata}


def defaults_of(spec: type) -> dict[str, Any]:
    """The default of every field that has a control."""
    known = controls_of(spec)
    return {each.name: each.default for each in fields(spec) if each.name in known}


def checked_values(board: str, known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of fields, each as its control holds it. Raises `SettingError`."""
    if unknown := sorted(set(values) - set(known)):
        raise SettingError(f"{', '.join(unknown)} is not known to {board}. It has: {', '.join(known)}.")
    return {name: known[name].check(name, value) for name, value in values.items()}


def _field(default: Any, control: Control) -> Field[Any]:
    if not control.label:
        raise SettingError(f"a {control.kind} has no label. Say in words what it moves: label='keep p'.")
    if control.kind == "choice" and not control.options:
        raise SettingError(f"choice {control.label!r} has nothing to choose from. Give of=(...).")
    return field(default=control.check(control.label, default), metadata={"control": control})
