"""What a layer or a network does, measured: moments over masks, gradients against differences, studies over seeds.

Each is an iterator of frozen events that does at most some 30 ms of work for one, as a training run does, so that a
dashboard can pull it; what it was told to change (`change`) acts on the next event.
"""

from lab.analysis.aggregation import Aggregation, Member, Score
from lab.analysis.batches import silent_shares
from lab.analysis.batchnorm_backward import BackwardSeen, BatchnormBackward, BatchnormTerms, batchnorm_terms
from lab.analysis.batchnorm_passes import BatchnormPass, BatchnormPasses
from lab.analysis.dropout_moments import DropoutMoments, Moments, MomentsSeen, normal_layer, relu_mean_if_normal
from lab.analysis.dropout_passes import DropoutPass, DropoutPasses
from lab.analysis.dropout_study import DropoutStudy, Spread, StudyRun, Verdict
from lab.analysis.gradient_check import MISTAKES, GradientCheck, ViewChecked
from lab.analysis.health import Alarm, Health, HealthWatch, look, step_ratio
from lab.analysis.layer_view import LayerView, layer_view, parameter_counts
from lab.analysis.phases import PhaseDone, RoundPhases
from lab.analysis.scale_invariance import Alignment, ScaleInvariance, ScaleSeen
from lab.analysis.shard_statistics import ShardsSeen, ShardStatistics, expected_spread
from lab.analysis.side_by_side import Abreast, SideBySide
from lab.analysis.sources import Source, source_of
from lab.analysis.statistics_drift import DriftSeen, StatisticsDrift
from lab.analysis.variance_shift import ShiftSeen, VarianceShift, recomputed

__all__ = [
    "Abreast", "Alignment", "BackwardSeen", "BatchnormBackward", "BatchnormPass", "BatchnormPasses", "BatchnormTerms",
    "DriftSeen", "ScaleInvariance", "ScaleSeen", "ShardStatistics", "ShardsSeen", "ShiftSeen", "SideBySide",
    "StatisticsDrift", "VarianceShift", "batchnorm_terms", "expected_spread", "recomputed", "silent_shares",
    "Aggregation", "DropoutMoments", "DropoutPass", "DropoutPasses", "DropoutStudy", "Member", "Moments",
    "MomentsSeen", "Score", "Spread", "StudyRun", "Verdict", "normal_layer", "relu_mean_if_normal",
    "Alarm", "GradientCheck", "Health", "HealthWatch", "LayerView", "MISTAKES", "PhaseDone", "RoundPhases", "Source",
    "ViewChecked", "layer_view", "look", "parameter_counts", "source_of", "step_ratio",
]  # fmt: skip
