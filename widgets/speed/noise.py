"""What every page of speed shows beside its own charts: the same work, timed again and again."""

from lab import palette
from lab.bench.live import Measuring
from widgets.dashboard import Lines, Panel, Trace

NOISE = Lines(
    "noise", title="Is the machine quiet?", x="round", y="the same work (ms)", x_range=(0, 50), y_range=(0, 2),
    traces=(Trace("fixed work of the calibration", palette.NEUTRAL, markers=True),),
)  # fmt: skip


def noise(run: Measuring) -> dict[str, Panel]:
    """The newest point of the calibration, and its verdict."""
    done = run.calibration.result()["count"]
    if not done:
        return {"noise": Panel(None, "known after the first rounds")}
    return {"noise": Panel((done, 1e3 * run.calibration.last), run.verdict)}
