"""The command line: `python -m lab train | bench | doctor | warmup`.

Whatever a learner can do something about ends in one sentence on stderr and exit code 2, never in a traceback.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from lab.cli import bench, doctor, train, warmup
from lab.errors import LabError

INTERRUPTED = 128 + 2  # as a shell counts: 128 + the signal
NOBODY_READS = 128 + 13


def parser() -> argparse.ArgumentParser:
    """The whole grammar. Values are checked by the lab itself, so that its own messages are seen."""
    top = argparse.ArgumentParser(prog="python -m lab", description="NN4 Lab: train, measure, examine.")
    commands = top.add_subparsers(dest="command", required=True, metavar="train | bench | doctor | warmup")
    for module in (train, bench, doctor, warmup):
        module.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 2 after an error, 130 or 143 after a signal."""
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except LabError as error:
        print(f"error: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped at once; what was not saved is lost.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough; nothing more can be said on stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
