"""A network's costs as a table: to be read, and as CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from lab.analysis.cost.count import Cost, Row
from lab.analysis.cost.layers import size_words

COLUMNS = (
    "name", "layer", "output", "activations", "parameters", "forward", "weight gradient", "input gradient",
    "receptive field",
)  # fmt: skip
MOST_COLUMNS = 60


def table_rows(cost: Cost) -> Iterator[dict[str, Any]]:
    """A dict for each row, by COLUMNS; numbers are exact, of one sample."""
    for row, activations in zip(cost.rows, cost.activations, strict=True):
        values = (
            row.name, row.words, size_words(row.shape), activations, row.parameters, row.forward,
            row.weight_gradient, row.input_gradient, _field(row),
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))


def table_csv(cost: Cost) -> str:
    """One line a row, under a line of titles; the last line is the sums."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table_rows(cost))
    writer.writerow({"name": "total", **totals(cost)})
    return lines.getvalue()


def table_text(cost: Cost, marked: int | None = None) -> str:
    """The table in plain text, one row a line; a sign stands before the marked row."""
    titles = f"{'output':>13}{'activations':>13}{'parameters':>13}{'multiplications':>17}"
    head = f"  {'name':<16}{'layer':<27}{titles}  sees (pixels)"
    lines = [head]
    for i, row in enumerate(table_rows(cost)):
        sign = ">" if i == marked else " "
        words = row["layer"] if len(row["layer"]) < 27 else row["layer"][:25] + "…"
        lines.append(
            f"{sign} {row['name']:<16}{words:<27}{row['output']:>13}{row['activations']:>13,}{row['parameters']:>13,}"
            f"{row['forward']:>17,}  {row['receptive field']}"
        )
    total = totals(cost)
    lines.append(f"  {'total':<56}{total['activations']:>13,}{total['parameters']:>13,}{total['forward']:>17,}")
    return "\n".join(lines)


def totals(cost: Cost) -> dict[str, int]:
    """Sums of the columns that can be added."""
    names = ("activations", "parameters", "forward", "weight gradient", "input gradient")
    sums = dict.fromkeys(names, 0)
    for row in table_rows(cost):
        for name in names:
            sums[name] += row[name]
    return sums


def columns_of(cost: Cost) -> dict[str, list[Row]]:
    """Rows that a chart draws as one column, by its name: what makes nothing is left out.

    Of a network with more than MOST_COLUMNS such rows, those of an outermost block stand together.
    """
    drawn = [
        row for row, made in zip(cost.rows, cost.activations, strict=True) if made or row.parameters or row.forward
    ]
    together = len(drawn) > MOST_COLUMNS
    columns: dict[str, list[Row]] = {}
    for row in drawn:
        columns.setdefault(row.block if together else row.name, []).append(row)
    return columns


def _field(row: Row) -> str:
    return "" if row.field is None else size_words(row.field)
