"""The embedded digits: always there, split by the seed, imported when asked for."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data import load
from lab.rng import epoch_order


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def rows(*sets):
    return {row.tobytes() for x in sets for row in x}


def test_shapes_types_and_words(digits):
    assert digits.train_x.shape == (1437, 64) and digits.test_x.shape == (360, 64)
    assert digits.train_x.dtype == np.float32 and digits.train_x.flags.c_contiguous
    assert digits.train_y.dtype == np.int64 and set(digits.train_y) == set(range(10))
    assert (digits.name, digits.classes, digits.shape, digits.note) == ("digits", 10, (8, 8), "")
    assert digits.normalization == "pixel / 16, in [0, 1]"
    assert digits.source == "scikit-learn, split by seed 0"


def test_pixels_are_those_of_scikit_learn(digits):
    from sklearn.datasets import load_digits

    original = load_digits()
    every = np.concatenate([digits.train_x, digits.test_x])
    labels = np.concatenate([digits.train_y, digits.test_y])
    order = epoch_order(0, 0, 1797)
    np.testing.assert_array_equal(every * 16, original.data[order])
    np.testing.assert_array_equal(labels, original.target[order])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_every_seed_splits_all_digits_in_two(digits, seed):
    data = load("digits", seed=seed)
    assert rows(data.train_x, data.test_x) == rows(digits.train_x, digits.test_x)
    assert len(data.train_x) == 1437 and not rows(data.train_x) & rows(data.test_x)
    assert (data.fingerprint == digits.fingerprint) == (seed == 0)


def test_the_same_seed_gives_the_same_data(digits):
    assert load("digits").fingerprint == digits.fingerprint
    assert load("digits", seed=1).fingerprint != digits.fingerprint


def test_the_fingerprint_is_the_same_on_every_machine(digits):
    assert digits.fingerprint[:16] == "af3b9a3e06208879"


def test_two_classes_are_even_and_odd(digits):
    two = load("digits", classes=2)
    np.testing.assert_array_equal(two.train_y, digits.train_y % 2 == 0)
    np.testing.assert_array_equal(two.train_x, digits.train_x)
    assert two.fingerprint != digits.fingerprint


def test_no_epoch_of_training_repeats_the_split():
    split = epoch_order(0, 0, 1797)
    assert not any(np.array_equal(epoch_order(0, epoch, 1797), split) for epoch in range(1, 31))


def test_digits_need_no_folder(monkeypatch, digits):
    monkeypatch.setenv("LAB_DATA", "/nowhere")
    assert load("digits").fingerprint == digits.fingerprint


def test_heavy_packages_are_imported_when_asked_for():
    script = (
        "import lab.data, sys; print(*{'sklearn', 'scipy', 'pooch', 'requests', 'tqdm', 'numba'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""


def test_the_file_that_is_read_is_what_scikit_learn_gives():
    from sklearn.datasets import load_digits as embedded

    from lab.data.digits import _embedded

    pixels, digits = _embedded()
    bunch = embedded()
    assert np.array_equal(pixels, bunch.images)
    assert np.array_equal(digits, bunch.target)
