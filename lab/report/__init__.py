"""A run as one self-contained HTML page: the result, the settings, the charts.

    write_report("runs/digits-10/report.html", run.describe(), run.history, seconds)

The charts are ordinary plotly figures (`loss_figure(run.history)`), so a notebook can show them too.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.errors import ReportError
from lab.report.figures import (
    History,
    accuracy_figure,
    error_figure,
    loss_figure,
    rounds_figure,
    workers_figure,
)
from lab.report.page import page
from lab.report.words import settings_rows

__all__ = [
    "History",
    "ReportError",
    "accuracy_figure",
    "error_figure",
    "loss_figure",
    "rounds_figure",
    "settings_rows",
    "workers_figure",
    "write_report",
]


def write_report(
    path: str | os.PathLike[str],
    description: Mapping[str, Any],
    history: History,
    seconds: float,
    host: Mapping[str, Any] | None = None,
) -> Path:
    """Write the report of a run; the page stands alone and works without a network.

    Args:
        path: where to; folders are made as needed. An older report there stays until the new one is whole.
        description: `run.describe()`.
        history: `run.history`.
        seconds: what the whole run took.
        host: names and values that tell the machine, or None.

    Returns:
        The path of the report.

    Raises:
        ReportError: the file cannot be written there.
    """
    path = Path(path)
    figures = (
        (loss_figure(history), "Line chart: loss per epoch, as optimized, in test mode, and on the test set.", True),
        (accuracy_figure(history), "Line chart: accuracy per epoch in percent, training subset and test set.", False),
        (error_figure(history), "Line chart: error per epoch in percent on a logarithmic axis.", False),
        (rounds_figure(history), "Line chart: loss of every round, with the rounds where settings changed.", True),
        (workers_figure(history), "Bar chart: seconds of gradient work and waiting per worker and epoch.", True),
    )
    _replace(path, page(description, history.epochs, figures, seconds, host))
    return path


def _replace(path: Path, text: str) -> None:
    """Write beside the old file and rename, so that nobody ever sees half a page."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        _forget(part)
        raise ReportError(
            f"the report cannot be written to {path}: {error.strerror or error}. "
            "Give a file in a folder that exists and can be written, for example --report report.html."
        ) from error


def _forget(part: Path) -> None:
    with contextlib.suppress(OSError):  # its folder is not one: nothing was written
        part.unlink(missing_ok=True)
