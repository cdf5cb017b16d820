"""What the calculator's charts say of a network and of the operation that is at work."""

from typing import Any

import numpy as np

from lab.analysis.cost import BYTES, COPIES, Cost, StepWalk, columns_of, memory, table_rows, table_text, totals
from widgets.dashboard import Panel

MB = 1e-6
SHOWN = {
    "parameters": ("parameters",),
    "activations": ("activations",),
    "multiplications forward": ("forward",),
    "multiplications of training": ("forward", "weight gradient", "input gradient"),
}


def layers_panel(run: StepWalk, spec: Any) -> Panel:
    values = {row["name"]: sum(row[name] for name in SHOWN[spec.shown]) for row in table_rows(run.cost)}
    columns = columns_of(run.cost)
    heights = np.array([sum(values[row.name] for row in rows) for rows in columns.values()], float)
    at_work = np.full(len(columns), np.nan)
    if run.last is not None:
        array = next(
            each for each in run.cost.arrays if run.last.row in each.rows
        )  # in place: the layer's that made it
        marked = [any(row.number == array.rows[0] for row in rows) for rows in columns.values()]
        at_work[marked] = heights[marked]
    says = f"{sum(values.values()):,} {spec.shown}{', of one sample' if spec.shown != 'parameters' else ''}"
    return Panel((list(columns), spec.log, heights, at_work), says)


def memory_panel(run: StepWalk, spec: Any) -> Panel:
    used = memory(run.cost, spec.batch, spec.optimizer, spec.dtype)
    each = MB * BYTES[spec.dtype] * spec.batch
    fixed = MB * (used.weights + used.gradients + used.optimizer)
    kept = fixed + each * np.array([moment.kept for moment in run.moments])
    alive = fixed + each * np.array([moment.alive for moment in run.moments])
    dot = np.full(len(alive), np.nan)
    says = f"at most {_bytes(used.total)}"
    if run.last is not None:
        at = run.last.number - 1
        dot[at] = alive[at]
        row = run.cost.rows[run.last.row]
        says = f"{row.name}, {run.last.stage}: {alive[at]:,.4g} of {_bytes(used.total)}"
    return Panel((np.arange(1, len(alive) + 1), np.full(len(alive), fixed), kept, alive, dot), says)


def parts_panel(cost: Cost, spec: Any) -> Panel:
    found = {name: memory(cost, spec.batch, name, spec.dtype) for name in COPIES}
    one = found["SGD"]
    rows = [(one.weights, 0, 0, 0, one.inference - one.weights)]
    rows += [(each.weights, each.gradients, each.optimizer, each.kept, each.working) for each in found.values()]
    return Panel(tuple(MB * np.array(rows, float).T), f"{spec.optimizer}: {_bytes(found[spec.optimizer].total)}")


def table_panel(run: StepWalk) -> Panel:
    sums = totals(run.cost)
    says = (
        f"{sums['parameters']:,} parameters, {sums['activations']:,} activations, {sums['forward']:,} multiplications"
    )
    return Panel(table_text(run.cost, run.last.row if run.last else None), says)


def _bytes(size: int) -> str:
    return f"{MB * size:,.4g} MB" if size < 1e9 else f"{MB * size:,.0f} MB"
