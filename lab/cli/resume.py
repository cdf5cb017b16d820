"""`train --resume`: go on from a checkpoint, and refuse every flag that would make another run of it."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import lab
from lab.checkpoint import check_writable, read_checkpoint
from lab.cli.files import Files, choose_files, find_checkpoint
from lab.cli.values import EVERYTHING
from lab.errors import CheckpointError

if TYPE_CHECKING:
    from lab.training import Run


def resume(args: argparse.Namespace) -> "tuple[Run, Files]":
    """The run of a checkpoint, and the files that it writes from now on.

    Raises:
        CheckpointError: no or no good checkpoint, or flags that contradict it.
    """
    path = find_checkpoint(args)
    state = read_checkpoint(path).state
    try:
        check_flags(args, state, str(path))
        name, classes, seed = state["data"]["name"], state["data"]["classes"], state["net"]["seed"]
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is incomplete ({error!r}). Take an older checkpoint, or start anew.") from error
    data = lab.load(name, classes=classes, seed=seed)
    training = lab.resume(
        path, data, workers=args.workers, epochs=args.epochs, gemm=args.gemm, checkpoint_every=args.checkpoint_every
    )
    files = choose_files(args, name, classes, resumed=path)
    training.checkpoint = check_writable(files.checkpoint)
    return training, files


def check_flags(args: argparse.Namespace, state: dict[str, Any], path: str) -> None:
    """Raise `CheckpointError` if a flag contradicts the checkpoint; it names all of them with both values."""
    against = [
        f"--{name} {_text(given)} (the checkpoint has {_text(saved)})"
        for name, given, saved in _pairs(args, state)
        if given is not None and given != saved
    ]
    if against:
        raise CheckpointError(
            f"{path} cannot go on with {', '.join(against)}: it would be another run. "
            "Leave these flags out, or start a new run without --resume. --workers and --epochs may differ."
        )
    done, offset = state["epoch"] - 1, state["offset"]
    least = done + (offset > 0)
    if args.epochs is not None and args.epochs < least:
        under_way = f" and {offset} samples of the next" if offset else ""
        raise CheckpointError(
            f"--epochs {args.epochs} is less than {path} has done: {done} epochs{under_way}. "
            f"Give --epochs {least} or more."
        )


def _pairs(args: argparse.Namespace, state: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(flag, what was given, what the checkpoint has) for all that makes a run this run."""
    net, settings, data = state["net"], state["settings"], state["data"]
    yield "data", None if args.data == "auto" else args.data, data["name"]
    yield "classes", args.classes, data["classes"]
    yield "hidden", args.hidden, tuple(net["widths"][1:-1])
    for name in ("keep", "batchnorm", "bias", "seed", "dtype", "backend", "gemm"):
        yield name, getattr(args, name), net[name]
    yield "delta", args.delta, settings["delta"]
    yield "k", args.k, settings["K"]
    yield "batch", args.batch, EVERYTHING if settings["batch"] is None else settings["batch"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
