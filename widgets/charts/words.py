"""Cards of words: text as it is (source, equations, tables in plain text), and boxes in a row of which one is open."""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lab import palette
from lab.errors import SettingError, ShapeError
from widgets.charts.chart import Chart
from widgets.charts.memory import Arrays, Memory

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LONGEST = 72  # signs of a line in a figure; on the page it scrolls
BETWEEN = "\x1f"  # what stands between the texts of two boxes on their way to the page


@dataclass(frozen=True)
class Words(Chart):
    """Text in a monospaced font, line by line as it is; a panel's arrays are one string.

    Nothing in it is taken for HTML. Long text scrolls inside the card, which keeps its `height`.

    Args:
        prose: sentences, in the page's font, that go on in the next line where one is full.
    """

    prose: bool = False

    def declare(self) -> dict[str, Any]:
        return super().declare() | {"kind": "words", "prose": self.prose}

    def memory(self) -> "WordsMemory":
        return WordsMemory()

    def figure(self, memory: "WordsMemory") -> "Figure":
        """The text as a figure without axes."""
        return _written(memory.lines())

    def _data(self) -> list[dict[str, Any]]:
        return [{}]


@dataclass(frozen=True)
class Diagram(Chart):
    """Boxes in a row with arrows between them; a panel's arrays are (index of the open one, one text for each box).

    A click on a box, or the arrow keys in it, moves the control of the spec that is named `field`: a `choice` with one
    option for each box, in their order. Without a field, the open box is only marked.

    Args:
        boxes: their names, from left to right. colors: of their upper edges; none leaves them grey.
    """

    boxes: Sequence[str] = ()
    colors: Sequence[str] = ()
    field: str = ""

    def __post_init__(self) -> None:
        if not self.boxes or (self.colors and len(self.colors) != len(self.boxes)):
            raise SettingError(
                f"{self.name}: boxes = {tuple(self.boxes)} and colors = {tuple(self.colors)} are not allowed. "
                "Name at least one box, and give no color or one for each."
            )

    def declare(self) -> dict[str, Any]:
        colors = list(self.colors) or [palette.NEUTRAL] * len(self.boxes)
        return super().declare() | {
            "kind": "diagram", "boxes": list(self.boxes), "colors": colors, "field": self.field,
        }  # fmt: skip

    def memory(self) -> "DiagramMemory":
        return DiagramMemory(tuple(self.boxes))

    def figure(self, memory: "DiagramMemory") -> "Figure":
        """The boxes as lines of a figure, the open one marked."""
        return _written(memory.lines())

    def _data(self) -> list[dict[str, Any]]:
        return [{}]


class WordsMemory(Memory):
    """The last text."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""

    def lines(self) -> list[str]:
        """The text as it is now."""
        self.arrays()
        return self._words.splitlines()

    def _take(self, arrays: Any) -> None:
        if not isinstance(arrays, str):
            raise ShapeError(f"{type(arrays).__name__} is no text. Give one string.")
        self._words = arrays

    def _arrays(self) -> Arrays:
        return [(0, "words", _sent(self._words))]


class DiagramMemory(Memory):
    """The last texts of the boxes, and which one is open."""

    def __init__(self, boxes: Sequence[str]) -> None:
        super().__init__()
        self._boxes, self._texts, self._open = boxes, [""] * len(boxes), 0

    def lines(self) -> list[str]:
        """Name and text of every box, one a line."""
        self.arrays()
        named = zip(self._boxes, self._texts, strict=True)
        return [
            f"{'>' if i == self._open else ' '} {name}: {text.replace(chr(10), ', ')}".removesuffix(": ")
            for i, (name, text) in enumerate(named)
        ]

    def _take(self, arrays: Any) -> None:
        opened, texts = arrays
        if len(texts) != len(self._boxes) or not 0 <= opened < len(self._boxes):
            raise ShapeError(
                f"box {opened} and {len(texts)} texts do not fit {len(self._boxes)} boxes. "
                "Give the index of one box, and a text for each."
            )
        self._open, self._texts = int(opened), [str(text) for text in texts]

    def _arrays(self) -> Arrays:
        return [(0, "open", np.array([self._open], np.int32)), (0, "words", _sent(BETWEEN.join(self._texts)))]


def _sent(words: str) -> np.ndarray:
    return np.frombuffer(words.encode(), np.uint8)


def _folded(line: str) -> list[str]:
    """A line in parts that fit beside each other on a page of charts; what goes on is indented."""
    indent = len(line) - len(line.lstrip())
    return textwrap.wrap(line, LONGEST, subsequent_indent=" " * (indent + 4)) or [""]


def _written(lines: Sequence[str]) -> "Figure":
    import plotly.graph_objects as go

    lines = [part for line in lines for part in _folded(line)]
    text = "<br>".join(html.escape(line, quote=False) for line in lines)  # plotly.js knows no &quot;
    axis = {"visible": False, "fixedrange": True}
    return go.Figure(
        layout={
            "template": None, "xaxis": axis, "yaxis": axis, "height": 90 + 16 * len(lines),
            "margin": {"t": 56, "l": 16, "r": 16, "b": 16}, "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "annotations": [{
                "text": text, "align": "left", "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": 1,
                "xanchor": "left", "yanchor": "top",
                "font": {"family": MONOSPACE, "size": palette.TEXT_SIZE, "color": palette.NEUTRAL},
            }],
        }
    )  # fmt: skip
