"""What a network costs: parameters, multiplications and memory, counted on paper and in a running program."""

from lab.analysis.cost.blocks import Branch, Network, Residual
from lab.analysis.cost.closed_form import ClosedForm, closed_form, training_alive
from lab.analysis.cost.count import Cost, Row, count
from lab.analysis.cost.counted import Counted, linear_step, nn4_step
from lab.analysis.cost.layers import Activation, BatchNorm, Dropout, Flatten, GlobalPool, Linear, size_words
from lab.analysis.cost.memory import BYTES, COPIES, Memory, Moment, memory, training_step
from lab.analysis.cost.presets import PRESETS, mlp, preset
from lab.analysis.cost.table import columns_of, table_csv, table_rows, table_text, totals
from lab.analysis.cost.tally import Counting, Tally, counting
from lab.analysis.cost.text import network_text, parse_network
from lab.analysis.cost.vgg_table import Cell, Verdict, check_cell, read_number, vgg_cells
from lab.analysis.cost.walk import CountedWalk, Depth, ReductionWalk, StackWalk, StepWalk
from lab.analysis.cost.windowed import Conv, Pool
from lab.analysis.cost.windows import PATHS, Inception, Stack, inceptions, stack

__all__ = [
    "BYTES",
    "COPIES",
    "PATHS",
    "PRESETS",
    "Activation",
    "BatchNorm",
    "Branch",
    "Cell",
    "ClosedForm",
    "Conv",
    "Cost",
    "Counted",
    "CountedWalk",
    "Counting",
    "Depth",
    "Dropout",
    "Flatten",
    "GlobalPool",
    "Inception",
    "Linear",
    "Memory",
    "Moment",
    "Network",
    "Pool",
    "ReductionWalk",
    "Residual",
    "Row",
    "Stack",
    "StackWalk",
    "StepWalk",
    "Tally",
    "Verdict",
    "check_cell",
    "closed_form",
    "columns_of",
    "count",
    "counting",
    "inceptions",
    "linear_step",
    "memory",
    "mlp",
    "network_text",
    "nn4_step",
    "parse_network",
    "preset",
    "read_number",
    "size_words",
    "stack",
    "table_csv",
    "table_rows",
    "table_text",
    "totals",
    "training_alive",
    "training_step",
    "vgg_cells",
]
