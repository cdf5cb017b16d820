"""The IDX reader gives back exactly what was written, and refuses everything else by name."""

import contextlib
import gzip
import hashlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lab.data.idx import DataFileError, read_idx
from lab.errors import DataError

patient = settings(deadline=None)  # a busy machine is no failure
DTYPES = ("u1", "i1", "i2", "i4", "f4", "f8")


def any_array():
    shapes = st.one_of(st.just(()), array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
    return st.sampled_from(DTYPES).flatmap(lambda dtype: arrays(dtype, shapes))


@pytest.fixture
def picture_file(tmp_path, idx_bytes):
    """Three pictures of 4 x 5 pixels: the unpacked bytes, and a function that writes bytes as a file."""
    content = idx_bytes(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))

    def write(data, name="train-images-idx3-ubyte"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return content, write


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return tmp_path_factory.mktemp("idx")


@patient
@given(array=any_array(), packed=st.booleans())
def test_every_array_comes_back_as_it_was(room, idx_bytes, array, packed):
    content = idx_bytes(array)
    path = room / "numbers"
    path.write_bytes(gzip.compress(content) if packed else content)
    file = read_idx(path, shape=array.shape, dtype=array.dtype.name)
    assert file.array.dtype == array.dtype and file.array.dtype.isnative
    np.testing.assert_array_equal(file.array, array)
    assert file.sha256 == hashlib.sha256(content).hexdigest()


@patient
@given(share=st.floats(0, 1, exclude_max=True), packed=st.booleans())
def test_every_truncation_is_refused(room, idx_bytes, share, packed):
    content = idx_bytes(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))
    whole = gzip.compress(content) if packed else content
    path = room / "cut"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataFileError, match="cut"):
        read_idx(path)


@patient
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_a_changed_byte_of_a_gzip_file_never_changes_the_numbers(room, idx_bytes, place, flip):
    array = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    whole = bytearray(gzip.compress(idx_bytes(array)))
    whole[place % len(whole)] ^= flip
    path = room / "changed"
    path.write_bytes(whole)
    with contextlib.suppress(DataFileError):  # accepted or refused: the header's time stamp may well change
        np.testing.assert_array_equal(read_idx(path).array, array)


def test_the_first_bytes_tell_whether_it_is_gzipped_not_the_name(picture_file):
    content, write = picture_file
    plain, packed = write(content, "a.gz"), write(gzip.compress(content), "a")
    np.testing.assert_array_equal(read_idx(plain).array, read_idx(packed).array)
    assert read_idx(plain).sha256 == read_idx(packed).sha256


@pytest.mark.parametrize("packed", [False, True])
def test_bytes_after_the_last_number_are_refused(picture_file, packed):
    content, write = picture_file
    longer = content + b"\0"
    with pytest.raises(DataFileError, match=r"goes on after its last number.*takes 60 bytes"):
        read_idx(write(gzip.compress(longer) if packed else longer))


def test_garbage_after_a_gzip_stream_is_refused(picture_file):
    content, write = picture_file
    with pytest.raises(DataFileError, match="cannot be unpacked"):
        read_idx(write(gzip.compress(content) + b"garbage"))


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "is empty"),
        (b"\0\0\x08", "begins with the bytes 00 00 08"),
        (b"\x89PNG\r\n\x1a\n", "begins with the bytes 89 50 4e 47"),
        (b"<html>404</html>", "begins with the bytes 3c 68 74 6d"),
        (b"\0\0\x07\x01\0\0\0\x01\0", "begins with the bytes 00 00 07 01"),
        (b"\0\0\x08\x03\0\0\0\x01", "ends inside its header"),
        (b"\x1f\x8bnot gzip at all", "cannot be unpacked"),
    ],
)
def test_what_is_no_idx_file_is_refused_with_what_was_found(picture_file, start, found):
    _, write = picture_file
    with pytest.raises(DataFileError, match=found) as caught:
        read_idx(write(start))
    assert caught.value.path.name == "train-images-idx3-ubyte"


def test_another_type_or_shape_is_refused(picture_file, idx_bytes):
    content, write = picture_file
    floats = write(idx_bytes(np.zeros((3, 4, 5), np.float32)))
    with pytest.raises(DataFileError, match="holds numbers of type float32, but uint8 is needed"):
        read_idx(floats)
    path = write(content)
    with pytest.raises(DataFileError, match="holds an array of shape 3 x 4 x 5, but N x 28 x 28 is needed"):
        read_idx(path, (None, 28, 28))
    with pytest.raises(DataFileError, match="but N is needed"):
        read_idx(path, (None,))
    assert read_idx(path, (None, 4, 5)).array.shape == (3, 4, 5)


def test_a_message_stands_alone(picture_file):
    content, write = picture_file
    path = write(content[:30])
    with pytest.raises(DataError) as caught:
        read_idx(path)
    assert str(caught.value) == (
        f"{path} is truncated: 14 bytes after the header, but 3 x 4 x 5 needs 60. Copy or download the file again."
    )


def test_a_header_that_lies_about_its_size_reserves_no_memory(picture_file):
    _, write = picture_file
    path = write(b"\0\0\x08\x03" + b"\x7f\xff\xff\xff" * 3 + b"few")
    tracemalloc.start()
    with pytest.raises(DataFileError, match="truncated"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_file_that_cannot_be_opened_is_refused_by_name(tmp_path):
    with pytest.raises(DataFileError, match=r"absent cannot be read \(No such file"):
        read_idx(tmp_path / "absent")
    with pytest.raises(DataFileError, match="cannot be read"):
        read_idx(tmp_path)
