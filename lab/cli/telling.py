"""How a run is told: to a reader at a terminal, or as JSON lines to a program. Both draw the progress bar."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from lab.events import EpochDone, Event, RoundDone
from lab.report import words

if TYPE_CHECKING:
    from lab.training import Run


class Telling(Protocol):
    """What `train` tells while it runs; entered around the loop."""

    def say(self, sentence: str) -> None: ...
    def start(self, training: "Run") -> None: ...
    def show(self, event: Event, epochs: int) -> None: ...
    def end(self, result: dict[str, Any]) -> None: ...
    def __enter__(self) -> Any: ...
    def __exit__(self, *_: object) -> None: ...


class Bar:
    """A progress bar over rounds on stderr; it begins with the first round, which knows how many there are."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, event: RoundDone, epochs: int) -> None:
        if self._bar is None:
            from tqdm import tqdm

            done = (event.epoch - 1) * event.rounds + event.round
            often = 0.1 if sys.stderr.isatty() else 10.0  # in a log file every line stays
            total = epochs * event.rounds
            self._bar = tqdm(total=total, initial=done, unit="round", mininterval=often, dynamic_ncols=True)
        self._bar.set_description_str(f"epoch {event.epoch}/{epochs}", refresh=False)
        self._bar.set_postfix_str(f"loss {event.loss:.4f}", refresh=False)
        self._bar.update()

    def write(self, line: str) -> None:
        """A line on stdout, with the bar out of its way."""
        if self._bar is None:
            print(line, flush=True)
        else:
            self._bar.write(line, file=sys.stdout)
            sys.stdout.flush()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Terminal:
    """Sentences on stdout."""

    def __init__(self) -> None:
        self._bar = Bar()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def say(self, sentence: str) -> None:
        print(sentence, flush=True)

    def start(self, training: "Run") -> None:
        for line in heading(training.describe()):
            self.say(line)
        _say_notes(self, training)
        if training.step:
            self.say(f"Going on after round {training.step}, in epoch {training.epoch}.")

    def show(self, event: Event, epochs: int) -> None:
        if isinstance(event, RoundDone):
            self._bar.show(event, epochs)
        elif isinstance(event, EpochDone):
            self._bar.write(epoch_line(event, epochs))

    def end(self, result: dict[str, Any]) -> None:
        if result["test_accuracy"] is not None:
            accuracy, after = 100 * result["test_accuracy"], result["epochs"]
            self.say(
                f"Test accuracy {accuracy:.2f} % (error {100 - accuracy:.2f} %) after {after} "
                f"epoch{'s' if after != 1 else ''} and {result['seconds']:.1f} s."
            )
        for name in ("report", "checkpoint"):
            if result[name]:
                self.say(f"{name}: {result[name]}")
        self.say(f"weights: sha256 {result['parameters_sha256']}")


class JsonLines:
    """One JSON object a line on stdout: each epoch, and last the result. Sentences go to stderr."""

    def __init__(self) -> None:
        self._bar = Bar()

    def __enter__(self) -> "JsonLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)

    def start(self, training: "Run") -> None:
        _say_notes(self, training)

    def show(self, event: Event, epochs: int) -> None:
        if isinstance(event, RoundDone):
            self._bar.show(event, epochs)
        elif isinstance(event, EpochDone):
            self._bar.write(json.dumps({"event": "epoch", **asdict(event)}))

    def end(self, result: dict[str, Any]) -> None:
        print(json.dumps(result), flush=True)


def _say_notes(telling: Telling, training: "Run") -> None:
    """What a learner should know before: other data than wished for, idle workers, why it starts slowly."""
    for note in training.notes:
        telling.say(f"Note: {note}")
    if compiles(training):
        telling.say("The kernels are compiled first, once: up to a minute (python -m lab warmup does it beforehand).")


def compiles(training: "Run") -> bool:
    """Whether kernels are compiled before the first round: no process has done it on this machine."""
    if training.net.backend.name != "cpu":
        return False
    from lab.kernels.cpu.cache import is_warm

    return not is_warm()


def heading(d: dict[str, Any]) -> list[str]:
    """What is trained on what and how, in three lines."""
    samples = f"{d['train_samples']:,} samples to train on, {d['test_samples']:,} to test on"
    network = f"NN4 {'-'.join(map(str, d['widths']))}, {d['parameters']:,} parameters"
    return [
        f"{network}, on {words.data_set(d['data'])}, {words.labels(d['classes'])}: {samples}",
        f"{words.keep(d['keep'])}; batchnorm {'on' if d['batchnorm'] else 'off'}; delta = {d['delta']:g}; "
        f"a round is {words.batch(d['batch'])}, in K = {d['k']} mini-batches; seed {d['seed']}",
        f"backend {d['backend']}, GEMM {d['gemm']}, {d['dtype']}; {words.workers(d['workers'])}",
    ]


def epoch_line(e: EpochDone, epochs: int) -> str:
    """`epoch  3/10: train loss 0.0912 (0.0434 in test mode), test loss 0.0686, accuracy 97.95 %, ...`."""
    seconds = e.seconds + e.evaluation
    return (
        f"epoch {e.epoch:>{len(str(epochs))}}/{epochs}: train loss {e.loss:.4f} ({e.train_loss:.4f} in test mode), "
        f"test loss {e.test_loss:.4f}, accuracy {100 * e.test_accuracy:.2f} %, "
        f"error {100 * (1 - e.test_accuracy):.2f} %, {seconds:.{1 if seconds >= 10 else 2}f} s"
    )
