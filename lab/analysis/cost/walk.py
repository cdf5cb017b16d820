"""Walks that a board takes: a training step operation by operation, widths of a reduction, layers of a stack."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.analysis.cost.closed_form import ClosedForm, closed_form, training_alive
from lab.analysis.cost.count import Cost
from lab.analysis.cost.counted import Counted, linear_step, nn4_step
from lab.analysis.cost.memory import Moment, training_step
from lab.analysis.cost.windows import Inception, Stack, inceptions, stack
from lab.checks import check_choice

PROGRAMS = ("linear", "NN4")


class StepWalk:
    """An iterator over the operations of a training step; another network begins another step.

    Attributes:
        cost: of the network. moments: of a whole step. last: the operation that worked last, or None.
        walked: operations since the network was taken.
    """

    cost: Cost
    moments: tuple[Moment, ...]
    last: Moment | None
    walked: int

    def __init__(self, cost: Cost) -> None:
        self.change(cost)

    def __iter__(self) -> "StepWalk":
        return self

    def __next__(self) -> Moment:
        if self.over:
            raise StopIteration
        self.last = self.moments[self.walked]
        self.walked += 1
        return self.last

    def change(self, cost: Cost) -> None:
        """Take another network, from its first operation."""
        self.cost, self.moments, self.walked = cost, tuple(training_step(cost)), 0
        self.last = None

    @property
    def over(self) -> bool:
        """Whether the step has been seen to its end."""
        return self.walked == len(self.moments)

    @property
    def fullest(self) -> Moment:
        """The operation that needs the most memory; the first of them."""
        return max(self.moments, key=lambda moment: moment.alive)


class ReductionWalk:
    """An iterator over widths of the 1x1 convolutions before the large windows of an Inception module.

    Attributes:
        seen: what was counted, by width. channels: of the input; the last width is as wide.
    """

    def __init__(self, channels: int = 256, projection: int = 64, every: int = 8) -> None:
        self.channels, self._projection = channels, projection
        self._left = list(range(every, channels + 1, every))[::-1]
        self.seen: dict[int, Inception] = {}

    def __iter__(self) -> "ReductionWalk":
        return self

    def __next__(self) -> tuple[int, Inception]:
        if not self._left:
            raise StopIteration
        width = self._left.pop()
        self.seen[width] = inceptions(width, channels=self.channels, projection=self._projection)
        return width, self.seen[width]

    def change(self, projection: int) -> None:
        """Take another number of channels after pooling; the widths that were seen are counted anew."""
        self._projection = projection
        self.seen = {width: inceptions(width, channels=self.channels, projection=projection) for width in self.seen}


@dataclass(frozen=True)
class Depth:
    """A stack with so many of its layers, and by how many ways each input pixel reaches the middle output."""

    layers: int
    ways: np.ndarray


class StackWalk:
    """An iterator over the layers of a stack of windows, from the input on.

        ways after a layer = ways before * ones (F, F),     * the convolution

    Attributes:
        stack: the whole of it. last: the depth that was reached.
    """

    def __init__(self, n: int, size: int, channels: int) -> None:
        self.stack: Stack = stack(n, size, channels)
        self.last = Depth(0, np.ones((1, 1)))

    def __iter__(self) -> "StackWalk":
        return self

    def __next__(self) -> Depth:
        if self.last.layers == self.stack.n:
            raise StopIteration
        size, before = self.stack.size, self.last.ways
        wide = len(before) + size - 1
        ways = np.zeros((wide, wide))
        for i in range(size):
            for j in range(size):
                ways[i : i + len(before), j : j + len(before)] += before
        self.last = Depth(self.last.layers + 1, ways)
        return self.last


class CountedWalk:
    """An iterator over the operations of a real step that was counted; see `linear_step` and `nn4_step`.

    Args:
        program: "linear" or "NN4". L, K, n: layers (NN4 has four), width, batch. mode, first: of "linear". keep,
            batchnorm: of "NN4".

    Attributes:
        settings: as given. seen: the start and all operations. walked: of them.
        form: the closed form for the same L, K and n. itemsize: bytes of a number.
    """

    itemsize = 4
    seen: tuple[Counted, ...]
    form: ClosedForm
    walked: int

    def __init__(self, **settings: Any) -> None:
        self.settings: dict[str, Any] = {}
        self.change(**settings)

    def __iter__(self) -> "CountedWalk":
        return self

    def __next__(self) -> Counted:
        if self.over:
            raise StopIteration
        self.walked += 1
        return self.last

    @property
    def over(self) -> bool:
        """Whether the step was walked through to its end."""
        return self.walked == len(self.seen) - 1

    @property
    def last(self) -> Counted:
        """The operation that was done last; the start before."""
        return self.seen[self.walked]

    def change(self, **changes: Any) -> None:
        """Run and count another step. Raises what is not allowed, and then nothing has changed."""
        wanted = self.settings | changes
        L, K, n = wanted["L"], wanted["K"], wanted["n"]
        if check_choice("program", wanted["program"], PROGRAMS) == "NN4":
            L, seen = 4, nn4_step(K, n, wanted["keep"], wanted["batchnorm"])
        else:
            seen = linear_step(L, K, n, wanted["mode"], wanted["first"])
        self.settings, self.seen, self.form = wanted, seen, closed_form(L, K, n)
        self.walked = 0

    @property
    def expected(self) -> tuple[int, ...] | None:
        """Bytes that the closed form gives for every operation, where there is one."""
        L, K, n = (self.settings[name] for name in ("L", "K", "n"))
        if self.settings["program"] == "NN4":
            return None
        if self.settings["mode"] == "inference":
            return tuple(self.itemsize * (self.form.inference - (each.number == 0) * n * K) for each in self.seen)
        alive = [training_alive(L, K, n, operation) for operation in range(3 * L + 1)]
        if self.settings["first"]:  # one more operation, and a delta beside delta and x
            alive.append(alive[-1] + n * K)
        return tuple(self.itemsize * each for each in alive)
