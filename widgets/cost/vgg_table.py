"""The course's Table 1 to be filled in: a box for every cell that it leaves empty, checked as soon as it is left.

What was typed is kept, in this kernel and in the notebook's own file, as predictions are.
"""

import html
from typing import Any

import ipywidgets as ipw

from lab import palette
from lab.analysis.cost import Cell, Verdict, check_cell, vgg_cells
from lab.errors import SettingError
from widgets.controls import shared
from widgets.grammar import answers
from widgets.grammar.snapshot import Snapshot

COLUMNS = ("activations", "parameters")
HEAD = ("layer", "activations", "parameters")
WIDTHS = ("110px", "200px", "220px")  # of label, activations, parameters; the hint takes the rest


class VggTable:
    """VGG19's activations and parameters, without biases; `t = VggTable(); t` shows it.

    Args:
        key: tells several tables of one page apart.

    Attributes:
        boxes: by (layer, column) as in `lab.analysis.cost.vgg_cells`, the ipywidgets that are typed into.
        verdicts: of the cells that hold something. view: all of it. hints: by layer, the words beside a row.
    """

    def __init__(self, *, key: str = "") -> None:
        self._name = f"VggTable.{key}"
        self._snapshot = Snapshot("Table 1: memory and weights of VGG19")
        self._cells = {(cell.layer, cell.column): cell for cell in vgg_cells()}
        self._plain: dict[str, Any] = {}
        self._layouts = [ipw.Layout(width=width, min_width=width, padding="0 0 0 8px") for width in WIDTHS]
        self._box_layouts = [ipw.Layout(width=width, min_width=width) for width in WIDTHS[1:]]
        self._style: dict[str, Any] = {
            "description_width": "0px"
        }  # names are for readers of screens, and take no place
        self.boxes = {place: self._box(cell) for place, cell in self._cells.items() if not cell.given}
        self.verdicts: dict[tuple[str, str], Verdict] = {}
        self.hints = {cell.layer: shared.make(ipw.HTML) for cell in vgg_cells()}
        self.says = shared.make(ipw.HTML)
        head = shared.make(ipw.HBox, children=[self._words(f"<b>{words}</b>", i) for i, words in enumerate(HEAD)])
        self._rows = [head, *(self._row(layer) for layer in self.hints)]
        self.view = shared.make(ipw.VBox, children=[self.says, *self._rows])
        kept = answers.kept(self._name) or {"answer": {}}
        for place, typed in kept["answer"].items():
            layer, _, column = place.partition(" ")
            if (layer, column) in self.boxes:
                self.boxes[layer, column].value = str(typed)
                self._check((layer, column))
        for place, box in self.boxes.items():
            box.observe(lambda change, place=place: self._typed(place), "value")
        self._tell()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.view)
        self._snapshot.display()
        self._keep()

    def __repr__(self) -> str:
        return "A table of NN4 Lab. Run the cell to see it."

    @property
    def right(self) -> int:
        """Cells that are filled in rightly."""
        return sum(verdict.right for verdict in self.verdicts.values())

    def close(self) -> None:
        """Close every model that was made."""
        for row in self._rows:
            for widget in (*row.children, row):
                shared.close(widget)
        for widget in (*self._layouts, *self._box_layouts, next(iter(self.boxes.values())).style, self.says, self.view):
            shared.close(widget)

    # ---- inside

    def _row(self, layer: str) -> Any:
        label, shown = self._cells[layer, "activations"].label, []
        for place, column in enumerate(COLUMNS, start=1):
            cell = self._cells[layer, column]
            shown.append(self._words(f"{cell.value:,}", place) if cell.given else self.boxes[layer, column])
        return shared.make(ipw.HBox, children=[self._words(label, 0), *shown, self.hints[layer]])

    def _box(self, cell: Cell) -> Any:
        box = ipw.Text(
            placeholder="number or product", description=f"{cell.label} ({cell.layer}), {cell.column}",
            continuous_update=False, layout=self._box_layouts[COLUMNS.index(cell.column)], style=self._style,
        )  # fmt: skip
        self._style = box.style  # one for all boxes
        return box

    def _words(self, source: str, place: int) -> Any:
        made = ipw.HTML(source, layout=self._layouts[place], **self._plain)
        self._plain = {"style": made.style} if hasattr(made, "style") else {}
        return made

    def _typed(self, place: tuple[str, str]) -> None:
        self._check(place)
        self._tell()
        self._keep()

    def _check(self, place: tuple[str, str]) -> None:
        """Say whether a cell is right, beside its row; an empty one says nothing."""
        typed = self.boxes[place].value.strip()
        self.verdicts.pop(place, None)
        if typed:
            try:
                self.verdicts[place] = check_cell(self._cells[place], typed)
            except SettingError as error:
                self.verdicts[place] = Verdict(False, str(error))
        layer = place[0]
        right, wrong = (
            f"<span style='color:{palette.RIGHT}'>✓</span>",
            f"<span style='color:{palette.WRONG}'>✗</span>",
        )
        told = [
            f"{right if verdict.right else wrong} {column}: {html.escape(verdict.says)}"
            for column in COLUMNS
            if (verdict := self.verdicts.get((layer, column)))
        ]
        self.hints[layer].value = f"<span role='status'>{'<br>'.join(told)}</span>"

    def _tell(self) -> None:
        self.says.value = f"<b role='status'>{self._count()}</b>"

    def _count(self) -> str:
        return f"{self.right} of {len(self.boxes)} cells are right."

    def _keep(self) -> None:
        typed = {" ".join(place): box.value for place, box in self.boxes.items() if box.value.strip()}
        if typed:
            answers.keep(self._name, {"answer": typed})
            told = [f"{place}: {words}" for place, words in typed.items()]
            self._snapshot.answered({self._name: {"answer": typed}}, [self._count(), "; ".join(told)])
