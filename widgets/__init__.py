"""The lab's live views: dashboards that show a run while it trains, and the controls that move it.

    from widgets import MnistDashboard
    d = MnistDashboard()
    d

Views know the lab by its public face (`import lab`) and never reach into kernels, layers or workers.
`import ipywidgets as ipw` in here: the bare name `widgets` is this package. Names are imported when first used.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "MnistDashboard": "widgets.mnist",
    "Dashboard": "widgets.dashboard",
    "Panel": "widgets.panels",
    "Trace": "widgets.panels",
    "Lines": "widgets.panels",
    "Bars": "widgets.panels",
    "Heatmap": "widgets.panels",
    "slider": "widgets.controls",
    "choice": "widgets.controls",
    "switch": "widgets.controls",
    "Now": "widgets.session",
}
__all__ = tuple(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'widgets' has no attribute {name!r}. It has: {', '.join(_HOME)}.")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
