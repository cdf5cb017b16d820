"""Drawing dropout masks: the lab's Philox kernel, PyTorch's dropout, and NumPy's PCG64 with a comparison."""

from collections.abc import Callable

import numpy as np

from lab.bench.goals import MASKS
from lab.bench.rows import ratio_row
from lab.bench.session import Session
from lab.bench.timing import cores, interleaved
from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.philox import SPAN, STEP, draw_scales, mask_address

SHAPE = (256, 784)  # rows, units: the input layer of an MNIST net
KEEP = 0.9
NOTES = {
    "torch": "torch: torch.nn.functional.dropout of a matrix of ones",
    "numpy": "numpy: PCG64 in float32, then a comparison with keep",
}


def mask_rows(session: Session) -> None:
    """Add a row for each of torch and NumPy that takes part."""
    makers = {"torch": torch_masks, "numpy": numpy_masks}
    steps = {peer: make() for peer, make in makers.items() if peer in session.peers}
    if not steps:
        session.note("Dropout masks were left out: they are compared with torch and numpy, which do not take part.")
        return
    with cores(1):
        times = interleaved({"lab": lab_masks(), **steps}, session.rounds, session.seconds, session.tick)
    for peer in steps:
        session.rows.append(
            ratio_row(
                "dropout masks", "x".join(map(str, SHAPE)), peer, times[peer], times["lab"], MASKS[peer],
                batch=SHAPE[0], note=NOTES[peer],
            )
        )  # fmt: skip


@kernel
def draw_masks(out, mask, scale):
    """out (rows, units) <- 1 / keep or 0, for the rows 0, 1, ... of the data set at one address."""
    rows, units = out.shape
    scales = np.empty(SPAN, out.dtype)
    for row in range(rows):
        for first in range(0, units, SPAN):
            size = min(SPAN, units - first)
            draw_scales(scales, first, size, row, mask, scale)
            out[row, first : first + size] = scales[:size]


def lab_masks() -> Callable[[], np.ndarray]:
    """A function that draws the masks of the next step."""
    out, mask = np.empty(SHAPE, np.float32), mask_address(seed=0, keep=KEEP, step=0, layer=1)
    scale = np.float32(1 / KEEP)

    def draw() -> np.ndarray:
        mask[STEP] += 1
        draw_masks(out, mask, scale)
        return out

    return draw


def torch_masks() -> Callable[[], object]:
    """A function that drops out of a matrix of ones: its masks, scaled."""
    import torch

    torch.set_num_threads(1)
    ones = torch.ones(SHAPE)
    return lambda: torch.nn.functional.dropout(ones, 1 - KEEP, training=True)


def numpy_masks() -> Callable[[], np.ndarray]:
    """A function that draws uniform numbers and compares them; unscaled, so it does less than the others."""
    generator = np.random.Generator(np.random.PCG64(0))
    uniform, mask = np.empty(SHAPE, np.float32), np.empty(SHAPE, bool)

    def draw() -> np.ndarray:
        generator.random(out=uniform, dtype=np.float32)
        return np.less(uniform, np.float32(KEEP), out=mask)

    return draw
