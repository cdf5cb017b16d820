"""The course's Table 1: which cells are to be filled, and what checks them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.cost import check_cell, read_number, vgg_cells
from lab.errors import SettingError

CELLS = {(cell.layer, cell.column): cell for cell in vgg_cells()}


def test_the_table_has_25_layers_and_totals_and_30_cells_are_to_be_filled():
    assert len(vgg_cells()) == 2 * 26
    assert sum(not cell.given for cell in vgg_cells()) == 30
    assert [cell.label for cell in vgg_cells()[::2]] == [
        "Input", *["CONV3-64"] * 2, "POOL2", *["CONV3-128"] * 2, "POOL2", *["CONV3-256"] * 4, "POOL2",
        *["CONV3-512"] * 4, "POOL2", *["CONV3-512"] * 4, "POOL2", *["FC"] * 3, "Total",
    ]  # fmt: skip


def test_what_the_course_gives_is_what_we_count():
    given = {
        ("conv1", "parameters"): 1_728, ("conv2", "parameters"): 36_864, ("conv6", "parameters"): 589_824,
        ("conv9", "parameters"): 1_179_648, ("fc2", "parameters"): 16_777_216, ("input", "activations"): 150_528,
        ("conv1", "activations"): 224 * 224 * 64, ("pool1", "activations"): 112 * 112 * 64,
        ("pool2", "activations"): 56 * 56 * 128, ("conv6", "activations"): 56 * 56 * 256,
        ("conv10", "activations"): 28 * 28 * 512, ("fc1", "activations"): 4096,
    }  # fmt: skip
    for place, value in given.items():
        assert CELLS[place].value == value and CELLS[place].given
    assert CELLS["total", "activations"].value == 16_542_184
    assert CELLS["total", "parameters"].value == 143_652_544
    for text, place in (("150K", "input"), ("3.2M", "conv1"), ("800K", "pool1"), ("400K", "pool2"), ("400K", "conv9")):
        assert check_cell(CELLS[place, "activations"], text).right  # rounded as the course does


@pytest.mark.parametrize("cell", vgg_cells(), ids=lambda cell: f"{cell.layer}-{cell.column}")
def test_the_right_number_is_right_and_others_are_not(cell):
    assert check_cell(cell, str(cell.value)).right and check_cell(cell, f"{cell.value:,}").right
    assert not check_cell(cell, str(cell.value + 1)).right
    for name, factor in cell.factors.items():
        if factor > 1 and cell.value:
            verdict = check_cell(cell, str(cell.value // factor))
            assert not verdict.right and str(cell.value) not in verdict.says and str(factor) not in verdict.says
            same = [other for other, size in cell.factors.items() if size == factor]
            assert any(other in verdict.says for other in same), name


HINTS = {
    ("conv3", "parameters", "3*3*64"): "the number of its outputs is missing",
    ("conv3", "parameters", "64*128"): "the height of the filter and the width of the filter are missing",
    ("conv3", "parameters", "73,856"): "biases are not counted here",
    ("conv3", "parameters", "112*112*3*3*64*128"): "these are multiplications",
    ("conv3", "parameters", "3*3*128*128"): "a number of channels is half or double",
    ("pool3", "activations", "56*56*256"): "these are its inputs",
    ("pool4", "activations", "7*7*512"): "count the poolings above",
    ("fc1", "parameters", "512*4096"): "the height of its input and the width of its input are missing",
    ("fc1", "parameters", "7*7*512*512*4096"): "the number of channels of its input is in it twice",
    ("total", "parameters", "138,344,128"): "it is too small; take the sum of the column",
}


@pytest.mark.parametrize(("typed", "hint"), HINTS.items())
def test_a_wrong_cell_gets_a_hint_that_names_the_factor(typed, hint):
    layer, column, text = typed
    assert hint in check_cell(CELLS[layer, column], text).says


@given(st.integers(0, 10**9))
def test_numbers_and_products_are_read(value):
    assert read_number(f"{value:,}") == (value, False)
    assert read_number(f" {value} * 2 × 3") == (6 * value, False)
    assert read_number("1.5 k") == (1500, True) and read_number("(3*3*3)*64")[0] == 1728


@pytest.mark.parametrize("text", ["", "three", "3+4", "3**4", "-5", "1e9", "__import__('os')", "9" * 13, "3*"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(SettingError, match=r"is no number\. Type one like"):
        check_cell(CELLS["conv3", "parameters"], text)


def test_a_number_beyond_all_networks_is_refused():
    with pytest.raises(SettingError, match="too large"):
        read_number("*".join(["999999999999"] * 3))
