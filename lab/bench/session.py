"""What the parts of a bench share: who takes part, how long, and what has been found so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.bench.calibration import Calibration
from lab.bench.peers import package


@dataclass
class Session:
    """One bench.

    Attributes:
        peers: those that are installed, out of `PEERS`.
        rounds, seconds: measurements of each, and how long one is.
        advance: called after every round.
        rows, notes, floor: results; a note is a sentence about what could not be measured, or how it was.
    """

    peers: list[str]
    rounds: int
    seconds: float
    advance: Callable[[], None] = lambda: None
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    floor: dict[str, Any] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)

    def tick(self, threads: int = 1) -> None:
        """A round is done: look how quiet the machine is on so many cores, and say that it goes on."""
        self.calibration.measure(threads)
        self.advance()

    def note(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def has(self, name: str) -> bool:
        """Whether a package takes part, by any of its peers."""
        return any(package(peer) == name for peer in self.peers)
