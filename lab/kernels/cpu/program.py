"""A pass through the network as a list of phases, so that a long one can be stopped between two of them.

A shard of 60,000 rows takes seconds, and a lab that cannot answer for seconds is broken: Pause, Stop and a
slider must act within a blink. So a pass is a small program, made once for a number of rows; the kernel
runs phases `first` to `last` of it. Where it is cut changes nothing of the result, since the phases
and their order depend only on the rows and the widths.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lab.kernels.cpu.philox import SPAN

# Operations of a phase; `layer` counts from 1, lo and hi are rows, or blocks of columns for HIDDEN ones.
GATHER, PRODUCT, HIDDEN, LOSS, WEIGHTS, INPUTS, HIDDEN_BACK, HIDDEN_TEST, OUTPUT = range(9)

PHASE_FLOPS = 2.5e8  # a product is cut into phases of about this size: 1 to 10 ms
CALL_FLOPS = 5e8  # phases are bundled into one call up to this size: 2 to 20 ms
TINY_FLOPS = 3e6  # a pass below this takes some 50 us: a second call would cost 10 % more
_PASS_FLOPS = 12  # an entry of an elementwise pass costs about as much as so many operations of a product


@dataclass(frozen=True)
class Program:
    """Phases (operation, layer, lo, hi) as int64 (P, 4), and the bundles [first, last) that one call runs."""

    phases: np.ndarray
    bundles: tuple[tuple[int, int], ...]
    gathered: int  # phases before this one bring the rows in


@lru_cache(maxsize=64)
def forward_program(widths: tuple[int, ...], rows: int) -> Program:
    """Forward in training mode: masks and batch statistics, logits at the end."""
    phases, gathered = _forward(widths, rows)
    return _bundled(phases + _sliced(OUTPUT, len(widths) - 1, rows, widths[-1]), gathered)


@lru_cache(maxsize=64)
def training_program(widths: tuple[int, ...], rows: int) -> Program:
    """Forward, loss and backward over `rows` rows of a network with these widths."""
    last = len(widths) - 1
    phases, gathered = _forward(widths, rows)
    phases += _sliced(LOSS, last, rows, widths[last] * 4 * _PASS_FLOPS)
    for layer in range(last, 0, -1):
        phases += _sliced(WEIGHTS, layer, rows, _product(widths, layer))
        if layer > 1:
            phases += _sliced(INPUTS, layer, rows, _product(widths, layer))
            phases += _blocks(HIDDEN_BACK, layer - 1, rows, widths[layer - 1])
    return _bundled(phases, gathered)


@lru_cache(maxsize=64)
def testing_program(widths: tuple[int, ...], rows: int) -> Program:
    """Forward in test mode: running statistics, no masks, logits at the end."""
    last = len(widths) - 1
    phases = _sliced(GATHER, 1, rows, widths[0] * _PASS_FLOPS)
    gathered = len(phases)
    for layer in range(1, last + 1):
        phases += _sliced(PRODUCT, layer, rows, _product(widths, layer))
        if layer < last:
            phases += _sliced(HIDDEN_TEST, layer, rows, widths[layer] * _PASS_FLOPS)
    phases += _sliced(OUTPUT, last, rows, widths[last])
    return _bundled(phases, gathered)


Phase = tuple[float, int, int, int, int]  # cost, operation, layer, lo, hi


def _forward(widths: tuple[int, ...], rows: int) -> tuple[list[Phase], int]:
    """The phases that both passes in training mode begin with, and how many of them gather."""
    phases = _sliced(GATHER, 1, rows, widths[0] * _PASS_FLOPS)
    gathered = len(phases)
    for layer in range(1, len(widths)):
        phases += _sliced(PRODUCT, layer, rows, _product(widths, layer))
        if layer < len(widths) - 1:
            phases += _blocks(HIDDEN, layer, rows, widths[layer])
    return phases, gathered


def _product(widths: tuple[int, ...], layer: int) -> float:
    """Operations a row of each of the three products of a layer."""
    return 2.0 * widths[layer - 1] * widths[layer]


def _sliced(operation: int, layer: int, rows: int, flops_a_row: float) -> list[Phase]:
    """One operation over all rows, cut so that no phase costs more than about PHASE_FLOPS."""
    step = max(16, int(PHASE_FLOPS / flops_a_row) // 16 * 16)
    cuts = [(lo, min(lo + step, rows)) for lo in range(0, rows, step)]
    return [((hi - lo) * flops_a_row, operation, layer, lo, hi) for lo, hi in cuts]


def _blocks(operation: int, layer: int, rows: int, width: int) -> list[Phase]:
    """One operation over all blocks of columns, cut in the same way."""
    count = (width + SPAN - 1) // SPAN
    cost = float(rows * min(width, SPAN) * _PASS_FLOPS * 2)
    step = max(1, int(PHASE_FLOPS / cost))
    cuts = [(lo, min(lo + step, count)) for lo in range(0, count, step)]
    return [((hi - lo) * cost, operation, layer, lo, hi) for lo, hi in cuts]


def _bundled(phases: list[Phase], gathered: int) -> Program:
    """Put neighbouring phases into one call, up to CALL_FLOPS; the gathering ends a bundle, but in a tiny pass."""
    bundles, first, cost = [], 0, 0.0
    ends = {len(phases)} if sum(phase[0] for phase in phases) < TINY_FLOPS else {gathered, len(phases)}
    for here, phase in enumerate(phases):
        cost += phase[0]
        if cost >= CALL_FLOPS or here + 1 in ends:
            bundles.append((first, here + 1))
            first, cost = here + 1, 0.0
    table = np.array([phase[1:] for phase in phases], np.int64)
    return Program(table, tuple(bundles), gathered)
