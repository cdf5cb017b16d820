"""What a training run says about itself: frozen events, in the order in which things happen.

The command line, the report, JSON lines, a board and a cluster's stream are fed by the same events.
Times are seconds; `step` counts rounds of the whole run from 0, `epoch` from 1.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple


class ShardReport(NamedTuple):
    """One mini-batch of a round: who computed its gradient, when, and how long each part took.

    `start` counts from the start of the round. `wait` is the time from the end of this worker's last
    shard to the end of the slowest worker's (0 on its other shards). Copies to and from a device:
    on CPU workers `copy_in` gathers the rows (and drops the inputs, which is one pass), `copy_out` is 0; where a whole
    shard takes microseconds, gathering is not told apart and counts as `compute`.
    """

    shard: int
    worker: int
    device: str
    samples: int
    loss: float
    start: float
    copy_in: float
    compute: float
    copy_out: float = 0.0
    wait: float = 0.0


@dataclass(frozen=True)
class Waiting:
    """A long round or evaluation is under way: what it does now and how much of it is done (0 to 1)."""

    doing: str
    step: int
    done: float


@dataclass(frozen=True)
class Changed:
    """Settings that act from round `step` on, with their new values."""

    step: int
    epoch: int
    changes: dict[str, Any]


@dataclass(frozen=True)
class RoundDone:
    """One round of synchronous SGD: the loss as optimized (masks on, at the weights before the step)."""

    step: int
    epoch: int
    rounds: int  # of this epoch
    round: int  # within the epoch, from 0
    samples: int
    loss: float
    gradient_norm: float
    shards: tuple[ShardReport, ...]
    reduce: float
    update: float
    overhead: float
    seconds: float


@dataclass(frozen=True)
class Evaluated:
    """A look at the net within an epoch, in test mode, on at most `samples` samples of each set, always the same."""

    step: int
    epoch: int
    samples: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    evaluation: float


@dataclass(frozen=True)
class EpochDone:
    """An epoch and its evaluation in test mode.

    `loss` is the mean loss as optimized over the epoch; `train_loss` and `train_accuracy` are taken in
    test mode on a fixed subset of the training set, `test_loss` and `test_accuracy` on the test set.
    `seconds` counts training only, `evaluation` the evaluation after it.
    """

    epoch: int
    step: int
    samples: int
    loss: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float
    evaluation: float
    compute: tuple[float, ...]  # seconds of gradient work in this epoch, one entry a worker
    wait: tuple[float, ...]  # seconds that each worker waited for the slowest


@dataclass(frozen=True)
class Finished:
    """The last event of a run that reached its last epoch."""

    step: int
    epoch: int
    seconds: float
    parameters_sha256: str


Event = Waiting | Changed | RoundDone | Evaluated | EpochDone | Finished
