"""What happens in a training run, event after event: rounds, looks between them, ends of epochs.

Between two events everything that is needed to continue is in attributes, so a run can be changed, saved, left and
taken up again at any event; and after an error or an interrupt it stands after its last whole round.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np

from lab.blas import one_blas_thread
from lab.data import Dataset
from lab.events import Changed, EpochDone, Evaluated, Event, Finished, RoundDone, Waiting
from lab.models.nn4 import NN4
from lab.optim.sync_sgd import Step, sync_sgd_round
from lab.training.accounting import EpochSums, accounted
from lab.training.changes import apply_changes
from lab.training.evaluation import Score, evaluate
from lab.training.history import History
from lab.training.interrupts import Interrupts
from lab.training.schedule import Schedule
from lab.training.settings import Settings, check_settings
from lab.workers import Round, Workers, make_workers

QUIET = 0.02  # a long piece of work says `Waiting` when nothing was said for so many seconds
LOOK = 2000  # samples that an `Evaluated` within an epoch takes of the training subset and of the test set


class Loop:
    """The state of a run and the generator of its events; `Run` is what a caller sees of it."""

    def __init__(self, net: NN4, data: Dataset, settings: Settings) -> None:
        self.net, self.data = net, data
        self.settings = check_settings(settings, net, len(data.train_x))
        self.history = History()
        self.epoch = 1
        self.rows = np.empty(0, np.int64)
        self._offset = 0  # samples of this epoch that are done
        self._look_owed = False
        self._sums = EpochSums()
        self._schedule = Schedule(net.seed, len(data.train_x))
        self._pending: dict[str, Any] = {}
        self._workers: Workers | None = None
        self._interrupts = Interrupts()
        self._said = time.perf_counter()

    @property
    def step(self) -> int:
        return self.net.step

    def _save_if_due(self, ended: bool) -> None:
        """After a round, or at the end of an epoch."""
        raise NotImplementedError

    def _replace_workers(self) -> None:
        if self._workers is not None:
            self._workers.close()
        self._workers = make_workers(self.settings.workers)

    def _generate(self) -> Iterator[Event]:
        """All events from where the run stands; it can be started anew after any event."""
        while self.epoch <= self.settings.epochs:
            while (size := self._schedule.next_size(self.settings, self._offset)) > 0:
                if self._look_owed:  # from the last round, also where it was interrupted
                    yield from self._look()
                if changed := self._apply_changes():
                    yield changed
                    continue  # a change of K moves the end of the epoch
                yield from self._round(size)
                self._save_if_due(ended=False)
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
        self._look_owed = settings.evaluate_every is not None and self.step % settings.evaluate_every == 0
        yield done

    def _look(self) -> Iterator[Event]:
        start = time.perf_counter()
        rows, test_rows = self._schedule.subset()[:LOOK], self._schedule.test_subset(len(self.data.test_x))[:LOOK]
        train, test = yield from self._scores(rows, test_rows)
        self._look_owed = False
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
        self._offset, self._look_owed = 0, False  # the end of an epoch is evaluated anyway
        self._sums = EpochSums()
        yield done
        self._save_if_due(ended=True)

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
                self._interrupts.let_through()  # here, and when an event is whole: nowhere else
                try:
                    done = next(work)
                except StopIteration as end:
                    return end.value
                if time.perf_counter() - self._said > QUIET:
                    yield Waiting(doing, self.step, done)
