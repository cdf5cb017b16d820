"""What widgets have in common: all have the same layout, those of a class one style, and all are heard in order.

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
    answer_on_main_shell(made)
    return made


def answer_on_main_shell(widget: Any) -> None:
    """Let a page's messages to this widget be handled where cells run, one after the other.

    ipykernel 7 would handle them on a thread of their own, where no interrupt arrives, a cell may run at the same time,
    and the two threads take turns of 5 ms: a moved slider was answered after 35 ms instead of 5. (A private name:
    guarded.)
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda data, default: None


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
