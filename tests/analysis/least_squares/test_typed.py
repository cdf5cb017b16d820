"""Data that are typed: what is read, and that every mistake is named with what is allowed and what to do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.least_squares import typed_samples
from lab.errors import LabError, NotFiniteError, SettingError, ShapeError

table = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(st.floats(1, 1e6), min_size=width, max_size=width), min_size=1, max_size=12)
)


@pytest.mark.parametrize("text", ["10 1 = 11\n2 -3 = 5e-1", "10, 1 = 11; 2,-3=0.5", "\n 10\t1=11 \n\n 2 -3 = .5;"])
def test_a_sample_stands_on_a_line_or_before_a_semicolon(text):
    X, y = typed_samples(text)
    assert X.tolist() == [[10, 1], [2, -3]] and y.tolist() == [11, 0.5]


@given(table)
def test_what_is_written_is_read(rows):
    text = "\n".join(" ".join(map(repr, row[:-1])) + f" = {row[-1]!r}" for row in rows)
    X, y = typed_samples(text)
    assert np.array_equal(np.column_stack((X, y)), rows)


@given(st.text(max_size=60) | st.text("0123456789 =;\n.-e,", max_size=60))
def test_any_other_text_is_read_or_refused_in_a_sentence(text):
    try:
        X, y = typed_samples(text)
    except LabError as error:
        assert str(error).endswith(".")
    else:
        assert np.isfinite(X).all() and len(X) == len(y) and X.size + y.size <= 64


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("", ShapeError, "there is nothing. Write a sample as"),
        (" ;\n", ShapeError, "there is nothing"),
        ("10 1", ShapeError, "line 1, '10 1', is no sample. Write a sample as 'x1 x2 ... = y'"),
        ("10 1 = 11\n2 3 =", ShapeError, "line 2, '2 3 =', is no sample"),
        ("= 11", ShapeError, "line 1, '= 11', is no sample"),
        ("1 = 2 3", ShapeError, "is no sample"),
        ("1 = 2 = 3", SettingError, "'=' in line 1 is no number"),
        ("10 1 = 11\n2 = 3", ShapeError, "line 2 has 2 numbers, and line 1 has 3. Give all lines the same number."),
        ("ten 1 = 11", SettingError, "'ten' in line 1 is no number. Write numbers such as 10, -0.5 or 1e-3"),
        ("1_0 1 = 11", SettingError, "'1_0' in line 1 is no number"),
        ("10 nan = 11", NotFiniteError, "'nan' in line 1 is not a finite number. Give one, or leave the line out."),
        ("10 1 = inf", NotFiniteError, "'inf' in line 1"),
        ("1e7 1 = 11", SettingError, "'1e7' in line 1 is too large. Give numbers from -1e\\+06 to 1e\\+06."),
        ("1 1 = 1\n" * 22, SettingError, "22 lines of 3 numbers are 66, and at most 64 are allowed. Leave lines"),
        ("1 0 = 1; 2 0 = 3", SettingError, "input 2 is 0 in every line"),
        ("1 2 = 0", SettingError, "every target is 0, which w = 0 solves. Give one that is not 0."),
        ("x" * 50 + " = 1", SettingError, "'xxxxxxxxxxxxxxxxxxxxx...' in line 1"),
    ],
)
def test_every_mistake_is_named(text, error, said):
    with pytest.raises(error, match=said):
        typed_samples(text)
