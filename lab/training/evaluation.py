"""Loss and accuracy in test mode, in slices short enough that a caller can look up between two of them."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lab.models.nn4 import NN4, logits_loss, predicted

SLICE_FLOPS = 5e8  # 4 to 20 ms


@dataclass(frozen=True)
class Score:
    """Mean cross-entropy and share of right answers."""

    loss: float
    accuracy: float


def evaluate(net: NN4, x: np.ndarray, y: np.ndarray) -> Generator[float, None, Score]:
    """Score a net on data, on the net's own backend; yields the share done after every slice.

    The slices depend only on the widths, so the same net gets the same score to the bit.
    """
    flops = 2.0 * sum(a * b for a, b in zip(net.widths, net.widths[1:], strict=False))
    size = int(min(max(SLICE_FLOPS / flops, 64), 4096))
    workspace = net.backend.workspace()
    loss, right = 0.0, 0
    for lo in range(0, len(x), size):
        part, labels = x[lo : lo + size], y[lo : lo + size]
        z = net.backend.logits(net, part, workspace)
        loss += logits_loss(z, labels) * len(part)
        right += int((predicted(z) == labels).sum())
        yield min((lo + size) / len(x), 1.0)
    return Score(loss / len(x), right / len(x))
