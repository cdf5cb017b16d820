"""Models that all boards of a kernel share: every control has the same layout, and controls of a kind one style.

A widget sends a model of each, a kilobyte and more, with every control if it is not told otherwise.
"""

from typing import Any

import ipywidgets as ipw

_models: dict[str, Any] = {}


def layout() -> ipw.Layout:
    """As wide as its place."""
    return _kept("layout", lambda: ipw.Layout(width="auto"))


def style(kind: str) -> dict[str, Any]:
    """What makes a control ("slider", "choice", "switch") take the style of its kind; a dropdown takes a slider's.

    Empty for the first switch, which makes a style itself: `keep_style` shares that.
    """
    if kind != "switch":
        return {"style": _kept("slider", ipw.SliderStyle)}
    return {"style": _models["switch"]} if _is_open("switch") else {}


def keep_style(kind: str, made: Any) -> None:
    """Share the style that a control made."""
    if kind == "switch":
        _models["switch"] = made


def _kept(name: str, make: Any) -> Any:
    if not _is_open(name):
        _models[name] = make()
    return _models[name]


def _is_open(name: str) -> bool:
    """Whether there is one that nobody closed (`Widget.close_all()` closes these, too)."""
    return name in _models and _models[name].comm is not None
