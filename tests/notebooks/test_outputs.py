"""Notebooks as they are stored: checked cells have something to check, the others are clean and short."""

from pathlib import Path

import nbformat
import pytest

LONGEST_CELL = 12  # lines of code: more belongs into the lab or into widgets


def _cells():
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            yield pytest.param(cell, id=f"{path.stem}-{number}")


@pytest.mark.parametrize("cell", _cells())
def test_cell_is_as_it_should_be(cell):
    tags = cell.metadata.get("tags", [])
    checked = "nbval-check-output" in tags

    assert checked == ("keep_output" in tags), "a checked cell keeps its output, and no other does"
    assert bool(cell.get("outputs")) == checked, "nbval compares nothing where no output is stored"
    assert not checked or cell.execution_count, "nbval takes a cell without a number for one that was never run"
    assert cell.cell_type != "code" or sum(map(bool, cell.source.splitlines())) <= LONGEST_CELL
