"""A whole epoch: shuffle, gather, and a step for every batch, against PyTorch on tensors in memory.

PyTorch at its best: `randperm`, one `index_select` a batch, no DataLoader, whose workers cost more than they bring.
"""

from collections.abc import Callable
from dataclasses import replace

from lab.bench.goals import EPOCH
from lab.bench.lab_step import LabStep
from lab.bench.rows import ratio_row
from lab.bench.session import Session
from lab.bench.timing import cores, interleaved
from lab.bench.torch_step import torch_training
from lab.bench.workloads import Task, Workload, make_task
from lab.blas import set_blas_threads
from lab.errors import LabError
from lab.rng import epoch_order

BATCH = 128  # the lab's default for MNIST
ROWS = 60_000


def epoch_rows(session: Session, rows: int, rounds: int) -> None:
    """Add the row of an epoch over `rows` samples; PyTorch is the only peer with a goal."""
    if "torch" not in session.peers:
        session.note("The epoch was left out: it is compared with torch, which does not take part.")
        return
    task, data = epoch_task(rows)
    with cores(1), LabStep(task) as ours:
        set_blas_threads(1)
        steps = {"lab": lab_epoch(task, ours), "torch": torch_epoch(task)}
        times = interleaved(steps, rounds, 0.0, session.tick, warm_ups=1)
    note = f"{rows:,} rows of {data}; shuffled, batches gathered by index"
    session.rows.append(
        ratio_row(
            "epoch", task.workload.size, "torch", times["torch"], times["lab"], EPOCH["torch"], batch=BATCH, note=note
        )
    )


def epoch_task(rows: int) -> tuple[Task, str]:
    """Real MNIST where it is here already (nothing is downloaded), else random rows of the same shape."""
    from lab.data import load

    workload = Workload("mnist10", BATCH)
    try:
        data = load("mnist", download=False)
    except LabError:
        return make_task(workload, rows), "random numbers of MNIST's shape"
    return replace(make_task(workload), x=data.train_x[:rows], y=data.train_y[:rows]), "MNIST"


def lab_epoch(task: Task, step: LabStep) -> Callable[[], None]:
    """A function that trains on all rows, in a new order at every call."""
    epochs = 0

    def epoch() -> None:
        nonlocal epochs
        order = epoch_order(0, epochs, len(task.x))
        for lo in range(0, len(order), BATCH):
            step.take(order[lo : lo + BATCH])
        epochs += 1

    return epoch


def torch_epoch(task: Task) -> Callable[[], None]:
    """The same in PyTorch."""
    import torch

    step, x, target = torch_training(task)

    def epoch() -> None:
        for index in torch.randperm(len(x)).split(BATCH):
            step(x.index_select(0, index), target.index_select(0, index))

    return epoch
