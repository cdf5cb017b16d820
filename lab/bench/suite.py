"""All parts of a bench, in the order in which they are measured; what each is comes from a `Plan`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lab.bench import workloads
from lab.bench.peers import COMPILED
from lab.bench.session import Session
from lab.bench.workloads import Workload

SECTIONS = ("steps", "threads", "epoch", "ddp", "masks", "floor", "fresh")


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        steps, threads, floor: their workloads.
        rounds, seconds: measurements of each, and how long one is.
        few: rounds of a step for which no goal is set.
        epoch_rounds, epoch_rows: an epoch takes seconds, so it has rounds of its own.
        runs: fresh processes of each. cold: whether all kernels are compiled anew, into a folder of its own.
        compiled: whether torch.compile takes a first step too, which can take it a minute.
        sections: which of `SECTIONS`.
    """

    steps: tuple[Workload, ...] = workloads.FULL
    threads: tuple[Workload, ...] = tuple(
        Workload(*net) for net in (("mnist10", 256), ("mnist10", 1024), ("wide", 256))
    )
    floor: tuple[Workload, ...] = tuple(Workload("mnist10", batch) for batch in (256, 1024))
    rounds: int = 11
    few: int = 7
    seconds: float = 0.04
    epoch_rounds: int = 7
    epoch_rows: int = 60_000
    runs: int = 3
    cold: bool = True
    compiled: bool = True
    sections: tuple[str, ...] = SECTIONS


FULL = Plan()
QUICK = Plan(
    steps=workloads.QUICK,
    threads=FULL.threads[:1],
    floor=FULL.floor[:1],
    rounds=7,
    few=5,
    seconds=0.02,
    epoch_rounds=3,
    epoch_rows=20_000,
    runs=1,
    cold=False,
    compiled=False,
)


@dataclass(frozen=True)
class Part:
    """A piece of a bench: its name for the progress bar, how often it ticks, and what does it."""

    name: str
    ticks: int
    run: Callable[[Session], None]


def parts(plan: Plan) -> Iterator[Part]:
    """What a plan does, part by part; modules are imported where a part needs them."""
    if "steps" in plan.sections:
        yield from _step_parts(plan)
    if "threads" in plan.sections:
        from lab.bench.threads import thread_rows

        for workload in plan.threads:
            yield Part(f"threads {workload.name}", plan.rounds, partial(thread_rows, workload=workload))
    if "epoch" in plan.sections:
        from lab.bench.epoch import epoch_rows

        run = partial(epoch_rows, rows=plan.epoch_rows, rounds=plan.epoch_rounds)
        yield Part("epoch", plan.epoch_rounds, run)
    if "ddp" in plan.sections:
        from lab.bench.ddp import ddp_rows

        yield Part("synchronous SGD", plan.rounds, ddp_rows)
    if "masks" in plan.sections:
        from lab.bench.masks import mask_rows

        yield Part("masks", plan.rounds, mask_rows)
    if "floor" in plan.sections:
        from lab.bench.floor import bandwidth, floor_rows

        for workload in plan.floor:
            yield Part(f"floor {workload.name}", plan.rounds, partial(floor_rows, workload=workload))
        yield Part("bandwidth", plan.rounds, bandwidth)
    if "fresh" in plan.sections:
        from lab.bench.fresh import start_rows, training_rows

        yield Part("start", 4, partial(start_rows, runs=plan.runs, cold=plan.cold))
        left_out = () if plan.compiled else (COMPILED,)
        yield Part("fresh processes", plan.runs, partial(training_rows, runs=plan.runs, left_out=left_out))


def _step_parts(plan: Plan) -> Iterator[Part]:
    """One thread here; several in a process for each number of threads."""
    from lab.bench.steps import step_rows, step_rows_elsewhere

    for workload in plan.steps:
        if workload.threads == 1:
            rounds = plan.rounds if workload.goals else plan.few
            yield Part(workload.name, rounds, partial(step_rows, workload=workload, rounds=rounds))
    for threads in sorted({workload.threads for workload in plan.steps} - {1}):
        same = [workload for workload in plan.steps if workload.threads == threads]
        run = partial(step_rows_elsewhere, workloads=same, rounds=plan.few)  # goals are set for one thread
        yield Part(f"{threads} threads", plan.few * len(same), run)
