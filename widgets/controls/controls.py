"""Controls from a frozen spec: its fields say what can be moved, and ipywidgets are made from them.

    @dataclass(frozen=True)
    class Spec:
        keep: float = slider(0.9, low=0.05, high=1.0, label="keep p", live=True, says=lambda p: f"drops {1 - p:.0%}")
        layer: int = choice(1, of=(1, 2, 3), label="layer", live=True)
        batchnorm: bool = switch(True, label="batchnorm")

`live=True`: a run takes the new value at once. Otherwise it acts when the run begins anew, and the control says so.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any

import ipywidgets as ipw

from lab.errors import SettingError
from widgets.controls import shared

NEEDS_RESET = "needs a reset"


@dataclass(frozen=True)
class Control:
    """What a field of a spec says about its control; made by `slider`, `choice` and `switch`."""

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
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not self.low <= value <= self.high or (self.whole and value != int(value)):
            kind = "whole number" if self.whole else "number"
            raise SettingError(f"{name} = {value!r} is not allowed. Give a {kind} from {self.low:g} to {self.high:g}.")
        return int(value) if self.whole else float(value)

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
                f"{spec.__name__}.{each.name} has no control. Make it with slider(...), choice(...) or switch(...), "
                "or give it a default, which no control moves then."
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


class ControlSet:
    """The ipywidgets of a spec.

    Args:
        spec: the class. values: what they show at first. moved: called with (name, value) when one was moved,
            by a hand or by a script.

    Attributes:
        widgets: by field. box: all of them, laid out.
    """

    def __init__(self, spec: type, values: Mapping[str, Any], moved: Callable[[str, Any], None]) -> None:
        self.spec, self.known = spec, controls_of(spec)
        self._moved = moved
        self.widgets = {name: self._make(name, control, values[name]) for name, control in self.known.items()}
        children = list(self.widgets.values())
        self.box = ipw.Box(children, layout=shared.layout(), _dom_classes=("nn4-controls",))
        self._silent = False
        for name, widget in self.widgets.items():
            widget.observe(lambda change, name=name: self._changed(name), "value")

    def values(self) -> dict[str, Any]:
        """What all controls show, as the spec takes it."""
        return {name: self._value(name) for name in self.widgets}

    def show(self, values: Mapping[str, Any]) -> None:
        """Let the controls show values, without telling that they were moved."""
        self._silent = True
        try:
            for name, value in values.items():
                self.widgets[name].value = value
        finally:
            self._silent = False
        self.say_reset(())

    def say_reset(self, names: Sequence[str] | frozenset[str]) -> None:
        """Let these controls, and no others, say that they act after a reset."""
        for name, widget in self.widgets.items():
            words = self._words(name, self._value(name))
            widget.description = f"{words} ({NEEDS_RESET})" if name in names else words
            (widget.add_class if name in names else widget.remove_class)("nn4-needs-reset")

    def close(self) -> None:
        """Close every model that was made."""
        for widget in self.widgets.values():
            widget.unobserve_all()
            widget.close()
        self.box.close()

    def _changed(self, name: str) -> None:
        if not self._silent:
            value = self._value(name)
            self._moved(name, value)

    def _value(self, name: str) -> Any:
        value, control = self.widgets[name].value, self.known[name]
        return float(f"{value:.3g}") if control.log else value

    def _words(self, name: str, value: Any) -> str:
        control = self.known[name]
        return f"{control.label}, {control.says(value)}" if callable(control.says) else control.label

    def _make(self, name: str, control: Control, value: Any) -> Any:
        make: Any = {"switch": ipw.Checkbox, "choice": ipw.Dropdown}.get(control.kind, _slider(control))
        options: dict[str, Any] = {"description": self._words(name, value), "value": value, "layout": shared.layout()}
        options["_dom_classes"] = ("nn4-control", f"nn4-control-{name}")
        options[_TOOLTIP] = control.tooltip
        if control.kind == "switch":
            options["indent"] = False
        elif control.kind == "choice":
            options["options"] = list(control.options)
        else:
            options |= {"min": control.low, "max": control.high, "step": control.step}
            options["continuous_update"] = control.live  # a restart for every pixel would be no help
            if control.log:
                options |= {"base": 10, "min": math.log10(control.low), "max": math.log10(control.high), "step": 0.05}
            if not control.whole:
                options["readout_format"] = ".3g" if control.log else _format(control.step)
        made = make(**options, **shared.style(control.kind))
        shared.keep_style(control.kind, made.style)
        return made


def _field(default: Any, control: Control) -> Field[Any]:
    if not control.label:
        raise SettingError(f"a {control.kind} has no label. Say in words what it moves: label='keep p'.")
    if control.kind == "choice" and not control.options:
        raise SettingError(f"choice {control.label!r} has nothing to choose from. Give of=(...).")
    return field(default=control.check(control.label, default), metadata={"control": control})


def _format(step: float) -> str:
    """As many digits after the point as the step has."""
    return f".{max(0, -math.floor(math.log10(step) + 1e-9))}f"


def _slider(control: Control) -> Any:
    return ipw.FloatLogSlider if control.log else ipw.IntSlider if control.whole else ipw.FloatSlider


_TOOLTIP = "tooltip" if int(ipw.__version__.split(".")[0]) >= 8 else "description_tooltip"
