"""Which samples a round takes: the arithmetic of epochs and rounds, and the orders with an address."""

import numpy as np

from lab import rng
from lab.training.settings import Settings

SUBSET = 5000  # training samples that are scored in test mode after every epoch
_SUBSET_EPOCH, _TEST_EPOCH = 2**32 - 1, 2**32 - 2  # the choice of samples to score has addresses that no epoch has


class Schedule:
    """Orders of a training set of `samples` samples under a seed; the last one is kept."""

    def __init__(self, seed: int, samples: int) -> None:
        self.seed, self.samples = seed, samples
        self._order: tuple[int, np.ndarray] | None = None
        self._subset: np.ndarray | None = None
        self._test_subset: np.ndarray | None = None

    def next_size(self, settings: Settings, offset: int) -> int:
        """Samples of the round after `offset` samples of an epoch; 0 where the epoch is over.

        The last round of an epoch is smaller, or left out where it has fewer than 2 K samples.
        """
        full = settings.round_size(self.samples)
        size = min(full, self.samples - offset)
        return 0 if size < min(full, 2 * settings.K) else size

    def rounds(self, settings: Settings) -> int:
        """Rounds of a whole epoch."""
        whole, rest = divmod(self.samples, settings.round_size(self.samples))
        return whole + (rest >= 2 * settings.K)

    def indices(self, settings: Settings, epoch: int, offset: int, size: int) -> np.ndarray:
        """Rows of the round; a round over the whole set needs no shuffling."""
        if self._order is None or self._order[0] != epoch:
            whole = settings.batch is None
            order = np.arange(self.samples) if whole else rng.epoch_order(self.seed, epoch, self.samples)
            self._order = epoch, order
        return self._order[1][offset : offset + size]

    def subset(self) -> np.ndarray:
        """Rows of the training samples that are scored: always the same ones, in a random but fixed order."""
        if self._subset is None:
            self._subset = rng.epoch_order(self.seed, _SUBSET_EPOCH, self.samples)[:SUBSET]
        return self._subset

    def test_subset(self, samples: int) -> np.ndarray:
        """Rows of a test set in a random but fixed order: its first ones need not be as hard as the others."""
        if self._test_subset is None:
            self._test_subset = rng.epoch_order(self.seed, _TEST_EPOCH, samples)
        return self._test_subset
