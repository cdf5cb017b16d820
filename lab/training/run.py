"""A training run: an iterator of frozen events.

It knows no view, starts no thread of its own and calls nobody back. Whoever iterates decides when it goes on.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lab.checkpoint import Checkpoint, check_writable, write_checkpoint
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import Event
from lab.models.nn4 import NN4
from lab.training.accounting import EpochSums
from lab.training.changes import check_changes, merged
from lab.training.described import described, state_of
from lab.training.history import History
from lab.training.loop import Loop
from lab.training.settings import Settings, notes

SAVE_EVERY = 10.0  # seconds between two checkpoints within an epoch


class Run(Loop):
    """Synchronous SGD on a net and a data set; made by `lab.train` or `lab.resume`.

    Attributes:
        net, data, settings: what is trained on what and how. history: see `History`.
        step: rounds done on this net. epoch: the epoch under way, from 1. rows: of the last round in the data set.
    """

    def __init__(
        self,
        net: NN4,
        data: Dataset,
        settings: Settings,
        checkpoint: str | Path | None = None,
        checkpoint_every: int | None = None,
    ) -> None:
        super().__init__(net, data, settings)
        self.checkpoint = None if checkpoint is None else check_writable(checkpoint)
        self.checkpoint_every = checkpoint_every
        self._ended = False
        self._untold: Event | None = None
        self._events: Iterator[Event] = self._generate()
        self._saved = time.perf_counter()

    @property
    def notes(self) -> list[str]:
        """What a learner should know before the run: fallen back data, idle workers."""
        return ([self.data.note] if self.data.note else []) + notes(self.settings)

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
        with self._interrupts:  # what was heard is raised where the block ends; the event is told when the run goes on
            if self._untold is None:
                self._untold = self._advance()
        event, self._untold = self._untold, None
        return event

    def _advance(self) -> Event:
        try:
            event = next(self._events)
        except StopIteration:
            self._ended = True
            self.close()
            raise
        except BaseException:  # an error or an interrupt: the run stands after its last whole round and can go on
            self._events = self._generate()
            raise
        self._said = time.perf_counter()
        self.history.add(event)
        return event

    def change(self, **changes: Any) -> None:
        """Change settings from the next round on; it will be told by a `Changed` event.

        Args:
            delta, keep, batchnorm, K, workers: as at the start.
            hold: True keeps all gamma and beta as they are, False lets them learn again.
            gamma, beta: (layer, value): all features of a layer get the value, and training goes on from there.

        Raises:
            SettingError or one of its kinds: nothing is changed then.
        """
        waiting = merged(self._pending, changes)
        self._pending = check_changes(waiting, self.settings, self.net, len(self.data.train_x))

    def snapshot(self) -> tuple[np.ndarray, np.ndarray]:
        """Copies of the parameters and the running statistics, as they are now."""
        return self.net.params.copy(), self.net.running.copy()

    def save(self, path: str | Path | None = None) -> Path:
        """Write a checkpoint, to the run's own file unless another is named.

        Raises:
            SettingError: neither has a name. CheckpointError: it cannot be written.
        """
        target = path or self.checkpoint
        if target is None:
            raise SettingError("this run has no checkpoint file. Name one: run.save('run.npz').")
        self._saved = time.perf_counter()
        return write_checkpoint(target, Checkpoint(self.net.params, self.net.running, self._state()))

    def close(self) -> None:
        """End the workers. The run can still be saved, and it goes on when it is iterated again."""
        self._events.close()  # type: ignore[attr-defined]
        self._events = self._generate()
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def restore(self, state: dict[str, Any]) -> None:
        """Take the place within the run from a checkpoint (its net and settings are restored by `lab.resume`)."""
        self.epoch, self._offset, self._sums = state["epoch"], state["offset"], EpochSums(**state["sums"])
        self.history = History.from_plain(state["history"])
        pending = dict(state["pending"])
        for name in ("gamma", "beta"):  # JSON turned the layers into texts
            if name in pending:
                pending[name] = {int(layer): value for layer, value in pending[name].items()}
        self._pending = pending

    def describe(self) -> dict[str, Any]:
        """Everything that made this run what it is, as plain values."""
        return described(self.net, self.data, self.settings)

    def _save_if_due(self, ended: bool) -> None:
        if self.checkpoint is None:
            return
        if self.checkpoint_every is not None:
            due = self.step % self.checkpoint_every == 0
        else:
            due = time.perf_counter() - self._saved > SAVE_EVERY
        if due or ended:
            self.save()

    def _state(self) -> dict[str, Any]:
        """What a checkpoint holds beside the vectors."""
        place = {"epoch": self.epoch, "offset": self._offset, "sums": asdict(self._sums), "pending": self._pending}
        return state_of(self.net, self.data, self.settings) | place | {"history": self.history.to_plain()}
