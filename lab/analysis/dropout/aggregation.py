"""Model aggregation: the mean prediction of T masked networks beside the one pass of the whole network."""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lab.blas import one_blas_thread
from lab.checks import check_count
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import EpochDone, Waiting
from lab.models.nn4 import NN4
from lab.rng import FREE_PASSES
from lab.training import train

SIZES = (1, 2, 4, 8, 16, 32, 64)
TINY = 1e-12  # a probability of 0 would cost an infinite loss


@dataclass(frozen=True)
class Score:
    """Of predicted probabilities on the test set: mean cross-entropy in nats, and the share that is misread."""

    loss: float
    error: float


@dataclass(frozen=True, eq=False)
class Member:
    """One more masked network looked at the test set: its number from 1, its probabilities (N, C) and its score."""

    number: int
    probabilities: np.ndarray
    score: Score


class Aggregation:
    """An iterator: `Waiting` while a network with dropout learns, then one `Member` after the other.

        p_T(y | x) = 1/T sum over t of p(y | x, mask_t)        beside        p(y | x, no mask)

    The 2^units masked networks share their weights; training with dropout trains all of them, and the pass without
    masks stands for their mean. It is exactly the (normalized) geometric mean where only the last layer has dropout.

    Args:
        net: learns here unless `epochs` is 0. Batchnorm must be off: its batch statistics would differ, too.
        data: to learn and to be tested with. epochs, delta, batch: of the training. most: members; then it ends.

    Attributes:
        whole: probabilities in test mode, (N, C), and whole_score; NaN until the network is trained.
        scores: by T of SIZES, the scores of ensembles of T that share no member.

    Raises:
        SettingError: the net has batchnorm on, or a number is not allowed. ShapeError: the data do not fit the net.

    Source: Srivastava et al. 2014, sections 1 and 7.5 (Monte-Carlo model averaging); Baldi & Sadowski 2013.
    """

    def __init__(
        self, net: NN4, data: Dataset, *, epochs: int = 30, delta: float = 0.2, batch: int = 128, most: int = 2000
    ) -> None:
        if net.batchnorm:
            raise SettingError(
                "batchnorm is on, and the means of a batch with masks are not those of the whole network: two things "
                "would differ at once. Make the net with batchnorm=False, bias=True."
            )
        self.net, self.data, self.most = net, data, check_count("most", most, low=1)
        self.scores: dict[int, list[Score]] = {T: [] for T in SIZES}
        self.whole = np.full((len(data.test_x), net.classes), np.nan)
        self.whole_score = Score(np.nan, np.nan)
        self._sums = {T: np.zeros((len(data.test_x), net.classes)) for T in SIZES}
        self._last: deque[np.ndarray] = deque(maxlen=max(SIZES))
        self._epochs = check_count("epochs", epochs, low=0)
        self._run = train(net, data, delta=delta, K=1, batch=batch, epochs=epochs) if epochs else None
        self._events = self._begin()

    def __iter__(self) -> "Aggregation":
        return self

    def __next__(self) -> Waiting | Member:
        return next(self._events)

    def close(self) -> None:
        """End the training, if it goes on still."""
        self._events.close()
        if self._run is not None:
            self._run.close()

    @property
    def members(self) -> int:
        """Masked networks of which the last mean may be taken."""
        return len(self._last)

    def mean(self, T: int) -> np.ndarray:
        """Mean prediction of the last T masked networks, or of as many as there are, (N, C)."""
        last = list(self._last)[-check_count("T", T) :]
        if not last:
            raise SettingError("no masked network has predicted yet. Take an event of this iterator first.")
        return np.mean(last, axis=0)

    def score(self, probabilities: np.ndarray) -> Score:
        """Of predictions for the test set."""
        y = self.data.test_y
        of_label = probabilities[np.arange(len(y)), y]
        wrong = probabilities.argmax(axis=1) != y
        return Score(float(-np.log(np.maximum(of_label, TINY)).mean()), float(wrong.mean()))

    # ---- inside

    def _begin(self) -> Generator[Waiting | Member, None, None]:
        if self._run is not None:
            for event in self._run:
                done = event.done if isinstance(event, Waiting) else event.step / max(self._rounds(), 1)
                if not isinstance(event, EpochDone):
                    yield Waiting("training the network", self.net.step, min(done, 1.0))
        self.whole = self._probabilities(None)
        self.whole_score = self.score(self.whole)
        for number in range(1, self.most + 1):
            p = self._probabilities(FREE_PASSES + number)
            self._last.append(p)
            for T, total in self._sums.items():
                total += p
                if number % T == 0:
                    self.scores[T].append(self.score(total / T))
                    total[...] = 0
            yield Member(number, p, self.score(p))

    def _rounds(self) -> int:
        samples = len(self.data.train_x)
        batch = self._run.settings.batch if self._run is not None else None
        return self._epochs * -(-samples // (batch or samples))

    def _probabilities(self, step: int | None) -> np.ndarray:
        """Of all classes, also where the net has one output; a step names the masks, None is test mode."""
        net, x = self.net, self.data.test_x
        with one_blas_thread():
            y = net(x) if step is None else net(x, "train", step)
        return np.concatenate((1 - y, y), axis=1, dtype=np.float64) if net.outputs == 1 else y.astype(np.float64)
