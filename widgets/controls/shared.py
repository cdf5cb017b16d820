"""Models that all boards of a kernel share: every widget has the same layout, and those of a class one style.

A widget sends a model of each, a kilobyte and more, with every control if it is not told otherwise.
"""

from typing import Any

import ipywidgets as ipw

_models: dict[Any, Any] = {}


def layout() -> ipw.Layout:
    """As wide as its place."""
    return _kept("layout", lambda: ipw.Layout(width="auto"))


def make(kind: Any, **options: Any) -> Any:
    """A widget of a class, with the layout of all and the style of its class; the first one makes that style."""
    options["layout"] = layout()
    if _is_open(kind):
        options["style"] = _models[kind]
    made = kind(**options)
    if (style := getattr(made, "style", None)) is not None:
        _models[kind] = style
    return made


def close(widget: Any) -> None:
    """Close a widget; what it shares stays open for the others."""
    widget.unobserve_all()
    widget.close()


def _kept(name: str, make: Any) -> Any:
    if not _is_open(name):
        _models[name] = make()
    return _models[name]


def _is_open(name: Any) -> bool:
    """Whether there is one that nobody closed (`Widget.close_all()` closes these, too)."""
    return name in _models and _models[name].comm is not None
