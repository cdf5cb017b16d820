"""What a second worker brings: the same K = 2 mini-batches by P = 2 workers and by one, with the same weights."""

from functools import partial

from lab.bench.goals import LARGE, THREADS
from lab.bench.lab_step import LabStep
from lab.bench.rows import ratio_row
from lab.bench.session import Session
from lab.bench.timing import cores, interleaved, short_of
from lab.bench.workloads import Workload, make_task
from lab.errors import LabError


class UnequalWeightsError(LabError):
    """Two runs that must agree to the bit do not."""


def thread_rows(session: Session, workload: Workload) -> None:
    """Add the row of a workload.

    Raises:
        UnequalWeightsError: after the same number of steps the weights differ in any bit.
    """
    task, tick = make_task(workload), partial(session.tick, 2)
    with cores(2), LabStep(task, shards=2, workers=1) as one, LabStep(task, shards=2, workers=2) as two:
        times = interleaved({"P = 1": one, "P = 2": two}, session.rounds, session.seconds, tick)
        steps = check_equal(one, two)
    short = short_of(2)
    session.rows.append(
        ratio_row(
            "threads, K = 2", workload.size, "P = 1", times["P = 1"], times["P = 2"],
            THREADS if workload.batch >= LARGE and not short else None,
            batch=workload.batch, threads=2, dtype=workload.dtype,
            note=f"weights equal to the bit after {steps:,} steps" + (f"; {short}" if short else ""),
        )
    )  # fmt: skip


def check_equal(one: LabStep, two: LabStep) -> int:
    """Bring both to the same number of steps and compare; returns the number."""
    behind, ahead = sorted((one, two), key=lambda step: step.steps)
    while behind.steps < ahead.steps:
        behind()
    if one.net.sha256() != two.net.sha256():
        raise UnequalWeightsError(
            f"after {one.steps} steps of {one.net.widths} the weights of one worker and of two differ. "
            "They must be equal to the bit: this is a bug of the lab, and its times mean nothing."
        )
    return one.steps
