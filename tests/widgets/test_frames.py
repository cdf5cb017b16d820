"""Arrays arrive on the page as what they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.widgets.conftest import decoded
from widgets.board.frames import SENT, encode

dtypes = st.sampled_from(
    [np.float32, np.float64, np.float16, np.bool_, np.uint8, np.int8, np.int32, np.int64, np.uint16]
)


@given(
    hnp.arrays(
        dtypes,
        hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=7),
        elements={"min_value": 0, "max_value": 1},
    )
)
def test_every_array_comes_back(array):
    ((panel, trace, key, dtype, shape),), (buffer,) = encode([("p", 1, "z", array)])
    assert (panel, trace, key, tuple(shape)) == ("p", 1, "z", array.shape) and dtype in (*SENT, "b1")
    back = decoded(dtype, shape, buffer)
    assert np.array_equal(back, array.astype(back.dtype))


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.arange(3, dtype=np.int64), "i4"),
        (np.array([2**40]), "f4"),
        (np.array([0.5]), "f4"),
        (np.array([0.5], ">f4"), "f4"),
        (np.array([1, 2], ">i4"), "i4"),
    ],
)
def test_types_that_travel(array, dtype):
    ((*_, sent, _shape),), (buffer,) = encode([("p", 0, "y", array)])
    assert sent == dtype
    assert np.allclose(np.frombuffer(buffer, "<" + dtype).astype(float), array.astype(float))


def test_a_view_is_sent_in_the_order_of_rows():
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T[::2]
    (_,), (buffer,) = encode([("p", 0, "z", array)])
    assert np.frombuffer(buffer, np.float32).reshape(array.shape).tolist() == array.tolist()


def test_a_mask_takes_a_bit_for_each_unit():
    mask = np.random.default_rng(0).random((64, 100)) < 0.5
    ((*_, dtype, shape),), (buffer,) = encode([("p", 0, "z", mask)])
    assert (dtype, len(buffer)) == ("b1", 800) and np.array_equal(decoded(dtype, shape, buffer), mask)


def test_floats_are_not_copied():
    floats = np.zeros(9, np.float32)
    _, (buffer,) = encode([("p", 0, "y", floats)])
    floats[0] = 1.0
    assert np.frombuffer(buffer, np.float32)[0] == 1.0
