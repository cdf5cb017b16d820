"""Which scales of the first weights a deep network can learn from: its loss after some rounds, over several seeds."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lab.analysis.initialization.scale_race import ScaleRace
from lab.checks import check_count
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import Waiting

SCALES = (0.125, 0.25, 0.5, 1.0, 1.41, 2.0, 2.83, 4.0, 8.0, 16.0)
TAIL = 10  # last rounds whose mean loss is taken: that of a single batch jumps about


@dataclass(frozen=True)
class TrainedRun:
    """One run that has ended: scale d sigma^2, batchnorm, seed, and its loss (inf where it was lost)."""

    scale: float
    batchnorm: bool
    seed: int
    loss: float


class ScaleStudy:
    """An iterator: `Waiting` inside of a run, then its `TrainedRun`; seed by seed, all scales of one seed first.

    Args:
        data: what is learned. rounds: of each run. seeds: runs of each scale. scales: d sigma^2.
        seed, depth, width, delta, batch: as for `ScaleRace`.

    Attributes:
        runs: those that have ended. total: how many there will be. chance: the loss of guessing, log(classes).

    Raises:
        SettingError, StepSizeError: a value is not allowed; it says which are.
    """

    def __init__(
        self, data: Dataset, *, rounds: int = 100, seeds: int = 5, seed: int = 0, depth: int = 12, width: int = 64,
        delta: float = 0.05, batch: int = 128, scales: tuple[float, ...] = SCALES,
    ) -> None:  # fmt: skip
        if not scales:
            raise SettingError("no scales to study. Give at least one d sigma^2.")
        self.rounds, self.seeds = check_count("rounds", rounds), check_count("seeds", seeds)
        self.scales, self.chance = tuple(sorted(scales)), float(np.log(data.classes))
        self._data, self._seed = data, seed
        self._settings = {"depth": depth, "width": width, "delta": delta, "batch": batch, "rounds": rounds}
        self.runs: list[TrainedRun] = []
        self.total = 2 * len(self.scales) * self.seeds
        self._race(self.scales[0], False, 0)  # what is not allowed is said now, not at the first run
        self._events = self._begin()

    def __iter__(self) -> "ScaleStudy":
        return self

    def __next__(self) -> Waiting | TrainedRun:
        return next(self._events)

    def band(self, batchnorm: bool) -> np.ndarray:
        """Median, lowest and highest loss over the seeds so far, (3, S); NaN where none has ended, inf where lost."""
        made = np.full((3, len(self.scales)), np.nan)
        for i, scale in enumerate(self.scales):
            losses = [run.loss for run in self.runs if (run.scale, run.batchnorm) == (scale, batchnorm)]
            if losses:
                made[:, i] = float(np.median(losses)), min(losses), max(losses)
        return made

    def learned(self, batchnorm: bool, share: float = 0.5) -> list[float]:
        """Scales of which every seed has ended with a loss below that share of guessing's."""
        band = self.band(batchnorm)
        return [scale for scale, highest in zip(self.scales, band[2], strict=True) if highest < share * self.chance]

    def _race(self, scale: float, batchnorm: bool, seed: int) -> ScaleRace:
        run = {"run": scale}, {"run": batchnorm}
        return ScaleRace(self._data, *run, seed=(self._seed + seed) % 2**64, seeds=1, **self._settings)  # type: ignore[arg-type]

    def _begin(self) -> Generator[Waiting | TrainedRun, None, None]:
        for seed in range(self.seeds):
            for scale in self.scales:
                for batchnorm in (False, True):
                    race = self._race(scale, batchnorm, seed)
                    lane = race.lanes["run"]
                    for event in race:
                        if lane.left:
                            break
                        yield Waiting("training a network", len(self.runs), event.step / self.rounds)
                    loss = np.inf if lane.left else float(np.mean(np.array(lane.losses)[-TAIL:]))
                    self.runs.append(TrainedRun(scale, batchnorm, seed, loss))
                    yield self.runs[-1]
