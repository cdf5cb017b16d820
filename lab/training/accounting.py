"""Sums over the rounds of an epoch, and where the time of a round went."""

from dataclasses import dataclass, field

from lab.events import RoundDone, ShardReport
from lab.optim.sync_sgd import Step


@dataclass
class EpochSums:
    """What `EpochDone` tells of the rounds before it; `compute` and `wait` in seconds, one entry a worker."""

    samples: int = 0
    loss: float = 0.0
    seconds: float = 0.0
    compute: list[float] = field(default_factory=list)
    wait: list[float] = field(default_factory=list)

    def add(self, done: RoundDone) -> None:
        """Add a round; workers may come and go within an epoch."""
        self.samples += done.samples
        self.loss += done.loss * done.samples
        self.seconds += done.seconds
        for report in done.shards:
            _add(self.compute, report, report.copy_in + report.compute + report.copy_out)
            _add(self.wait, report, report.wait)

    @property
    def mean_loss(self) -> float:
        return self.loss / max(self.samples, 1)


def accounted(step: Step) -> float:
    """Seconds of a round that have a name: up to the end of the slowest worker, the sum, the update."""
    ends = [r.start + r.copy_in + r.compute + r.copy_out for r in step.outcome.reports]
    return max(ends) + step.outcome.reduce + step.update


def _add(seconds: list[float], report: ShardReport, value: float) -> None:
    seconds.extend([0.0] * (report.worker + 1 - len(seconds)))
    seconds[report.worker] += value
