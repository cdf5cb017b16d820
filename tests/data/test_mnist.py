"""MNIST is found in a folder, is the same whatever it is packed in, and the real one is what its sums say."""

import numpy as np
import pytest

from lab.data import load
from lab.data.idx_set import load_idx_set
from lab.errors import DataError
from tests.data.conftest import TRAIN_X, TRAIN_Y

pytestmark = pytest.mark.usefixtures("made_up_mnist")


# --- from a folder


@pytest.mark.parametrize("inner", ["mnist", "."])
@pytest.mark.parametrize(("suffix", "dotted"), [(".gz", False), ("", False), ("", True), (".gz", True)])
def test_files_in_a_folder_are_found_under_their_usual_names(tmp_path, made, inner, suffix, dotted):
    made.write(tmp_path / "data" / inner, suffix, dotted)
    data = load("mnist", folder=tmp_path / "data")
    np.testing.assert_array_equal(data.train_y, made.arrays[TRAIN_Y])
    assert data.source == ("folder folder/mnist" if inner == "mnist" else "folder folder")


def test_lab_data_names_the_folder(tmp_path, monkeypatch, made):
    made.write(tmp_path / "mnist")
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    data = load("mnist")
    assert (data.source, data.name, data.note) == ("folder LAB_DATA/mnist", "mnist", "")


def test_pixels_are_divided_by_255_and_nothing_else(tmp_path, made):
    data = load("mnist", folder=made.write(tmp_path / "mnist"))
    pixels = made.arrays[TRAIN_X].reshape(40, 784)
    assert data.train_x.dtype == np.float32 and data.train_x.flags.c_contiguous
    np.testing.assert_array_equal(data.train_x, pixels.astype(np.float32) / np.float32(255))
    assert data.train_x.min() == 0 and data.train_x.max() == 1
    assert (data.shape, data.test_x.shape, data.normalization) == ((28, 28), (12, 784), "pixel / 255, in [0, 1]")


def test_two_classes_are_even_and_odd(tmp_path, made):
    folder = made.write(tmp_path / "mnist")
    ten, two = load("mnist", 10, folder=folder), load("mnist", 2, folder=folder)
    np.testing.assert_array_equal(two.train_y, ten.train_y % 2 == 0)
    assert two.train_y.dtype == np.int64 and two.classes == 2
    assert ten.fingerprint != two.fingerprint


def test_the_fingerprint_is_of_the_data_not_of_the_packing(tmp_path, made, make, monkeypatch):
    packed = load("mnist", folder=made.write(tmp_path / "packed"))
    plain = load("mnist", folder=made.write(tmp_path / "plain", suffix=""))
    assert packed.fingerprint == plain.fingerprint and len(packed.fingerprint) == 64
    other = make(seed=1)
    assert load_idx_set(other.wanted, 10, other.write(tmp_path / "other")).fingerprint != packed.fingerprint


# --- the real one


def test_the_real_mnist_is_what_the_sums_say(real_mnist, monkeypatch, closed_port):
    monkeypatch.undo()
    data = load("mnist", folder=real_mnist, download=False)
    assert data.train_x.shape == (60_000, 784) and data.test_x.shape == (10_000, 784)
    assert np.bincount(data.train_y).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.train_y[:5].tolist() == [5, 0, 4, 1, 9] and data.test_y[:5].tolist() == [7, 2, 1, 0, 4]
    assert data.train_x.mean(dtype=np.float64) == pytest.approx(0.1306605, abs=1e-6)


def test_the_real_mnist_does_not_pass_as_the_made_up_one(real_mnist):
    with pytest.raises(DataError, match="is not MNIST's"):
        load("auto", folder=real_mnist)
