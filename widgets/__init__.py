"""The lab's live views: dashboards that show a run while it trains, and the controls that move it.

    from widgets import MnistDashboard
    d = MnistDashboard()
    d

Views know the lab by its public face (`import lab`) and never reach into kernels, layers or workers.
`import ipywidgets as ipw` in here: the bare name `widgets` is this package. Names are imported when first used.
"""

from importlib import import_module
from typing import Any

_NAMES = {
    "widgets.nn4.mnist": "MnistDashboard",
    "widgets.dropout.masks": "DropoutMasks",
    "widgets.dropout.means": "DropoutMeans",
    "widgets.dropout.aggregation": "DropoutAggregation",
    "widgets.dropout.study": "DropoutStudyBoard",
    "widgets.batchnorm.batches": "BatchnormBatches",
    "widgets.batchnorm.race": "BatchnormRace",
    "widgets.batchnorm.shift": "BatchnormShift",
    "widgets.batchnorm.terms": "BatchnormTermsBoard",
    "widgets.batchnorm.drift": "BatchnormDrift",
    "widgets.batchnorm.scale": "BatchnormScale",
    "widgets.batchnorm.shards": "BatchnormShards",
    "widgets.speed.ladder": "SpeedLadder",
    "widgets.speed.roofline": "SpeedRoofline",
    "widgets.speed.fusing": "SpeedFusing",
    "widgets.speed.threads": "SpeedThreads",
    "widgets.nn4.layers": "NN4Layers",
    "widgets.nn4.phases": "NN4Phases",
    "widgets.nn4.gradient_check": "NN4GradientCheck",
    "widgets.nn4.health": "NN4Health",
    "widgets.least_squares.descent": "LeastSquaresDescent",
    "widgets.least_squares.sweep": "LeastSquaresSweep",
    "widgets.least_squares.ridge": "DropoutAsRidge",
    "widgets.least_squares.optimizers": "LeastSquaresOptimizers",
    "widgets.initialization.layers": "InitializationLayers",
    "widgets.initialization.variance": "InitializationVariance",
    "widgets.initialization.training": "InitializationTraining",
    "widgets.initialization.sweep": "InitializationSweep",
    "widgets.initialization.saturation": "InitializationSaturation",
    "widgets.initialization.study": "InitializationStudy",
    "widgets.softmax.probabilities": "SoftmaxProbabilities",
    "widgets.softmax.stability": "SoftmaxStability",
    "widgets.softmax.smoothing": "LabelSmoothing",
    "widgets.softmax.temperature": "SoftmaxTemperature",
    "widgets.softmax.two_classes": "SoftmaxTwoClasses",
    "widgets.cost.calculator": "CostCalculator",
    "widgets.cost.inception": "CostInception",
    "widgets.cost.counted": "CostCounted",
    "widgets.cost.windows": "CostWindows",
    "widgets.dashboard": (
        "Band Bars Columns Contour Curves Dashboard Diagram Experiment Heatmap Histogram Lines More NamedBars Now "
        "Panel Question Trace Words choice slider switch text"
    ),
    "widgets.grammar.questions": "show_all",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
__all__ = tuple(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'widgets' has no attribute {name!r}. It has: {', '.join(_HOME)}.")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
