"""What the dashboards of NN4 share: data without waiting, a run that remembers times and rows, changes in words."""

from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

import lab
from lab.errors import DataMissingError
from lab.events import Event, RoundDone
from lab.presets import widths

SMALL = (128, 64, 32)  # hidden widths of a network whose passes are looked into
RECENT = 20  # rounds whose median time is shown: a single one is disturbed by whatever else the machine does


class WatchedRun:
    """A run of `lab.train` that keeps what no single event tells.

    Attributes:
        run: the run itself. change, close: its own. rounds: of an epoch; 0 before the first.
        wanted: the backend that was asked for.
    """

    def __init__(self, run: lab.Run, wanted: str) -> None:
        self.run, self.wanted = run, wanted
        self.change, self.close = run.change, run.close
        self.rounds = 0
        self._noted: tuple[Any, str] = (None, "")  # settings, and what there is to say of their workers
        self._times: deque[np.ndarray] = deque(maxlen=RECENT)

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = next(self.run)
        if isinstance(event, RoundDone):
            self.rounds = event.rounds
            times = worker_times(event, self.workers)
            if self._times and self._times[-1].shape != times.shape:
                self._times.clear()  # P was changed: there is no median over other workers
            self._times.append(times)
        return event

    @property
    def note(self) -> str:
        """What the status line should say of this run: that NumPy computes it, because the kernels were not there.

        Else of its workers: that there are more of them than cores, or than mini-batches.
        """
        if self._noted[0] is not self.run.settings:
            self._noted = self.run.settings, " ".join(self.run.notes[bool(self.run.data.note) :])
        return note_of(self.run.net.backend.name, self.wanted) or self._noted[1]

    @property
    def workers(self) -> int:
        """P."""
        return int(self.run.settings.workers.partition(":")[2] or 1)

    @property
    def data(self) -> str:
        """Which data this run learns, in two words."""
        return {"mnist": "MNIST", "digits": "small digits"}.get(self.run.data.name, self.run.data.name)

    @property
    def sizes(self) -> str:
        """How many samples they are."""
        return f"{len(self.run.data.train_x):,} to learn, {len(self.run.data.test_x):,} to test"

    @property
    def times(self) -> np.ndarray:
        """Median over the last rounds, (2, P): ms that every worker computed, and waited for the slowest."""
        return np.median(self._times, axis=0) if self._times else np.zeros((2, self.workers))

    def mask(self, layer: int, keep: float, samples: int, units: int) -> np.ndarray:
        """The mask of the last round at the input of a layer, bool (samples, units), as another `keep` would have it.

        The rows are the round's first samples; before the first round, the training set's.
        """
        net = self.run.net
        rows = self.run.rows[:samples] if len(self.run.rows) else np.arange(samples)
        return lab.dropout_mask(net.seed, rows, min(net.widths[layer - 1], units), keep, max(net.step - 1, 0), layer)


def worker_times(event: RoundDone, workers: int) -> np.ndarray:
    """Of one round, (2, P): ms that every worker computed, and waited; who had nothing to do waited all the time."""
    times = np.zeros((2, workers))
    for report in event.shards:
        times[:, report.worker] += report.copy_in + report.compute + report.copy_out, report.wait
    times[1, times[0] == 0] = times.sum(axis=0).max()
    return 1e3 * times


def backend_at_once(wanted: str) -> str:
    """The backend that can begin now: NumPy's where the kernels of "cpu" are not compiled yet, which is begun then.

    Results differ by rounding only, and never in the middle of a run: it keeps its backend to its end.
    """
    if wanted != "cpu" or lab.kernels_ready():
        return wanted
    lab.compile_kernels()
    return "reference"


def note_of(computing: str, wanted: str) -> str:
    """What the status line says where another backend computes than the one that was asked for."""
    if computing == wanted:
        return ""
    if lab.kernels_ready():
        return "computed by NumPy; the fast kernels are ready now, Reset takes them"
    return "computed by NumPy while the fast kernels are compiled, once, for some 20 s"


def load_at_once(name: str, classes: int) -> lab.Dataset:
    """Data without a download: "digits", "mnist", or "auto", which takes the digits where MNIST is not here.

    Raises:
        DataMissingError: MNIST was asked for by name, and is not here. DataFileError: one of its files is damaged.
    """
    if name != "digits":
        try:
            return _loaded("mnist", classes)
        except DataMissingError:
            if name == "mnist":
                raise DataMissingError(
                    "MNIST is not on this machine, and a dashboard does not wait for a download. "
                    "Run lab.load('mnist') in a cell (11 MB, once), then press Reset; or choose the small digits."
                ) from None
    return _loaded("digits", classes)


def small_net(name: str, seed: int, **settings: Any) -> tuple[lab.NN4, lab.Dataset]:
    """A small network whose passes can be looked into, and data for it: (64, 128, 64, 32, 10), NumPy, float64.

    Args:
        name: of the data, as for `load_at_once`. settings: of `lab.NN4`; without others there is no dropout.
    """
    data = load_at_once(name, 10)
    sizes = widths(data.name, data.train_x.shape[1], data.classes, SMALL)
    usual: dict[str, Any] = {"keep": 1.0, "seed": seed, "dtype": "float64", "backend": "reference"}
    return lab.NN4(sizes, **usual | settings), data


@lru_cache(maxsize=2)  # a reset must not read 200 MB again
def _loaded(name: str, classes: int) -> lab.Dataset:
    return lab.load(name, classes, download=False)


def spoken(changes: Mapping[str, Any]) -> str:
    """What a `Changed` event changed, in the words of the controls: "keep p = 0.5, gamma3 = 0"."""
    said = []
    for name, value in changes.items():
        if name in ("gamma", "beta"):
            said += [f"{name}{layer} = {number:g}" for layer, number in value.items()]
        elif name == "workers":
            said.append(f"P = {value.partition(':')[2] or 1}")
        elif isinstance(value, bool):
            said.append(f"{name} = {'on' if value else 'off'}")
        else:
            said.append(f"{'keep p' if name == 'keep' else name} = {value:g}")
    return ", ".join(said)
