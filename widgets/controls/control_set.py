"""The ipywidgets of a spec, made from what `controls` says of its fields."""

import contextlib
import math
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import ipywidgets as ipw

from lab.errors import SettingError
from widgets.controls import shared
from widgets.controls.controls import Control, controls_of

NEEDS_RESET = "needs a reset"
LOG_STEP = 0.05  # of the exponent: twenty values a decade, which two digits tell apart
NEARLY = 1e-4  # of a step: what a page adds up is not exact


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
        self._taken = dict(values)
        self._given = {name: value for name, value in values.items() if self.known[name].log}
        self.widgets = {name: self._make(name, control, values[name]) for name, control in self.known.items()}
        children = list(self.widgets.values())
        self.box = shared.make(ipw.Box, children=children, _dom_classes=("nn4-controls",))
        self._silent = False
        for name, widget in self.widgets.items():
            widget.observe(lambda change, name=name: self._changed(name, change["old"]), "value")

    def values(self) -> dict[str, Any]:
        """What all controls show, as the spec takes it; of a text that is refused, the last that was not."""
        return {name: self._value(name) for name in self.widgets}

    def check(self, besides: Container[str] = ()) -> None:
        """Raise `SettingError` if a box shows a text that was refused, unless it is one of `besides`."""
        for name, widget in self.widgets.items():
            if self.known[name].kind == "text" and name not in besides and widget.value != self._taken[name]:
                raise SettingError(f"{name} shows a text that was refused. Mend it first; nothing has begun anew.")

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
        for widget in (*self.widgets.values(), self.box):
            shared.close(widget)

    def _changed(self, name: str, old: Any) -> None:
        if self.known[name].log:
            self._remember(name, old)
        shown = self._value(name)
        if self.known[name].kind == "text":  # what is refused is told as well: whoever takes it says why
            shown = self.widgets[name].value
            with contextlib.suppress(SettingError):
                self._taken[name] = self.known[name].check(name, shown)
        if not self._silent:
            self._moved(name, shown)

    def _value(self, name: str) -> Any:
        value, control = self.widgets[name].value, self.known[name]
        if control.kind == "text":
            return self._taken[name]
        if control.log:
            return float(f"{self._given[name]:.3g}" if name in self._given else f"{value:.2g}")
        return round(value, 10) if isinstance(value, float) else value  # a page's 0.5 is 0.05 + 45 steps, nearly

    def _remember(self, name: str, old: float) -> None:
        """Keep the number that a program gave, where the page only moved its handle to the nearest place.

        A slider of equal factors has places for 1, 1.12, 1.26, ...: of a given 5 the page makes 5.01.
        """
        value, low = self.widgets[name].value, math.log10(self.known[name].low)

        def off(number: float) -> float:
            """How far it is from its place, in steps."""
            steps = (math.log10(number) - low) / LOG_STEP
            return abs(steps - round(steps)) if math.isfinite(steps) else 0.0  # NaN is refused by the spec, in words

        near = abs(math.log10(value / old)) <= 0.51 * LOG_STEP
        if off(value) > NEARLY:
            self._given[name] = value
        elif not (near and off(old) > NEARLY):
            self._given.pop(name, None)

    def _words(self, name: str, value: Any) -> str:
        control = self.known[name]
        return f"{control.label}, {control.says(value)}" if callable(control.says) else control.label

    def _make(self, name: str, control: Control, value: Any) -> Any:
        box = ipw.Text if control.lines == 1 else ipw.Textarea
        kinds = {"switch": ipw.Checkbox, "choice": ipw.Dropdown, "text": box}
        make: Any = kinds.get(control.kind, _slider(control))
        options: dict[str, Any] = {"description": self._words(name, value), "value": value}
        options["_dom_classes"] = ("nn4-control", f"nn4-control-{name}")
        options[_TOOLTIP] = control.tooltip
        if control.kind == "switch":
            options["indent"] = False
        elif control.kind == "choice":
            options["options"] = list(control.options)
        elif control.kind == "text":
            options["continuous_update"] = False  # half a number is not yet wrong
            if control.lines > 1:
                options["rows"] = control.lines
        else:
            options |= {"min": control.low, "max": control.high, "step": control.step}
            options["continuous_update"] = control.live  # a restart for every pixel would be no help
            if control.log:
                options |= {
                    "base": 10,
                    "min": math.log10(control.low),
                    "max": math.log10(control.high),
                    "step": LOG_STEP,
                }
            if not control.whole:
                options["readout_format"] = _log_format(control) if control.log else _format(control.step)
        return shared.make(make, **options)


def _format(step: float) -> str:
    """As many digits after the point as the step has."""
    return f".{max(0, -math.floor(math.log10(step) + 1e-9))}f"


def _log_format(control: Control) -> str:
    """Two digits, and a power of ten where zeros would have to be counted."""
    return ".1e" if control.low < 1e-5 else ".2g"


def _slider(control: Control) -> Any:
    return ipw.FloatLogSlider if control.log else ipw.IntSlider if control.whole else ipw.FloatSlider


_TOOLTIP = "tooltip" if int(ipw.__version__.split(".")[0]) >= 8 else "description_tooltip"
