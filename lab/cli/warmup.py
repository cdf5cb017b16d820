"""`python -m lab warmup`: compile every kernel now, so that no first click waits for it."""

import argparse
import time
from typing import Any

from lab.errors import BackendError


def add(commands: Any) -> None:
    """Add the command."""
    warmup = commands.add_parser("warmup", help="compile the kernels now instead of at the first training")
    warmup.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compile step by step with a bar; a warm cache makes it quick."""
    from tqdm import tqdm

    try:
        from lab.kernels.cpu.warmup import steps
    except ImportError as error:
        raise BackendError(
            f"the kernels for the CPU need numba and scipy, but: {error}. Install them: "
            "python -m pip install numba scipy. The reference backend runs without."
        ) from error

    start = time.perf_counter()
    with tqdm(steps(), unit="kernel", leave=False) as bar:
        for name, compile_it in bar:
            bar.set_description_str(name)
            compile_it()
    print(f"The kernels are ready ({time.perf_counter() - start:.1f} s).")
    return 0
