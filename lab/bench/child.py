"""A process of the bench's own that is spoken to in lines of JSON, and that never outlives the bench.

It ends when its standard input ends: so it ends with the bench, however that ends.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.errors import LabError

PREFIX = "bench "  # other lines on stdout are a library's: some say hello there
PATIENCE = 300.0  # seconds for an answer: importing and compiling take tens of them on a busy machine
GRACE = 3.0


class ChildError(LabError):
    """A process of the bench failed; the message holds its last words."""


class Child:
    """`python -m module` as a process; `with Child(...) as child` ends it, whatever happens.

    Args:
        module: it calls `answer` or `serve` below.
        first: the message that it is given at once.
    """

    def __init__(self, module: str, first: dict[str, Any]) -> None:
        self._module = module
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, encoding="utf-8",
            env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.tell(first)

    def tell(self, message: dict[str, Any]) -> None:
        """Send one message."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise self._failed("does not listen any more") from error

    def hear(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message.

        Raises:
            ChildError: the process has ended, or says nothing for `timeout` seconds.
        """
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            raise self._failed(f"has not answered for {timeout:g} seconds") from None
        if line is None:
            raise self._failed("has ended without an answer")
        return json.loads(line)

    def hang_up(self) -> None:
        """End the process's input, and do not wait."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it was gone before
            self.process.stdin.close()

    def close(self, at_once: bool = False) -> None:
        """End the process: by the end of its input (unless it has to be at once), by a request, by force."""
        self.hang_up()
        for end in (self.process.terminate if at_once else self.hang_up, self.process.terminate, self.process.kill):
            end()
            try:
                self.process.wait(GRACE)
                break
            except subprocess.TimeoutExpired:
                continue
        self._errors.close()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=error is not None)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.startswith(PREFIX):
                    self._answers.put(line[len(PREFIX) :])
        self._answers.put(None)

    def _failed(self, what: str) -> ChildError:
        self._errors.seek(0)
        said = [line for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        return ChildError(f"the process {self._module} {what}. Its last words: {said[-1] if said else 'none'}")


def answer(message: dict[str, Any]) -> None:
    """In a child: send one message to the bench."""
    print(PREFIX + json.dumps(message), flush=True)


def messages() -> Iterator[dict[str, Any]]:
    """In a child: what the bench says, until it ends. Ctrl-C is the bench's to deal with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        yield json.loads(line)
