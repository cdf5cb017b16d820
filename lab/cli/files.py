"""Where a run leaves its checkpoint and its report, and where an earlier one is found."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from lab.errors import CheckpointError, SettingError

RUNS = Path("runs")


@dataclass(frozen=True)
class Files:
    """A run's files; `resumed` is the checkpoint that it goes on from, if any."""

    checkpoint: Path
    report: Path
    resumed: Path | None = None


def choose_files(args: argparse.Namespace, data: str, classes: int, resumed: Path | None = None) -> Files:
    """The files named by flags; else the resumed checkpoint, or runs/<data>-<classes>/, and the report beside it."""
    checkpoint = args.checkpoint or resumed or RUNS / f"{data}-{classes}" / "checkpoint.npz"
    return Files(checkpoint, args.report or checkpoint.with_name("report.html"), resumed)


def find_checkpoint(args: argparse.Namespace) -> Path:
    """The checkpoint to go on from: the named one, or the only one that fits the flags.

    Raises:
        CheckpointError: none is found, or several.
    """
    if args.resume != Path():
        return args.resume
    if args.checkpoint:
        return args.checkpoint
    data = "*" if args.data in (None, "auto") else args.data
    found = sorted(RUNS.glob(f"{data}-{args.classes or '*'}/checkpoint.npz"))
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(str(path) for path in found)
        raise CheckpointError(f"several runs could go on: {listed}. Name one: --resume {found[0]}.")
    raise CheckpointError(
        f"there is no checkpoint {RUNS}/{data}-{args.classes or '*'}/checkpoint.npz here. "
        "Name one: --resume FILE, or start a new run without --resume."
    )


def keep_previous(checkpoint: Path) -> Path | None:
    """Move an older checkpoint out of the way, to `<name>.previous.npz`; its new place, or None.

    Raises:
        CheckpointError: it cannot be moved.
    """
    if not checkpoint.exists():
        return None
    previous = checkpoint.with_name(f"{checkpoint.stem}.previous{checkpoint.suffix}")
    try:
        return checkpoint.replace(previous)
    except OSError as error:
        raise CheckpointError(
            f"the older checkpoint {checkpoint} cannot be kept as {previous}: {error.strerror or error}. "
            "Move it away, or name another file with --checkpoint."
        ) from error


def check_output(flag: str, path: Path) -> None:
    """Raise `SettingError` that names the flag if no file can be written there; before the work, not after."""
    probe = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SettingError(
            f"{flag} {path} cannot be written: {error.strerror or error}. "
            "Name a file in a folder that you may write to."
        ) from error
