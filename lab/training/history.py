"""What a run remembers of itself: every epoch, every change, and as many rounds as a chart can show."""

from dataclasses import asdict, dataclass, field
from typing import Any

from lab.events import Changed, EpochDone, Event, RoundDone

MOST_POINTS = 2000


@dataclass
class History:
    """Bounded record of a run.

    Attributes:
        epochs, changes: all of them. rounds: (step, loss) of every `every`-th round, at most 2,000 points.
    """

    epochs: list[EpochDone] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    rounds: list[tuple[int, float]] = field(default_factory=list)
    every: int = 1
    seen: int = 0

    def add(self, event: Event) -> None:
        """Remember an event, if it is of a kind that is kept."""
        if isinstance(event, RoundDone):
            if self.seen % self.every == 0:
                self.rounds.append((event.step, event.loss))
            self.seen += 1
            if len(self.rounds) > MOST_POINTS:
                self.rounds = self.rounds[::2]
                self.every *= 2
        elif isinstance(event, EpochDone):
            self.epochs.append(event)
        elif isinstance(event, Changed):
            self.changes.append(event)

    def to_plain(self) -> dict[str, Any]:
        """Lists, dicts and numbers only, for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "History":
        """The inverse of `to_plain`, after a way through JSON."""
        return cls(
            epochs=[EpochDone(**_tuples(entry)) for entry in plain["epochs"]],
            changes=[Changed(**entry) for entry in plain["changes"]],
            rounds=[(step, loss) for step, loss in plain["rounds"]],
            every=plain["every"],
            seen=plain["seen"],
        )


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples: lists of numbers become tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
