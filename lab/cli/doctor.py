"""`python -m lab doctor`: what runs on this machine, and how to cure what does not."""

import argparse
import json
from dataclasses import asdict
from typing import Any


def add(commands: Any) -> None:
    """Add the command with its flag."""
    doctor = commands.add_parser("doctor", help="say what runs on this machine, and how to cure what does not")
    doctor.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    doctor.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Examine and print; 1 where something that the lab needs is broken."""
    from lab.doctor import examine, render

    findings = examine()
    broken = [finding.topic for finding in findings if finding.ok is False]
    if args.json:
        print(json.dumps({"ok": not broken, "findings": [asdict(finding) for finding in findings]}, indent=1))
    else:
        print(render(findings))
    return 1 if broken else 0
