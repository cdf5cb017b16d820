"""Training steps beside the peers' own: the heart of the bench.

Run as a module it is the process that measures with several threads: XLA fixes the number of its threads when it
starts, so one process measures with one number.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from lab.bench.child import Child, answer, messages
from lab.bench.lab_step import LabStep
from lab.bench.peers import COMPILED, PEERS, why_not
from lab.bench.rows import ratio_row
from lab.bench.session import Session
from lab.bench.timing import cores, interleaved, short_of
from lab.bench.workloads import Task, Workload, make_task
from lab.blas import set_blas_threads

NAME = "NN4 step"


def step_rows(session: Session, workload: Workload, rounds: int | None = None) -> None:
    """Add a row for each peer that can take this step; on as many cores as the workload has threads.

    Args:
        rounds: of measurements; None: as many as the session has.
    """
    rounds = session.rounds if rounds is None else rounds
    note, tick = short_of(workload.threads), partial(session.tick, workload.threads)
    with cores(workload.threads):
        task = make_task(workload)
        set_blas_threads(1)
        with LabStep(task, shards=workload.threads) as ours:
            steps = {"lab": ours} | _peers(session, task)
            if len(steps) > 1:
                times = interleaved(steps, rounds, session.seconds, tick, _blas_of(workload.threads))
                for peer in list(steps)[1:]:
                    session.rows.append(
                        ratio_row(
                            NAME, workload.size, peer, times[peer], times["lab"], workload.goals.get(peer),
                            batch=workload.batch, threads=workload.threads, dtype=workload.dtype, note=note,
                        )
                    )  # fmt: skip


def _peers(session: Session, task: Task) -> dict[str, Callable[[], None]]:
    """The peers' steps, each taken once; who fails is noted and left out."""
    steps = {}
    for peer in session.peers:
        if peer == COMPILED and not task.workload.compiled:
            continue
        try:
            step = PEERS[peer](task)
            step()
        except Exception as error:  # whatever it is: the others go on
            session.note(why_not(peer, error))
        else:
            steps[peer] = step
    return steps


def _blas_of(threads: int) -> Callable[[str], None]:
    """Before each measurement: NumPy's products use all threads, the lab's one each (its workers are its threads)."""
    return lambda name: set_blas_threads(threads if name == "numpy" else 1)


def step_rows_elsewhere(session: Session, workloads: Sequence[Workload], rounds: int | None = None) -> None:
    """`step_rows` for some workloads in a process of their own; the rows come as they are found."""
    first = {
        "peers": session.peers,
        "rounds": session.rounds if rounds is None else rounds,
        "seconds": session.seconds,
        "workloads": [asdict(workload) for workload in workloads],
    }
    with Child("lab.bench.steps", first) as child:
        while not (message := child.hear()).get("done"):
            if "calibration" in message:
                session.calibration.keep(message["calibration"], message["threads"])
                session.advance()
            session.rows += message.get("rows", [])
            for sentence in message.get("notes", []):
                session.note(sentence)


def _measure(task: dict[str, Any]) -> None:
    """In that process: measure all workloads, and tell every round, row and note."""
    workloads = [Workload(**fields) for fields in task.pop("workloads")]
    session = Session(**task)
    for workload in workloads:
        session.advance = partial(_tell_round, session, workload.threads)
        session.rows.clear()
        step_rows(session, workload)
        answer({"rows": session.rows, "notes": session.notes})
    answer({"done": True})


def _tell_round(session: Session, threads: int) -> None:
    answer({"calibration": session.calibration.last, "threads": threads})


if __name__ == "__main__":
    _measure(next(messages()))
