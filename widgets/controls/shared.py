"""What widgets have in common: all have the same layout, those of a class one style, and all are heard alike.

A widget sends a model of each, a kilobyte and more, with every control if it is not told otherwise; and of itself it
sends every property, also those that are what a page takes for granted.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import ipywidgets as ipw

from widgets.controls import shells

# What a page takes for the same as Python does if it is not told. (Not so the step of a slider.)
_UNSAID = (
    *("_view_module", "_view_module_version", "_view_name", "_view_count", "tabbable", "tooltip", "icon"),
    *("description_allow_html", "orientation", "readout", "continuous_update"),
)
_models: dict[Any, Any] = {}


def layout() -> ipw.Layout:
    """As wide as its place."""
    return _kept("layout", lambda: ipw.Layout(width="auto"))


def make(kind: Any, **options: Any) -> Any:
    """A widget of a class, with the layout of all and the style of its class; the first one makes that style."""
    options["layout"] = layout()
    if _is_open(kind):
        options["style"] = _models[kind]
    made = _brief(kind)(**options)
    if (style := getattr(made, "style", None)) is not None:
        _models[kind] = style
    shells.listen(made)
    return made


def close(widget: Any) -> None:
    """Close a widget; what it shares stays open for the others."""
    widget.unobserve_all()
    widget.close()


@cache
def _brief(kind: Any) -> Any:
    """The class, of which a new one does not say what a page takes for granted."""

    class Brief(kind):
        def get_state(self, key: str | Iterable[str] | None = None, drop_defaults: bool = False) -> Any:
            state = super().get_state(key, drop_defaults)
            if key is None and self.comm is None:  # it is new; a page that was reloaded asks for everything
                told = super().get_state([name for name in _UNSAID if name in state], drop_defaults=True)
                state = {name: value for name, value in state.items() if name not in _UNSAID or name in told}
            return state

    Brief.__name__, Brief.__qualname__, Brief.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    return Brief


def _kept(name: str, make: Any) -> Any:
    if not _is_open(name):
        _models[name] = make()
    return _models[name]


def _is_open(name: Any) -> bool:
    """Whether there is one that nobody closed (`Widget.close_all()` closes these, too)."""
    return name in _models and _models[name].comm is not None
