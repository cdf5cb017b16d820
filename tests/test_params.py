"""Flat vectors and their views are the same memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import ShapeError
from lab.params import Layout, sha256


@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), min_size=1, max_size=6))
def test_views_cover_the_vector_once_and_share_its_memory(shapes):
    layout = Layout(tuple((f"v{i}", shape) for i, shape in enumerate(shapes)))
    flat = layout.zeros(np.float64)
    views = layout.views(flat)
    for number, (name, shape) in enumerate(layout.entries):
        assert views[name].shape == shape
        views[name][...] += number + 1
    expected = np.concatenate([np.full(int(np.prod(shape)), i + 1.0) for i, shape in enumerate(shapes)])
    assert np.array_equal(flat, expected)
    assert [layout.offset(name) for name in layout.names] == [
        int(np.argmax(expected == i + 1)) for i in range(len(shapes))
    ]


def test_a_vector_that_could_only_be_copied_is_refused():
    layout = Layout((("W", (2, 3)),))
    with pytest.raises(ShapeError, match="6 contiguous"):
        layout.views(np.zeros(12)[::2])
    with pytest.raises(ShapeError, match=r"\(5,\)"):
        layout.views(np.zeros(5))


def test_sha256_is_of_the_little_endian_bytes():
    x = np.arange(5, dtype=np.float32)
    assert sha256([x]) == sha256([x.astype(">f4")]) == sha256([x[:2], x[2:]])
    assert sha256([x]) != sha256([np.nextafter(x, 9, dtype=np.float32)])
