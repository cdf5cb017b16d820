"""Calibration: whether predictions are as often right as they are sure, and the temperature that mends it."""

from dataclasses import dataclass

import numpy as np

from lab.checks import check_labels, check_matrix
from lab.errors import SettingError
from lab.layers import softmax

BINS = 10
QUANTILE = 1.96  # of the normal distribution, for 95 %


@dataclass(frozen=True, eq=False)
class Reliability:
    """How sure predictions are, against how often they are right, in bins of the confidence; arrays are (BINS,).

    Attributes:
        count: predictions in each bin. confidence, accuracy: their means; NaN where the bin is empty.
    """

    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def interval(self) -> np.ndarray:
        """The 95 % interval of each accuracy, (2, BINS): low and high, by Wilson's score.

        (a + s/2 +- q sqrt(a (1 - a) / n + s / 4n)) / (1 + s),    s = q^2 / n,    q = 1.96
        """
        n = np.where(self.count > 0, self.count, np.nan)
        s = QUANTILE**2 / n
        half = QUANTILE * np.sqrt(self.accuracy * (1 - self.accuracy) / n + s / (4 * n))
        return np.stack((self.accuracy + s / 2 - half, self.accuracy + s / 2 + half)) / (1 + s)

    @property
    def error(self) -> float:
        """Expected calibration error: sum over the bins of count/N |accuracy - confidence|."""
        share = self.count / self.count.sum()
        return float(np.nansum(share * np.abs(self.accuracy - self.confidence)))


def reliability(probabilities: np.ndarray, labels: np.ndarray) -> Reliability:
    """Confidence against accuracy. `probabilities` (N, C), `labels` (N,).

    Raises:
        ShapeError, LabelError, NotFiniteError: they do not fit each other, or are no numbers.

    Source: Guo et al. 2017, "On calibration of modern neural networks", section 2.
    """
    probabilities = check_matrix("probabilities", probabilities)
    labels = check_labels("labels", labels, *probabilities.shape)
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    with np.errstate(invalid="ignore"):  # an empty bin has no mean
        sums = (np.bincount(place, each, minlength=BINS) / count for each in (sure, right))
        return Reliability(count, *sums)


def best_temperature(z: np.ndarray, labels: np.ndarray, low: float = 0.05, high: float = 20.0) -> float:
    """The T in [low, high] with the least loss of softmax(z / T), by bisection.

        dL/dbeta = mean over rows of (<softmax(beta z), z> - z_label),    beta = 1/T

    L is convex in beta, so its slope has at most one root; an end is returned where there is none in between.

    Args:
        z: logits, (N, C). labels: (N,).

    Raises:
        ShapeError, LabelError, NotFiniteError: as `reliability`. SettingError: not 0 < low < high.

    Source: Guo et al. 2017, section 4.2 (temperature scaling).
    """
    if not 0 < low < high:
        raise SettingError(f"low = {low!r}, high = {high!r} is not allowed. Let 0 < low < high.")
    z = check_matrix("z", z).astype(np.float64)
    labels = check_labels("labels", labels, *z.shape)
    of_label = z[np.arange(len(z)), labels]
    ends = np.log([low, high])
    for _ in range(60):
        middle = ends.mean()
        slope = float(((softmax(z / np.exp(middle))[0] * z).sum(axis=1) - of_label).mean())
        ends[0 if slope > 0 else 1] = middle  # the loss falls with a smaller beta: T is above
    return float(np.exp(ends.mean()))
