"""`python -m lab bench`: the table of training steps, and its JSON."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lab.cli.files import check_output


def add(commands: Any) -> None:
    """Add the command with its flags."""
    bench = commands.add_parser(
        "bench",
        help="time a training step beside NumPy, torch and JAX",
        description="Time NN4's training step beside others in one process, interleaved, on one core.",
    )
    bench.add_argument("--quick", action="store_true", help="two small sizes, few rounds: seconds instead of a minute")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the result here too; - for stdout only")
    bench.add_argument("--peers", metavar="NAMES", help="out of numpy,torch,jax (default: all that are installed)")
    bench.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from tqdm import tqdm

    from lab.bench import FULL, PEERS, QUICK, bench, render
    from lab.bench.peers import check_peers

    peers = check_peers(part.strip() for part in args.peers.split(",")) if args.peers else list(PEERS)
    only_json = args.json == Path("-")
    if args.json and not only_json:
        check_output("--json", args.json)
    workloads, rounds, seconds = (QUICK, 7, 0.01) if args.quick else (FULL, 15, 0.03)
    with tqdm(total=rounds * len(workloads), unit="round", desc="bench", leave=False) as bar:
        result = bench(workloads, peers, rounds, seconds, tick=bar.update)
    text = json.dumps(result, indent=1)
    if only_json:
        print(text)
        return 0
    print(render(result))
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")
        print(f"JSON: {args.json}", file=sys.stderr)
    return 0
