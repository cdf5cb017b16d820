"""Batch normalization, measured: its statistics, its backward pass, and what a split batch does to them."""

from lab.analysis.batches import silent_shares
from lab.analysis.batchnorm.backward import BackwardSeen, BatchnormBackward, BatchnormTerms, batchnorm_terms
from lab.analysis.batchnorm.passes import BatchnormPass, BatchnormPasses
from lab.analysis.batchnorm.scale_invariance import Alignment, ScaleInvariance, ScaleSeen
from lab.analysis.batchnorm.shard_statistics import ShardsSeen, ShardStatistics, expected_spread
from lab.analysis.batchnorm.shift_study import ShiftStudy
from lab.analysis.batchnorm.side_by_side import Abreast, SideBySide
from lab.analysis.batchnorm.statistics_drift import DriftSeen, StatisticsDrift
from lab.analysis.batchnorm.variance_shift import ShiftSeen, VarianceShift, recomputed

__all__ = [
    "Abreast",
    "Alignment",
    "BackwardSeen",
    "BatchnormBackward",
    "BatchnormPass",
    "BatchnormPasses",
    "BatchnormTerms",
    "DriftSeen",
    "ScaleInvariance",
    "ScaleSeen",
    "ShardStatistics",
    "ShardsSeen",
    "ShiftSeen",
    "ShiftStudy",
    "SideBySide",
    "StatisticsDrift",
    "VarianceShift",
    "batchnorm_terms",
    "expected_spread",
    "recomputed",
    "silent_shares",
]
