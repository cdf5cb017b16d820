"""Dropout against batchnorm, from several seeds: what recomputed statistics do to the test accuracy of each network."""

from collections.abc import Generator

import numpy as np

from lab.analysis.batches import check_batch
from lab.analysis.batchnorm.variance_shift import ShiftSeen, VarianceShift
from lab.analysis.dropout.study import subset
from lab.analysis.spread import Spread, mean_interval, spread
from lab.checks import check_count, check_delta, check_keep
from lab.data import Dataset
from lab.events import RoundDone, Waiting
from lab.models.nn4 import NN4
from lab.presets import widths

KINDS = ("running", "recomputed")


class ShiftStudy:
    """An iterator: the events of a `VarianceShift`, of one network after the other, until all seeds have run.

    Args:
        data: its training set is cut to `samples` of it, others for every seed; the test set stays whole.
        keep: p of the training. seeds: how many networks. hidden: three widths.
        samples, epochs, delta, batch: of each training. every: rounds between two looks. seed: of the first; the
            others follow. backend, dtype: "cpu", "float32" for speed; "reference", "float64" for checks.

    Attributes:
        looks: of each network that has begun, its `ShiftSeen`s. ended: networks that have. keep, seeds, backend: as
            given. last: the newest look, or None.

    Raises:
        SettingError or one of its kinds: a setting is not allowed, or the data have not so many samples.
    """

    def __init__(
        self, data: Dataset, *, keep: float = 0.3, seeds: int = 8, hidden: tuple[int, int, int] = (128, 128, 128),
        samples: int = 1000, epochs: int = 10, delta: float = 0.2, batch: int = 100, every: int = 10, seed: int = 0,
        backend: str = "cpu", dtype: str = "float32",
    ) -> None:  # fmt: skip
        self.keep, self.backend = check_keep(keep), backend
        self.seeds = range(check_count("seed", seed, low=0), seed + check_count("seeds", seeds))
        check_count("samples", samples, low=2, high=len(data.train_x))
        self._training = {
            "delta": check_delta(delta), "batch": check_batch(min(batch, samples), samples),
            "epochs": check_count("epochs", epochs), "every": check_count("every", every),
        }  # fmt: skip
        self._net = {
            "widths": widths(data.name, data.train_x.shape[1], data.classes, hidden), "keep": keep,
            "backend": backend, "dtype": dtype,
        }  # fmt: skip
        self.data, self._samples = data, samples
        self._rounds = epochs * -(-samples // self._training["batch"])
        self.looks: list[list[ShiftSeen]] = []
        self.ended = 0
        self._events = self._begin()

    def __iter__(self) -> "ShiftStudy":
        return self

    def __next__(self) -> Waiting | RoundDone | ShiftSeen:
        return next(self._events)

    def close(self) -> None:
        """End the network that is under way."""
        self._events.close()

    @property
    def last(self) -> ShiftSeen | None:
        return next((looks[-1] for looks in reversed(self.looks) if looks), None)

    def spread(self, kind: str, field: str) -> tuple[np.ndarray, Spread]:
        """Rounds of the looks, and there median and range over all networks that have come so far.

        Args:
            kind: "running" or "recomputed". field: "accuracy" or "loss".
        """
        steps = [look.step for look in max(self.looks, key=len, default=[])]
        places: list[list[float]] = [[] for _ in steps]
        for looks in self.looks:
            for place, look in zip(places, looks, strict=False):
                place.append(getattr(getattr(look, kind), field))
        return np.array(steps), spread(places)

    def ends(self, kind: str) -> np.ndarray:
        """Test accuracies of the networks that have ended, in the order of their seeds."""
        return np.array([getattr(looks[-1], kind).accuracy for looks in self.looks[: self.ended]])

    @property
    def gain(self) -> tuple[float, float] | None:
        """Mean of recomputed less running accuracy, paired by network, and its 95 % half-width; None below two."""
        return mean_interval(self.ends("recomputed") - self.ends("running"))

    # ---- inside

    def _begin(self) -> Generator[Waiting | RoundDone | ShiftSeen, None, None]:
        for seed in self.seeds:
            shift = VarianceShift(NN4(**self._net, seed=seed), subset(self.data, self._samples, seed), **self._training)  # type: ignore[arg-type]
            self.looks.append(shift.looks)
            try:
                for event in shift:
                    self.ended += isinstance(event, ShiftSeen) and event.step == self._rounds
                    yield event
            finally:
                shift.close()
