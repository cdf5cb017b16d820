"""Arrays on a page: a picture with colours from the largest negative to the largest positive entry, and a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab import palette
from widgets.charts.chart import Panel
from widgets.charts.heatmap import Heatmap

MOST_ROWS, MOST_COLUMNS = 64, 64  # of a picture: every cell can be told from its neighbours
NOTHING = Panel(np.full((1, 1), np.inf), "no array here")  # nothing is drawn where a number is infinite


def signed_picture(name: str, title: str, **more: Any) -> Heatmap:
    """A chart for `signed`: vermilion below 0, blue above."""
    return Heatmap(name, title=title, middle=0.0, shades=palette.SIGNED_SHADES, **more)


def signed(name: str, array: np.ndarray | None) -> Panel:
    """An array (N, D) or (D,), of which a part is shown where it is large; the title says the largest entry shown.

    None is an empty picture.
    """
    if array is None:
        return NOTHING
    whole = np.atleast_2d(np.asarray(array, np.float64))
    part = whole[:MOST_ROWS, :MOST_COLUMNS]
    largest = float(np.abs(part[np.isfinite(part)]).max(initial=0.0))
    cut = "" if part.shape == whole.shape else f", {shape(part)} shown"
    return Panel(part, f"{name} ({shape(array)}{cut}), ±{largest:.3g}")


def shape(array: np.ndarray) -> str:
    """ "32 × 64"."""
    return " × ".join(map(str, array.shape))


def table(arrays: Mapping[str, np.ndarray]) -> str:
    """Name, shape, mean, standard deviation, smallest and largest of each, one a line: 55 signs, half a board."""
    head = f"{'array':<10}{'shape':>10}{'mean':>9}{'std':>8}{'min':>9}{'max':>9}"
    return "\n".join((head, *(_row(name, array) for name, array in arrays.items())))


def _row(name: str, array: np.ndarray) -> str:
    mean, std, low, high = (f"{value:.2g}" for value in (array.mean(), array.std(), array.min(), array.max()))
    return f"{name:<10}{shape(array):>10}{mean:>9}{std:>8}{low:>9}{high:>9}"
