"""A dashboard that counts: what is right can be said without a net."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lab.errors import SettingError
from lab.events import Waiting
from widgets.dashboard import Bars, Dashboard, Heatmap, Lines, Panel, choice, slider, switch


@dataclass(frozen=True)
class CountingSpec:
    by: int = slider(1, low=1, high=9, label="count by", live=True)
    noise: float = slider(0.5, low=0.0, high=1.0, step=0.05, label="noise", live=True, says=lambda v: f"{v:.0%}")
    rate: float = slider(0.1, low=0.001, high=10.0, log=True, label="rate", live=True)
    start: int | None = choice(0, of={"nought": 0, "a hundred": 100, "none": None}, label="start")
    up: bool = switch(True, label="upwards")


class Counting:
    """A run: it counts, may take its time, says `Waiting` meanwhile, and can be told to fail."""

    def __init__(self, spec, seed):
        self.total, self.by, self.step = spec.start or 0, spec.by, 0
        self.seed, self.last = seed, None
        self.seconds, self.waits, self.raises = 0.0, 0, None
        self.closed = False
        self._waited = 0

    def __iter__(self) -> Iterator:
        return self

    def __next__(self):
        if self.raises is not None:
            error, self.raises = self.raises, None
            raise error
        if self.last is not None and self.step >= self.last:
            raise StopIteration
        time.sleep(self.seconds)
        if self._waited < self.waits:
            self._waited += 1
            return Waiting("counting", self.step, self._waited / self.waits)
        self._waited = 0
        self.step += 1
        self.total += self.by
        return self.total

    def change(self, **changes):
        for name, value in changes.items():
            if name == "by" and value == 7:
                raise SettingError("by = 7 is not allowed. Give another number.")
            setattr(self, name, value)

    def close(self):
        self.closed = True


class CountingDashboard(Dashboard):
    """Total, its last digits as bars, and noise."""

    title, spec, step_name = "Counting", CountingSpec, "number"
    presets: ClassVar = {"by threes": {"by": 3}, "from a hundred": {"start": 100}, "impossible": {"by": 77}}
    panels = (
        Lines("total", title="Total", x="number", y="total", traces=("total", "twice")),
        Bars("digits", title="Digits", traces=("first", "second"), prefix="digit "),
        Heatmap("noise", title="Noise", levels=2),
    )

    def start(self, spec, seed):
        self.starts = getattr(self, "starts", 0) + 1
        return Counting(spec, seed)

    @staticmethod
    def frame(event, now):
        noise = np.random.default_rng([now.seed, now.step]).random((4, 6)) < now.spec.noise
        frame = {"noise": Panel(lambda: noise, f"p = {now.spec.noise:.2f}")}
        if event is not None:
            frame["total"] = Panel((now.step, event, 2 * event if now.step % 2 else None), {"total": str(event)})
            frame["digits"] = Panel(([event % 10, event // 10 % 10], [1, 2]), f"{event}")
        return frame
