"""How long something has taken so far that says nothing itself, as compiling does."""

import sys
import threading
import time
from typing import Any

OFTEN, SELDOM = 0.5, 10.0  # seconds: on a terminal, and in a log file, where every line stays


class Clock:
    """Tells its seconds on stderr: `with Clock("compiling"): ...`.

    On a terminal in one line that is written anew twice a second; elsewhere in a line at the beginning and then one
    every ten seconds.

    Args:
        words: what takes long. bar: a tqdm in which the seconds stand; None: in a line of their own, which goes away.
    """

    def __init__(self, words: str, bar: Any = None) -> None:
        self._words, self._bar, self._own = words, bar, bar is None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True, name="nn4-clock")

    def __enter__(self) -> "Clock":
        from tqdm import tqdm

        if self._own:
            self._bar = tqdm(bar_format="{desc}", leave=False, disable=None)  # None: only on a terminal
        self._start = time.perf_counter()
        self._tell()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._own:
            self._bar.close()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def _tick(self) -> None:
        while not self._over.wait(SELDOM if self._bar.disable else OFTEN):
            self._tell()

    def _tell(self) -> None:
        said = f"{self._words}: {self.seconds:.0f} s"
        if self._bar.disable:
            print(said, file=sys.stderr, flush=True)
        else:
            self._bar.set_description_str(said)
