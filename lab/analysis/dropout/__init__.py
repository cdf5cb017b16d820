"""Dropout, measured: its masks, the moments that it keeps, the mean of its networks, whether it helps."""

from lab.analysis.dropout.aggregation import Aggregation, Member, Score
from lab.analysis.dropout.moments import DropoutMoments, Moments, MomentsSeen, normal_layer, relu_mean_if_normal
from lab.analysis.dropout.passes import DropoutPass, DropoutPasses
from lab.analysis.dropout.study import DropoutStudy, StudyRun, Verdict, subset
from lab.analysis.spread import Spread

__all__ = [
    "Aggregation",
    "DropoutMoments",
    "DropoutPass",
    "DropoutPasses",
    "DropoutStudy",
    "Member",
    "Moments",
    "MomentsSeen",
    "Score",
    "Spread",
    "StudyRun",
    "Verdict",
    "normal_layer",
    "relu_mean_if_normal",
    "subset",
]
