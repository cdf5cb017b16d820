"""`python -m lab bench`: what is measured beside others, as a table, as JSON and as a page."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.checks import check_choice
from lab.cli.files import check_output
from lab.errors import SettingError

INTERRUPTED = 128 + 2  # as a shell counts: 128 + the signal
STDOUT = Path("-")


def add(commands: Any) -> None:
    """Add the command with its flags."""
    bench = commands.add_parser(
        "bench",
        help="time training beside NumPy, torch and JAX, and look how far the machine would go",
        description="Time NN4's training beside others, interleaved, on the same cores. Ctrl-C ends it with the "
        "table of what was measured.",
    )
    bench.add_argument("--quick", action="store_true", help="few sizes and rounds: a minute instead of several")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the result here too; - for stdout only")
    bench.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts, which opens by itself")
    bench.add_argument(
        "--peers", metavar="NAMES", help="out of torch,torch.compile,jax,numpy (default: all that are installed)"
    )
    bench.add_argument(
        "--only", metavar="NAMES", help="out of steps,threads,epoch,ddp,masks,floor,fresh (default: all of them)"
    )
    bench.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, print and write; 130 after Ctrl-C, 1 if a part failed."""
    from lab import bench

    peers = bench.check_peers(_names(args.peers)) if args.peers is not None else list(bench.PEERS)
    plan = bench.QUICK if args.quick else bench.FULL
    if args.only is not None:
        plan = replace(plan, sections=tuple(check_choice("only", name, bench.SECTIONS) for name in _names(args.only)))
    _check_files(args)
    result = _measure(bench, plan, peers)
    text = json.dumps(result, indent=1)
    print(text if args.json == STDOUT else bench.render(result))
    if args.json and args.json != STDOUT:
        _write("--json", args.json, text + "\n")
    if args.html:
        _write("--html", args.html, bench.page(result))
    return INTERRUPTED if result["interrupted"] else 1 if result["failed"] else 0


def _measure(bench: Any, plan: Any, peers: list[str]) -> dict[str, Any]:
    """The bench under a progress bar on stderr."""
    from tqdm import tqdm

    with tqdm(unit="round", leave=False, dynamic_ncols=True) as bar:

        def progress(part: str, done: int, total: int) -> None:
            bar.total = total
            bar.set_description_str(part, refresh=False)
            bar.update(done - bar.n)

        return bench.bench(plan, peers, progress)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _check_files(args: argparse.Namespace) -> None:
    """Raise `SettingError` before the work, if a file cannot be written after it."""
    if args.html == STDOUT:
        raise SettingError("--html - is not allowed: a page is a file. Give its name, for example --html bench.html.")
    for flag, path in (("--json", args.json), ("--html", args.html)):
        if path and path != STDOUT:
            check_output(flag, path)


def _write(flag: str, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    print(f"{flag[2:].upper()}: {path}", file=sys.stderr)
