"""Networks that differ by the scale of their first weights only, trained abreast; several seeds of each."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import rng
from lab.analysis.batches import Batches
from lab.analysis.initialization.deep_mlp import DeepMLP
from lab.analysis.initialization.laws import check_scale
from lab.checks import check_count, check_delta
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import Waiting

LOST = 1e4  # nats: a loss beyond has left what can be mended
LOOK_EVERY = 10  # rounds between two looks at the test set


def centred(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Training and test samples with mean 0 and RMS 1 over all pixels of the training set, float64."""
    train, test = data.train_x.astype(np.float64), data.test_x.astype(np.float64)
    mean, std = train.mean(), train.std()
    return (train - mean) / std, (test - mean) / std


@dataclass(frozen=True, eq=False)
class RacedRound:
    """One round of every network: rounds so far."""

    step: int


class Lane:
    """The networks of one scale, one a seed, and what became of them.

    Attributes:
        nets: `DeepMLP`s. losses: (rounds, seeds), NaN from the round on at which one was lost.
        gradients: RMS of the gradient by each W at the last round, (seeds, L). left: by the seed's place, the round at
        which it was lost. accuracy: on the test set at the last look, (seeds,), NaN before and where one was lost.
    """

    def __init__(self, nets: list[DeepMLP]) -> None:
        self.nets, self.left = nets, dict[int, int]()
        self.losses: list[np.ndarray] = []
        self.gradients = np.full((len(nets), nets[0].depth), np.nan)
        self.accuracy = np.full(len(nets), np.nan)

    def learn(self, seed: int, x: np.ndarray, y: np.ndarray, delta: float, step: int) -> None:
        """One round of one network, unless it is lost."""
        if len(self.losses) < step:
            self.losses.append(np.full(len(self.nets), np.nan))
        if seed in self.left:
            return
        learned = self.nets[seed].learn(x, y, delta)
        if learned.loss <= LOST:  # false for NaN, too
            self.losses[-1][seed], self.gradients[seed] = learned.loss, learned.gradients
        else:
            self.left[seed], self.accuracy[seed], self.gradients[seed] = step, np.nan, np.nan

    def band(self) -> np.ndarray:
        """Median, lowest and highest loss over the seeds, (3, rounds); NaN where none is left."""
        losses = np.array(self.losses).reshape(-1, len(self.nets))
        made = np.full((3, len(losses)), np.nan)
        some = np.isfinite(losses).any(axis=1)
        made[:, some] = [f(losses[some], axis=1) for f in (np.nanmedian, np.nanmin, np.nanmax)]
        return made


class ScaleRace:
    """An iterator: `Waiting` between the seeds, then `RacedRound`; it ends after `rounds`.

    All networks of a seed see the same batches, and their first weights are the same numbers times sqrt(scale / d_in).

    Args:
        data: with ten classes or two. scales: d sigma^2 by lane. batchnorm: which lanes have it, as `scales`.
        seed: of the first network; the others have the next ones. seeds: networks a lane. depth, width, delta, batch:
        of the networks and their training. rounds: after which it ends.

    Attributes:
        lanes: `Lane`s by name. step: rounds so far.

    Raises:
        SettingError, StepSizeError: a value is not allowed; it says which are.
    """

    def __init__(
        self, data: Dataset, scales: dict[str, float], batchnorm: dict[str, bool], *, seed: int = 0, seeds: int = 5,
        depth: int = 12, width: int = 64, delta: float = 0.05, batch: int = 128, rounds: int = 300,
    ) -> None:  # fmt: skip
        if not scales or set(scales) != set(batchnorm):
            raise SettingError(f"lanes {sorted(scales)} and {sorted(batchnorm)} do not fit. Name each in both.")
        self.seed, seeds = rng.check_seed(seed), check_count("seeds", seeds)
        self.delta, self.rounds = check_delta(delta), check_count("rounds", rounds)
        self.batch = check_count("batch", batch, low=2, high=len(data.train_x))
        self._data, (self._train, self._test) = data, centred(data)
        self.scales, self.step = {name: check_scale(scale) for name, scale in scales.items()}, 0
        inputs, classes = self._train.shape[1], data.classes
        self.lanes = {
            name: Lane([
                DeepMLP(inputs, width, depth, classes, scale, batchnorm[name], (seed + i) % 2**64)
                for i in range(seeds)
            ])
            for name, scale in self.scales.items()
        }  # fmt: skip
        self._batches = [Batches((seed + i) % 2**64, len(self._train)) for i in range(seeds)]
        self._events = self._begin()

    def __iter__(self) -> "ScaleRace":
        return self

    def __next__(self) -> Waiting | RacedRound:
        return next(self._events)

    def change(self, **changes: Any) -> None:
        """Take another `delta` from the next round on. Raises `SettingError`, `StepSizeError`."""
        if set(changes) - {"delta"}:
            raise SettingError(f"{', '.join(sorted(changes))} cannot be changed. Change delta, or begin another race.")
        self.delta = check_delta(changes.get("delta", self.delta))

    def _begin(self) -> Generator[Waiting | RacedRound, None, None]:
        while self.step < self.rounds:
            step = self.step + 1
            for seed, batches in enumerate(self._batches):
                rows = batches.take(self.batch)
                x, y = self._train[rows], self._data.train_y[rows]
                for lane in self.lanes.values():
                    lane.learn(seed, x, y, self.delta, step)
                if step % LOOK_EVERY == 0:
                    self._look(seed)
                if seed < len(self._batches) - 1:
                    yield Waiting("one round of all networks", self.step, (seed + 1) / len(self._batches))
            self.step = step
            yield RacedRound(step)

    def _look(self, seed: int) -> None:
        for lane in self.lanes.values():
            if seed not in lane.left:
                lane.accuracy[seed] = lane.nets[seed].accuracy(self._test, self._data.test_y)
