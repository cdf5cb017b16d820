"""A training run: an iterator of frozen events.

It knows no view, starts no thread of its own and calls nobody back. Whoever iterates decides when it goes
on; between two events everything that it needs to continue is in the run, so it can be changed,
saved, left and taken up again at any event.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lab.blas import one_blas_thread
from lab.checkpoint import Checkpoint, check_writable, write_checkpoint
from lab.data import Dataset
from lab.errors import SettingError
from lab.events import Changed, EpochDone, Evaluated, Event, Finished, RoundDone, Waiting
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import Step, sync_sgd_round
from lab.training.accounting import EpochSums, accounted
from lab.training.changes import apply_changes, check_changes, merged
from lab.training.evaluation import Score, evaluate
from lab.training.history import History
from lab.training.schedule import Schedule
from lab.training.settings import Settings, check_settings, notes
from lab.workers import Round, Workers, make_workers

QUIET = 0.02  # a long piece of work says `Waiting` when nothing was said for so many seconds
SAVE_EVERY = 10.0  # seconds between two checkpoints within an epoch
LOOK = 2000  # samples that an `Evaluated` within an epoch takes of the training subset and of the test set


class Run:
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
        self.net, self.data = net, data
        self.settings = check_settings(settings, net, len(data.train_x))
        self.checkpoint = None if checkpoint is None else check_writable(checkpoint)
        self.checkpoint_every = checkpoint_every
        self.history = History()
        self.epoch = 1
        self.rows = np.empty(0, np.int64)
        self._offset = 0  # samples of this epoch that are done
        self._sums = EpochSums()
        self._schedule = Schedule(net.seed, len(data.train_x))
        self._pending: dict[str, Any] = {}
        self._workers: Workers | None = None
        self._ended = False
        self._events: Iterator[Event] = self._generate()
        self._said = self._saved = time.perf_counter()

    # ---- for whoever iterates

    @property
    def step(self) -> int:
        return self.net.step

    @property
    def notes(self) -> list[str]:
        """What a learner should know before the run: fallen back data, idle workers."""
        return ([self.data.note] if self.data.note else []) + notes(self.settings)

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
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
        net, data, settings = self.net, self.data, self.settings
        return {
            "data": data.name, "classes": data.classes, "widths": list(net.widths), "keep": net.keep,
            "batchnorm": net.batchnorm, "bias": net.bias, "seed": net.seed, "dtype": str(net.dtype),
            "backend": net.backend.name, "gemm": net.backend.gemm, "delta": settings.delta, "k": settings.K,
            "batch": settings.batch, "workers": settings.workers, "epochs": settings.epochs,
            "normalization": data.normalization, "source": data.source, "note": data.note,
            "parameters": net.layout.size, "fingerprint": data.fingerprint,
            "train_samples": len(data.train_x), "test_samples": len(data.test_x),
        }  # fmt: skip

    # ---- the run itself

    def _generate(self) -> Iterator[Event]:
        """All events from where the run stands; it can be started anew after any event."""
        while self.epoch <= self.settings.epochs:
            while (size := self._schedule.next_size(self.settings, self._offset)) > 0:
                if changed := self._apply_changes():
                    yield changed
                    continue  # a change of K moves the end of the epoch
                yield from self._round(size)
                self._save_if_due()
                if self._looks_due():
                    yield from self._look()
            yield from self._finish_epoch()
        yield Finished(
            self.step, self.epoch - 1, sum(epoch.seconds for epoch in self.history.epochs), self.net.sha256()
        )

    def _round(self, size: int) -> Iterator[Event]:
        start = time.perf_counter()
        net, settings = self.net, self.settings
        if self._workers is None or self._workers.name != settings.workers:
            self._replace_workers()
        assert self._workers is not None
        self.rows = index = self._schedule.indices(settings, self.epoch, self._offset, size)
        task = Round(net, self.data.train_x, self.data.train_y, index, self.step, settings.K)
        held = [name for name in net.layout.names if settings.hold and name.startswith(("gamma", "beta"))]
        work = sync_sgd_round(task, settings.delta, self._workers, held)
        step: Step = yield from self._watched(work, f"gradients of round {self.step}")

        seconds = time.perf_counter() - start
        done = RoundDone(
            step=self.step,
            epoch=self.epoch,
            rounds=self._schedule.rounds(settings),
            round=self._offset // settings.round_size(len(self.data.train_x)),
            samples=size,
            loss=step.outcome.loss,
            gradient_norm=step.gradient_norm,
            shards=step.outcome.reports,
            reduce=step.outcome.reduce,
            update=step.update,
            overhead=seconds - accounted(step),
            seconds=seconds,
        )
        net.step += 1
        self._offset += size
        self._sums.add(done)
        yield done

    def _looks_due(self) -> bool:
        """Whether an `Evaluated` comes now; the end of an epoch is evaluated anyway."""
        every = self.settings.evaluate_every
        return (
            every is not None and self.step % every == 0 and self._schedule.next_size(self.settings, self._offset) > 0
        )

    def _look(self) -> Iterator[Event]:
        start = time.perf_counter()
        rows, test_rows = self._schedule.subset()[:LOOK], self._schedule.test_subset(len(self.data.test_x))[:LOOK]
        train, test = yield from self._scores(rows, test_rows)
        yield Evaluated(
            self.step, self.epoch, max(len(rows), len(test_rows)), train.loss, train.accuracy,
            test.loss, test.accuracy, time.perf_counter() - start,
        )  # fmt: skip

    def _scores(self, train_rows: np.ndarray, test_rows: np.ndarray | slice) -> Any:
        """Scores of the net, as it is, on some rows of the training and of the test set."""
        data = self.data
        train: Score = yield from self._watched(
            evaluate(self.net, data.train_x[train_rows], data.train_y[train_rows]), "evaluation on training data"
        )
        test: Score = yield from self._watched(
            evaluate(self.net, data.test_x[test_rows], data.test_y[test_rows]), "evaluation on test data"
        )
        return train, test

    def _finish_epoch(self) -> Iterator[Event]:
        start = time.perf_counter()
        train, test = yield from self._scores(self._schedule.subset(), slice(None))
        sums = self._sums
        done = EpochDone(
            epoch=self.epoch,
            step=self.step,
            samples=sums.samples,
            loss=sums.mean_loss,
            train_loss=train.loss,
            train_accuracy=train.accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            seconds=sums.seconds,
            evaluation=time.perf_counter() - start,
            compute=tuple(sums.compute),
            wait=tuple(sums.wait),
        )
        self.epoch += 1
        self._offset = 0
        self._sums = EpochSums()
        yield done
        if self.checkpoint is not None:
            self.save()

    def _apply_changes(self) -> Changed | None:
        """Let the waiting changes act; None where they make no difference.

        A learner's `if run.step == 20: run.change(keep=0.5)` is met again at the `Changed` event, which has
        the same step: were that one told, too, the loop would never end.
        """
        changes, self._pending = self._pending, {}
        self.settings, acted = apply_changes(changes, self.settings, self.net)
        return Changed(self.step, self.epoch, acted) if acted else None

    def _watched(self, work: Any, doing: str) -> Any:
        """Run a generator to its end, with the BLAS at one thread; says `Waiting` when it was quiet for long."""
        with one_blas_thread(), closing(work):
            while True:
                try:
                    done = next(work)
                except StopIteration as end:
                    return end.value
                if time.perf_counter() - self._said > QUIET:
                    yield Waiting(doing, self.step, done)

    def _replace_workers(self) -> None:
        if self._workers is not None:
            self._workers.close()
        self._workers = make_workers(self.settings.workers)

    def _save_if_due(self) -> None:
        if self.checkpoint is None:
            return
        if self.checkpoint_every is not None:
            due = self.step % self.checkpoint_every == 0
        else:
            due = time.perf_counter() - self._saved > SAVE_EVERY
        if due:
            self.save()

    def _state(self) -> dict[str, Any]:
        """What a checkpoint holds beside the vectors."""
        net, data = self.net, self.data
        return {
            "net": {
                "widths": list(net.widths), "keep": net.keep, "batchnorm": net.batchnorm, "bias": net.bias,
                "seed": net.seed, "dtype": str(net.dtype), "backend": net.backend.name, "gemm": net.backend.gemm,
            },
            "step": net.step, "running_rounds": net.running_rounds, "epoch": self.epoch, "offset": self._offset,
            "sums": asdict(self._sums), "settings": asdict(self.settings), "pending": self._pending,
            "data": {"name": data.name, "classes": data.classes, "fingerprint": data.fingerprint, "note": data.note},
            "history": self.history.to_plain(), "sha256": net.sha256(),
        }  # fmt: skip
