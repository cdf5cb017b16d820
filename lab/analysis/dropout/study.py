"""Does dropout help? The same small network, trained with every p from several seeds: losses, gap, spread."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from lab.analysis.spread import Spread, mean_interval, spread
from lab.checks import check_count, check_delta, check_keep
from lab.data import Dataset
from lab.errors import NotFiniteError, SettingError
from lab.events import EpochDone, Waiting
from lab.models.nn4 import NN4
from lab.presets import widths
from lab.rng import epoch_order
from lab.training import train

KEEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class StudyRun:
    """The end of one run; losses in nats and errors as shares, all in test mode; NaN where it left the finite numbers.

    Attributes:
        keep, seed: of the run; runs of one seed share samples, first weights and order.
        gap: test loss less training loss.
    """

    keep: float
    seed: int
    train_loss: float
    test_loss: float
    train_error: float
    test_error: float

    @property
    def gap(self) -> float:
        return self.test_loss - self.train_loss


@dataclass(frozen=True)
class Verdict:
    """p against no dropout, by the test loss: mean difference over the seeds that ran both, and its 95 % half-width.

    Negative is better than no dropout. `word`: "helps", "hurts", or "not told apart".
    """

    keep: float
    difference: float
    half_width: float
    seeds: int

    @property
    def word(self) -> str:
        if not abs(self.difference) > self.half_width:
            return "not told apart"
        return "helps" if self.difference < 0 else "hurts"


class DropoutStudy:
    """An iterator: `Waiting` during a run, `StudyRun` at its end; for every seed each p in turn.

    Args:
        data: its training set is cut to `samples` of it, others for every seed; the test set stays whole.
        keeps: p of the runs; 1, no dropout, belongs to it. seeds: how many. hidden: three widths.
        samples, epochs, delta, batch: of each training. seed: of the first; the others follow.
        backend, dtype: "cpu", "float32" for speed; "reference", "float64" for checks.

    Attributes:
        runs: those that have ended, `StudyRun`s. total: of the whole study. keeps, seeds, samples, backend: as given.

    Raises:
        SettingError or one of its kinds: a setting is not allowed, or the data have not so many samples.
    """

    def __init__(
        self, data: Dataset, *, keeps: Sequence[float] = KEEPS, seeds: int = 8,
        hidden: tuple[int, int, int] = (128, 128, 128), samples: int = 200, epochs: int = 60, delta: float = 0.2,
        batch: int = 50, seed: int = 0, backend: str = "cpu", dtype: str = "float32",
    ) -> None:  # fmt: skip
        self.keeps = tuple(check_keep(keep) for keep in keeps)
        if 1.0 not in self.keeps or len(set(self.keeps)) < len(self.keeps):
            raise SettingError(
                f"keeps = {tuple(keeps)} is not allowed. Name each p once, and 1 (no dropout) among them."
            )
        self.seeds = range(check_count("seed", seed, low=0), seed + check_count("seeds", seeds))
        check_count("samples", samples, low=2, high=len(data.train_x))
        check_count("epochs", epochs), check_delta(delta)
        self.data, self.samples, self.backend = data, samples, backend
        self._net = {
            "widths": widths(data.name, data.train_x.shape[1], data.classes, hidden),
            "batchnorm": False, "bias": True, "backend": backend, "dtype": dtype,
        }  # fmt: skip
        self._training = {"delta": delta, "K": 1, "batch": min(batch, samples), "epochs": epochs}
        self._rounds = epochs * -(-samples // min(batch, samples))
        self.runs: list[StudyRun] = []
        self._events = self._begin()

    def __iter__(self) -> "DropoutStudy":
        return self

    def __next__(self) -> Waiting | StudyRun:
        return next(self._events)

    def close(self) -> None:
        """End the run that is under way."""
        self._events.close()

    @property
    def total(self) -> int:
        """Runs of the whole study."""
        return len(self.keeps) * len(self.seeds)

    def of(self, keep: float) -> list[StudyRun]:
        """The runs with one p that arrived at finite numbers, in the order of the seeds."""
        return [run for run in self.runs if run.keep == keep and np.isfinite(run.test_loss)]

    def spread(self, field: str) -> Spread:
        """Median and range over the seeds of a field of `StudyRun`, for each of `keeps`."""
        return spread([[getattr(run, field) for run in self.of(keep)] for keep in self.keeps])

    def verdict(self, keep: float) -> Verdict | None:
        """p against no dropout, paired by seed; None before two seeds have run both."""
        without = {run.seed: run.test_loss for run in self.of(1.0)}
        differences = [run.test_loss - without[run.seed] for run in self.of(keep) if run.seed in without]
        found = mean_interval(differences)
        return None if found is None else Verdict(keep, *found, len(differences))

    # ---- inside

    def _begin(self) -> Generator[Waiting | StudyRun, None, None]:
        for seed in self.seeds:
            part = subset(self.data, self.samples, seed)
            for keep in self.keeps:
                ended = yield from self._run(part, keep, seed)
                self.runs.append(ended)
                yield ended

    def _run(self, data: Dataset, keep: float, seed: int) -> Generator[Waiting, None, StudyRun]:
        net = NN4(**self._net, keep=keep, seed=seed)  # type: ignore[arg-type]
        end: EpochDone | None = None
        with train(net, data, **self._training) as run:  # type: ignore[arg-type]
            try:
                for event in run:
                    end = event if isinstance(event, EpochDone) else end
                    yield Waiting(f"training p = {keep:g}, seed {seed}", net.step, min(net.step / self._rounds, 1.0))
            except NotFiniteError:
                end = None
        if end is None:
            return StudyRun(keep, seed, *(float("nan"),) * 4)
        errors = (1 - end.train_accuracy, 1 - end.test_accuracy)
        return StudyRun(keep, seed, end.train_loss, end.test_loss, *errors)


def subset(data: Dataset, samples: int, seed: int) -> Dataset:
    """The same data with so many of the training samples, chosen by the seed."""
    rows = epoch_order(seed, 0, len(data.train_x))[: check_count("samples", samples, high=len(data.train_x))]
    print_of_part = sha256(f"{data.fingerprint}; {samples} samples by seed {seed}".encode()).hexdigest()
    return replace(
        data, train_x=data.train_x[rows], train_y=data.train_y[rows], fingerprint=print_of_part,
        source=f"{data.source}; {samples} of the training samples, by seed {seed}",
    )  # fmt: skip
