"""Synchronous SGD on two cores: the lab's K = P = 2 against PyTorch's DistributedDataParallel on two processes.

DDP's ranks are processes that cannot take turns with us call by call. So they take turns in blocks: told to, both
ranks take n steps and report their seconds; otherwise they wait for a word and use no processor.

Efficiency is weak scaling, on work that grows with the workers: samples a second of K = P = 2 on the batch over
twice the samples a second of K = P = 1 on half of it.
"""

import tempfile
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from lab.bench.child import Child, ChildError
from lab.bench.goals import DDP, EFFICIENCY
from lab.bench.lab_step import LabStep
from lab.bench.rows import quartiles, ratio_row, row
from lab.bench.session import Session
from lab.bench.timing import cores, interleaved, short_of
from lab.bench.workloads import Workload, make_task

NAME = "sync SGD, K = P = 2"
BATCH = 512
RANKS = 2


def ddp_rows(session: Session, size: str = "mnist10", batch: int = BATCH) -> None:
    """Add the rows of DDP (where torch takes part) and of the efficiency."""
    tick, short = partial(session.tick, RANKS), short_of(RANKS)
    whole, half = Workload(size, batch), Workload(size, batch // RANKS)
    about: dict[str, Any] = {"batch": batch, "threads": RANKS, "note": short}
    with (
        cores(RANKS) as chosen,
        LabStep(make_task(whole), shards=RANKS) as ours,
        LabStep(make_task(half)) as alone,
        _ranks(session, size, batch, chosen) as ranks,
    ):
        steps: dict[str, Any] = {"lab": ours, "half": alone} | ({"DDP": ranks} if ranks else {})
        times = interleaved(steps, session.rounds, session.seconds, tick)
    if ranks:
        goal = None if short else DDP
        session.rows.append(ratio_row(NAME, size, "torch DDP", times["DDP"], times["lab"], goal, **about))
    about["note"] = short or f"efficiency: samples/s over twice those of one worker on a batch of {batch // RANKS}"
    efficiency, goal = quartiles(times["half"] / times["lab"]), None if short else EFFICIENCY
    session.rows.append(row(NAME, size, None, efficiency, goal, unit="efficiency", **about))


def _ranks(session: Session, size: str, batch: int, chosen: list[int]) -> "Ranks | AbstractContextManager[None]":
    """DDP's processes; where they cannot be, nothing, and a note that says why."""
    if "torch" not in session.peers:
        session.note("DDP was left out: torch does not take part.")
        return nullcontext()
    try:
        return Ranks(size, batch, chosen)
    except ChildError as error:
        session.note(f"DDP was left out: {error}")
        return nullcontext()


class Ranks:
    """The processes of a DDP training with gloo on this machine, each with one thread on a core of its own.

    Args:
        chosen: the cores that they may use; empty: wherever the system puts them.
    """

    def __init__(self, size: str, batch: int, chosen: list[int]) -> None:
        self.children: list[Child] = []
        self._folder = tempfile.TemporaryDirectory(prefix="nn4-bench-", ignore_cleanup_errors=True)
        self._last = 0.0
        try:
            for rank in range(RANKS):
                first = {
                    "rank": rank,
                    "ranks": RANKS,
                    "store": (Path(self._folder.name) / "store").as_uri(),
                    "core": chosen[rank % len(chosen)] if chosen else None,
                    "size": size,
                    "batch": batch // RANKS,
                }
                self.children.append(Child("lab.bench.ddp_rank", first))
            for child in self.children:
                child.hear()
        except BaseException:
            self.close(at_once=True)
            raise

    def __call__(self) -> None:
        """One step of all ranks."""
        self._last = self._block(1)

    def measure(self, seconds: float) -> float:
        """Seconds of a step, over a block of about `seconds`."""
        self._last = self._block(max(1, round(seconds / self._last)))
        return self._last

    def _block(self, steps: int) -> float:
        for child in self.children:
            child.tell({"steps": steps})
        return max(child.hear()["seconds"] for child in self.children) / steps

    def close(self, at_once: bool = False) -> None:
        """End all ranks."""
        for child in self.children:
            child.hang_up()  # all of them first: a rank says goodbye to the others
        for child in self.children:
            child.close(at_once)
        self._folder.cleanup()

    def __enter__(self) -> "Ranks":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=error is not None)
