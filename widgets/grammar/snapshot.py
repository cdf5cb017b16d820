"""The last frame as pictures in the notebook itself: what a reader sees who opens it without a kernel.

JupyterLab keeps no widgets in a notebook unless it is told to, but it keeps outputs. So a second, empty output stands
below a board and gets the page's pictures when a run pauses, and the learner's answers; as long as the board is alive,
its page hides it.
"""

import base64
import contextlib
import html
from collections.abc import Mapping
from typing import Any

from lab import palette
from widgets.grammar.answers import METADATA


class Snapshot:
    """The output below one board.

    Attributes:
        mark: the class by which the page finds and hides it.
        answers: {name: {"answer": value or None}}, kept in the output's metadata. told: the same in words.
    """

    def __init__(self, title: str) -> None:
        self.title, self.mark = title, f"nn4-snapshot-{id(self):x}"
        self.answers: dict[str, Any] = {}
        self.told: list[str] = []
        self._pictures: Mapping[str, Any] = {}
        self._handle: Any = None

    def display(self) -> None:
        """Put the empty output below what was displayed last, once."""
        from IPython.display import display

        if self._handle is None:
            self._handle = display(_html(self.source({})), display_id=True, **self._kept())

    def update(self, pictures: Mapping[str, Any]) -> None:
        """Show other pictures; none leave it empty but for the answers."""
        self._pictures = pictures
        if self._handle is not None:
            with contextlib.suppress(Exception):  # a page may have gone, and its output with it
                self._handle.update(_html(self.source(pictures)), **self._kept())

    def answered(self, answers: Mapping[str, Any], told: list[str]) -> None:
        """Keep answers, and what is said of them."""
        if (self.answers, self.told) != (answers, told):
            self.answers, self.told = dict(answers), told
            self.update(self._pictures)

    def _kept(self) -> dict[str, Any]:
        return {"metadata": {METADATA: self.answers}} if self.answers else {}

    def source(self, pictures: Mapping[str, Any]) -> str:
        """Pictures as the page gave them, {"says": words, "svg": {chart: {"title": words, "svg": source}}}, as HTML."""
        told = "".join(f"<p>{html.escape(words)}</p>" for words in self.told)
        if not pictures.get("svg"):
            return f"<div class='{self.mark}'>{told}</div>"
        parts = []
        for each in pictures["svg"].values():
            words = html.escape(each["title"], quote=True)
            shown = f"<figcaption>{words}</figcaption><img alt='{words}' src='{_image(each['svg'])}'>"
            parts.append(f"<figure style='display:inline-block;margin:4px'>{shown}</figure>")
        said = html.escape(f"{self.title}, as it was left: {pictures.get('says', '')}. Run the cell to go on.")
        return f"<div class='{self.mark}'>{told}<p>{said}</p>{''.join(parts)}</div>"


def _image(svg: str) -> str:
    """An address that is the picture; it stands alone, so there is no page whose colour of text it could take."""
    source = svg.replace("currentColor", palette.NEUTRAL).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(source).decode()


def _html(source: str) -> Any:
    from IPython.display import HTML

    return HTML(source)
