"""Temperature on a trained network: its logits divided by T, and what that does to accuracy, loss and calibration."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from lab.analysis.softmax.calibration import Reliability, best_temperature, reliability
from lab.analysis.softmax.precision import check_number
from lab.blas import one_blas_thread
from lab.checks import check_count
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import EpochDone, Waiting
from lab.layers import softmax
from lab.losses import softmax_cross_entropy
from lab.models.nn4 import NN4
from lab.rng import epoch_order
from lab.training import train

TEMPERATURES = 10.0 ** np.linspace(-1, 1, 41)


@dataclass(frozen=True)
class TemperatureSeen:
    """The trained network with its logits divided by T; loss in nats, accuracy as a share, on the test set.

    Attributes:
        fit_loss: of the samples that were held out to choose T. calibration: expected calibration error.
    """

    temperature: float
    fit_loss: float
    test_loss: float
    accuracy: float
    calibration: float


class TemperatureStudy:
    """An iterator: `Waiting` while a network learns, then one `TemperatureSeen` for each of TEMPERATURES.

    All samples of the data are dealt anew, by the net's seed: some to learn from, some to choose T with, and the rest
    to test, which decides nothing. So the last two come from one distribution.

    Args:
        net: learns here; more than one output. data: samples. samples, chosen: how many to learn from, and to choose T.
        epochs, delta, batch: of the training.

    Attributes:
        seen: all events of temperatures so far. best: T with the least loss on the samples to choose with; NaN before.
        test_z, test_y, test_x: logits (as soon as the network is trained), labels and inputs of the test.

    Raises:
        SettingError, ShapeError: what is not allowed, and what is.
    """

    def __init__(
        self, net: NN4, data: Dataset, *, samples: int = 300, chosen: int = 500, epochs: int = 100, delta: float = 0.5,
        batch: int = 50,
    ) -> None:  # fmt: skip
        if net.outputs == 1:
            raise SettingError("the net has one output and no softmax. Give one with an output for each class.")
        x, y = np.concatenate((data.train_x, data.test_x)), np.concatenate((data.train_y, data.test_y))
        check_count("samples", samples, low=2, high=len(x) - 2)
        check_count("chosen", chosen, high=len(x) - samples - 1)
        learn, choose, test = np.split(epoch_order(net.seed, 0, len(x)), [samples, samples + chosen])
        name = sha256(f"{data.fingerprint}; {samples}, {chosen} samples by seed {net.seed}".encode()).hexdigest()
        part = replace(
            data, train_x=x[learn], train_y=y[learn], test_x=x[test], test_y=y[test], fingerprint=name,
            source=f"{data.source}; dealt anew by seed {net.seed}",
        )  # fmt: skip
        self.net, self.classes, self.shape = net, data.classes, data.shape
        self.test_x, self.test_y = part.test_x, part.test_y
        self._fit_x, self._fit_y = x[choose], y[choose]
        self._run = train(net, part, delta=delta, K=1, batch=min(batch, samples), epochs=check_count("epochs", epochs))
        self._rounds = epochs * -(-samples // min(batch, samples))
        self.seen: list[TemperatureSeen] = []
        self.best = float("nan")
        self._fit_z, self.test_z = (np.full((len(each), net.classes), np.nan) for each in (choose, test))
        self._events = self._begin()

    def __iter__(self) -> "TemperatureStudy":
        return self

    def __next__(self) -> Waiting | TemperatureSeen:
        return next(self._events)

    def close(self) -> None:
        """End the training, if it goes on still."""
        self._events.close()
        self._run.close()

    @property
    def trained(self) -> bool:
        """Whether there are logits to divide."""
        return bool(np.isfinite(self.best))

    def at(self, temperature: float) -> tuple[TemperatureSeen, Reliability]:
        """The trained network at any T."""
        t = check_number("temperature", temperature)
        if t <= 0 or not self.trained:
            raise SettingError(
                f"temperature = {t:g} is not allowed. Give a number above 0, once the network is trained."
            )
        found = reliability(self.probabilities(t), self.test_y)
        fit, test = (
            softmax_cross_entropy(self._fit_z / t, self._fit_y),
            softmax_cross_entropy(self.test_z / t, self.test_y),
        )
        right = (self.test_z / t).argmax(axis=1) == self.test_y
        return TemperatureSeen(t, fit, test, float(right.mean()), found.error), found

    def probabilities(self, temperature: float) -> np.ndarray:
        """softmax(z / T) of the test set, (N, C)."""
        return softmax(self.test_z / temperature)[0]

    # ---- inside

    def _begin(self) -> Generator[Waiting | TemperatureSeen, None, None]:
        for event in self._run:
            if not isinstance(event, EpochDone):
                yield Waiting("training the network", self.net.step, min(self.net.step / self._rounds, 1.0))
        self._fit_z, self.test_z = self._logits(self._fit_x), self._logits(self.test_x)
        self.best = best_temperature(self._fit_z, self._fit_y)
        for temperature in TEMPERATURES:
            self.seen.append(self.at(temperature)[0])
            yield self.seen[-1]

    def _logits(self, x: np.ndarray) -> np.ndarray:
        """Logits in test mode, (N, C)."""
        with one_blas_thread():
            return self.net.trace(x)[f"z{self.net.depth}"].astype(np.float64)
