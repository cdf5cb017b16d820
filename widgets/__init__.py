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
    "DropoutMasks": "widgets.dropout_masks",
    "DropoutMeans": "widgets.dropout_means",
    "DropoutAggregation": "widgets.dropout_aggregation",
    "DropoutStudyBoard": "widgets.dropout_study",
    "BatchnormBatches": "widgets.batchnorm_batches",
    "BatchnormRace": "widgets.batchnorm_race",
    "BatchnormShift": "widgets.batchnorm_shift",
    "BatchnormTermsBoard": "widgets.batchnorm_terms",
    "BatchnormDrift": "widgets.batchnorm_drift",
    "BatchnormScale": "widgets.batchnorm_scale",
    "BatchnormShards": "widgets.batchnorm_shards",
    "SpeedLadder": "widgets.speed_ladder",
    "SpeedRoofline": "widgets.speed_roofline",
    "SpeedFusing": "widgets.speed_fusing",
    "SpeedThreads": "widgets.speed_threads",
    "NN4Layers": "widgets.nn4_layers",
    "NN4Phases": "widgets.nn4_phases",
    "NN4GradientCheck": "widgets.nn4_gradient_check",
    "NN4Health": "widgets.nn4_health",
    "Dashboard": "widgets.dashboard",
    "Panel": "widgets.panels",
    "Trace": "widgets.panels",
    "Lines": "widgets.panels",
    "Bars": "widgets.panels",
    "Heatmap": "widgets.panels",
    "Histogram": "widgets.histogram",
    "Curves": "widgets.curves",
    "Band": "widgets.curves",
    "Words": "widgets.words",
    "Diagram": "widgets.words",
    "slider": "widgets.controls",
    "choice": "widgets.controls",
    "switch": "widgets.controls",
    "Question": "widgets.questions",
    "Experiment": "widgets.page",
    "More": "widgets.page",
    "show_all": "widgets.questions",
    "Now": "widgets.session",
}
__all__ = tuple(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'widgets' has no attribute {name!r}. It has: {', '.join(_HOME)}.")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
