"""`python -m lab warmup`: compile every kernel now, so that no first click waits for it."""

import argparse
import time
from typing import Any

from lab.cli.clock import Clock
from lab.errors import BackendError


def add(commands: Any) -> None:
    """Add the command."""
    warmup = commands.add_parser("warmup", help="compile the kernels now instead of at the first training")
    warmup.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compile step by step with a bar and a clock: a step takes half a minute, or nothing with a warm cache."""
    from tqdm import tqdm

    try:
        from lab.kernels.cpu.warmup import steps
    except ImportError as error:
        raise BackendError(
            f"the kernels for the CPU need numba and scipy, but: {error}. Install them: "
            "python -m pip install numba scipy. The reference backend runs without."
        ) from error

    start = time.perf_counter()
    todo = steps()
    form = "{desc} |{bar}| {n_fmt}/{total_fmt}"
    with tqdm(total=len(todo), leave=False, disable=None, bar_format=form, dynamic_ncols=True) as bar:
        for number, (name, compile_it) in enumerate(todo, start=1):
            with Clock(f"compiling {name} ({number} of {len(todo)})", bar):
                compile_it()
            bar.update()
    print(f"The kernels are ready ({time.perf_counter() - start:.1f} s).")
    return 0
