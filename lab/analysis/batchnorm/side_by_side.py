"""Two or more training runs at the same pace: one round of each for an event."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import NotFiniteError, SettingError
from lab.events import Changed, EpochDone, Evaluated, RoundDone, Waiting
from lab.training import Run


@dataclass(frozen=True, eq=False)
class Abreast:
    """One round of every run.

    Attributes:
        step: rounds so far. rounds: by the run's name; a run that left the finite numbers is missing from then on.
        looks: evaluations that came with this round, by the run's name.
    """

    step: int
    rounds: dict[str, RoundDone]
    looks: dict[str, Evaluated | EpochDone]


class SideBySide:
    """An iterator: `Waiting` inside of a long round, then `Abreast`; it ends when no run goes on.

    Args:
        runs: by name, started with the same settings; they end with this one.

    Attributes:
        left: by the run's name, the round at which it left the finite numbers. seen: its last look.

    Raises:
        SettingError: there are no runs.
    """

    def __init__(self, runs: Mapping[str, Run]) -> None:
        if not runs:
            raise SettingError("no runs to set side by side. Give at least one: {'with': lab.train(...)}.")
        self.runs, self.left, self.step = dict(runs), dict[str, int](), 0
        self.seen: dict[str, Evaluated | EpochDone] = {}
        self._going = dict(runs)
        self._events = self._begin()

    def __iter__(self) -> "SideBySide":
        return self

    def __next__(self) -> Waiting | Abreast:
        return next(self._events)

    def change(self, **changes: Any) -> None:
        """Change every run, see `Run.change`: what one refuses, all do, as they began with the same settings."""
        for run in self.runs.values():
            run.change(**changes)

    def close(self) -> None:
        """End all runs."""
        self._events.close()
        for run in self.runs.values():
            run.close()

    # ---- inside

    def _begin(self) -> Generator[Waiting | Abreast, None, None]:
        while self._going:
            rounds: dict[str, RoundDone] = {}
            looks: dict[str, Evaluated | EpochDone] = {}
            for name in tuple(self._going):
                yield from self._round(name, rounds, looks)
            if rounds:
                self.step += 1
                yield Abreast(self.step, rounds, looks)

    def _round(self, name: str, rounds: dict, looks: dict) -> Generator[Waiting, None, None]:
        """The next round of a run; an evaluation that followed the last one comes with it."""
        try:
            while True:
                with np.errstate(over="ignore", invalid="ignore"):  # it is said by `left`
                    event = next(self._going[name])
                if isinstance(event, RoundDone):
                    rounds[name] = event
                    return
                if isinstance(event, Evaluated | EpochDone):
                    looks[name] = self.seen[name] = event
                elif not isinstance(event, Changed):
                    yield event if isinstance(event, Waiting) else Waiting(f"{name} ends", self.step, 1.0)
        except StopIteration:
            del self._going[name]
        except NotFiniteError:
            self.left[name] = self.step
            del self._going[name]
