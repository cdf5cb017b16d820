"""`python -m lab train`: the main job, from flags to checkpoint and report."""

import argparse
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lab
from lab.checks import check_choice, check_count, check_delta, check_keep
from lab.cli.clock import Clock
from lab.cli.files import Files, check_output, choose_files, keep_previous
from lab.cli.resume import resume
from lab.cli.signals import StopRequest
from lab.cli.telling import JsonLines, Telling, Terminal, compiles
from lab.cli.values import EVERYTHING, number, numbers, samples
from lab.events import EpochDone, Event, RoundDone

if TYPE_CHECKING:
    from lab.training import Run


def add(commands: Any) -> None:
    """Add the command with its flags; one that is left out takes the data set's default."""
    train = commands.add_parser(
        "train",
        help="train NN4 by synchronous SGD",
        description="Train NN4 by synchronous SGD over K mini-batches a round. What is left out comes from the "
        "data set's defaults. Ctrl-C finishes the round, saves, and says how to go on.",
    )
    flag = train.add_argument
    flag("--data", metavar="NAME", help="auto (MNIST if it can be had, else digits), digits, mnist")
    flag("--classes", type=number, metavar="N", help="10 digits, or 2: is it even?")
    flag("--hidden", type=numbers, metavar="A,B,C", help="widths of the three hidden layers, as 512,256,128")
    flag("--keep", type=number, metavar="P", help="probability of KEEPING a unit: 0.9 drops 10 %%, 1 drops none")
    flag("--batchnorm", action=argparse.BooleanOptionalAction, default=None, help="batch normalization (default: on)")
    flag("--bias", action=argparse.BooleanOptionalAction, default=None, help="biases; only where batchnorm is off")
    flag("--delta", type=number, metavar="STEP", help="step size")
    flag("--k", type=number, metavar="K", help="mini-batches of a round, whose gradients are averaged")
    flag("--batch", type=samples, metavar="N", help="samples of a round, or all: the whole training set")
    flag("--epochs", type=number, metavar="N", help="passes over the training set")
    flag("--workers", metavar="KIND", help="serial, or threads:P; the result is the same to the bit")
    flag("--backend", metavar="NAME", help="cpu (fast) or reference (plain NumPy)")
    flag("--gemm", metavar="NAME", help="matrix product of the backend")
    flag("--seed", type=number, metavar="N", help="of weights, masks, order and the digits' split (default: 0)")
    flag("--dtype", metavar="TYPE", help="float32 (default) or float64")
    flag("--checkpoint", type=Path, metavar="FILE", help="default: runs/<data>-<classes>/checkpoint.npz")
    flag("--checkpoint-every", type=number, metavar="ROUNDS", help="default: every 10 s, and after every epoch")
    flag("--resume", nargs="?", type=Path, const=Path(), metavar="FILE", help="go on from a checkpoint")
    flag("--report", type=Path, metavar="FILE", help="default: report.html beside the checkpoint")
    flag("--json", action="store_true", help="only JSON lines on stdout; the last one is the result")
    train.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, and leave a checkpoint and a report; 0, or 130 or 143 where a signal ended it early."""
    telling: Telling = JsonLines() if args.json else Terminal()
    _check_at_once(args)
    if args.resume is None:
        training, files = _new_run(args)
    else:
        training, files = resume(args)
    with training:
        check_output("--report", files.report)
        before = 0.0 if args.resume is None else _seconds(training)
        if args.resume is None or files.checkpoint != files.resumed:
            moved = keep_previous(files.checkpoint)
            if moved:
                telling.say(f"The older checkpoint is kept as {moved}.")
        telling.start(training)
        return _finish(training, files, telling, before)


def _check_at_once(args: argparse.Namespace) -> None:
    """Refuse what needs no data to be seen wrong, before minutes are spent on a download."""
    if args.keep is not None:
        check_keep(args.keep)
    if args.delta is not None:
        check_delta(args.delta)
    if args.dtype is not None:
        check_choice("dtype", args.dtype, ("float32", "float64"))
    for name in ("epochs", "checkpoint_every"):
        if getattr(args, name) is not None:
            check_count(name, getattr(args, name))


def _new_run(args: argparse.Namespace) -> "tuple[Run, Files]":
    from lab.presets import widths
    from lab.training import DEFAULT

    seed = 0 if args.seed is None else args.seed
    data = lab.load(args.data or "auto", classes=10 if args.classes is None else args.classes, seed=seed)
    usual = lab.defaults(data.name)
    net = lab.NN4(
        widths(data.name, data.train_x.shape[1], data.classes, args.hidden),
        keep=usual.keep if args.keep is None else args.keep,
        batchnorm=args.batchnorm is not False,
        bias=bool(args.bias),
        seed=seed,
        dtype=args.dtype or "float32",
        backend=args.backend or "cpu",
        gemm=args.gemm,
    )
    files = choose_files(args, data.name, data.classes)
    training = lab.train(
        net,
        data,
        delta=args.delta,
        K=args.k,
        batch=DEFAULT if args.batch is None else None if args.batch == EVERYTHING else args.batch,
        workers=args.workers or "serial",
        epochs=args.epochs,
        checkpoint=files.checkpoint,
        checkpoint_every=args.checkpoint_every,
    )
    return training, files


def _finish(training: "Run", files: Files, telling: Telling, before: float) -> int:
    """The training itself, and what is left behind."""
    began = time.perf_counter()
    stopped_by = _follow(training, telling)
    seconds = before + time.perf_counter() - began
    training.save()
    report = None
    try:
        if not stopped_by:
            report = _report(training, files.report, seconds)
    finally:
        telling.end(_result(training, seconds, not stopped_by, files.checkpoint, report))
    if not stopped_by:
        return 0
    print(f"Stopped after round {training.step}; nothing is lost. Go on with:", file=sys.stderr)
    print(f"    python -m lab train --resume {shlex.quote(str(files.checkpoint))}", file=sys.stderr)
    return 128 + stopped_by


def _follow(training: "Run", telling: Telling) -> int:
    """Iterate to the end (0), or to the end of the round in which a signal came (its number)."""
    with StopRequest() as stop, telling:
        for event in _events(training):
            telling.show(event, training.settings.epochs)
            if stop.signal and isinstance(event, (RoundDone, EpochDone)):
                return stop.signal
    return 0


def _events(training: "Run") -> Iterator[Event]:
    """The run's events; a clock tells the seconds before the first one, in which kernels are compiled."""
    with Clock("compiling the kernels") if compiles(training) else nullcontext():
        first = list(islice(training, 1))
    yield from first
    yield from training


def _result(training: "Run", seconds: float, finished: bool, checkpoint: Path, report: Path | None) -> dict[str, Any]:
    """The last JSON line: what this run was and what came out of it."""
    epochs, about = training.history.epochs, training.describe()
    last = epochs[-1] if epochs else None
    kept = ("data", "classes", "widths", "keep", "batchnorm", "bias", "delta", "k", "batch", "workers", "backend")
    return {
        "event": "result",
        "finished": finished,
        "test_accuracy": last.test_accuracy if last else None,
        "test_loss": last.test_loss if last else None,
        "epochs": len(epochs),
        "step": training.step,
        "seconds": round(seconds, 3),
        **{name: about[name] for name in (*kept, "gemm", "dtype", "seed", "note")},
        "parameters_sha256": training.net.sha256(),
        "checkpoint": str(checkpoint),
        "report": None if report is None else str(report),
    }


def _report(training: "Run", path: Path, seconds: float) -> Path:
    from lab.bench.machine import machine, versions
    from lab.report import write_report

    about = machine()
    host = {
        "processor": f"{about['cpu']}, {about['cores']} cores",
        "system": about["system"],
        "BLAS": ", ".join(about["blas"]),
        "versions": ", ".join(f"{name} {number}" for name, number in versions().items() if number),
    }
    description = training.describe() | {"parameters_sha256": training.net.sha256()}
    return write_report(path, description, training.history, seconds, host)


def _seconds(training: "Run") -> float:
    """What the finished epochs of a resumed run took."""
    return sum(epoch.seconds + epoch.evaluation for epoch in training.history.epochs)
