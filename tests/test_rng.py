"""Philox against the known answers of Random123, and the laws of masks, normals and orders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import rng
from lab.errors import KeepProbabilityError, SettingError

seeds = st.integers(0, 2**64 - 1)
ALL = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((ALL, ALL, ALL, ALL), (ALL, ALL), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_known_answers_of_random123(counter, key, answer):
    drawn = rng.philox4x32(counter, key[0] | key[1] << 32)
    assert " ".join(f"{int(word):08x}" for word in drawn) == answer


@given(seed=seeds, rows=st.integers(1, 20), units=st.integers(1, 50), step=st.integers(0, ALL), layer=st.integers(0, 9))
def test_a_word_depends_on_its_address_only(seed, rows, units, step, layer):
    whole = rng.words(seed, np.arange(rows), units, step, rng.DROPOUT, layer)
    row = rows // 2
    alone = rng.words(seed, [row], units, step, rng.DROPOUT, layer)
    assert np.array_equal(whole[row], alone[0])
    quad = (units - 1) // 4
    drawn = rng.philox4x32((quad, row, step, layer), seed)
    assert whole[row, units - 1] == drawn[(units - 1) % 4]


@given(seed=seeds, keep=st.floats(0.01, 1.0))
def test_kept_share_is_near_keep_for_any_seed(seed, keep):
    rows, units = 100, 200
    share = rng.dropout_mask(seed, np.arange(rows), units, keep, 3, 1).mean()
    assert abs(share - keep) <= 5 * np.sqrt(keep * (1 - keep) / (rows * units))


def test_kept_share_of_two_million_units_is_within_four_standard_errors():
    for keep in (0.1, 0.5, 0.9):
        share = rng.dropout_mask(11, np.arange(4000), 500, keep, 0, 2).mean()
        assert abs(share - keep) < 4 * np.sqrt(keep * (1 - keep) / 2_000_000)


def test_masks_differ_between_passes_layers_rows_and_seeds():
    def mask(seed=1, first=0, step=0, layer=1):
        return rng.dropout_mask(seed, np.arange(first, first + 8), 64, 0.5, step, layer)

    others = [mask(seed=2), mask(seed=1 + 2**32), mask(first=8), mask(step=1), mask(layer=2)]
    for other in others:
        assert 0.35 < (mask() != other).mean() < 0.65
    assert np.array_equal(mask(), mask())


def test_keep_one_keeps_everything_and_a_tiny_keep_almost_nothing():
    assert rng.dropout_mask(0, np.arange(9), 9, 1.0, 0, 0).all()
    assert rng.keep_threshold(1 - 2**-53) == 2**32 - 1
    assert rng.dropout_mask(0, np.arange(99), 99, 1e-9, 0, 0).sum() == 0


@pytest.mark.parametrize("keep", [0.0, 1.5, float("nan")])
def test_no_mask_without_a_probability(keep):
    with pytest.raises(KeepProbabilityError):
        rng.dropout_mask(0, [0], 4, keep, 0, 0)


@pytest.mark.parametrize("seed", [-1, 2**64, 0.5, None, True])
def test_seeds_are_64_bit(seed):
    with pytest.raises(SettingError, match="seed"):
        rng.check_seed(seed)


def test_normals_have_mean_0_variance_1_and_no_correlation():
    x = rng.normals(5, (1000, 301), 1)
    n = x.size
    assert abs(x.mean()) < 4 / np.sqrt(n)
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs((x[:, 0::2][:, :150] * x[:, 1::2]).mean()) < 4 / np.sqrt(150_000)
    assert abs((x**4).mean() - 3) < 4 * np.sqrt(96 / n)
    assert np.array_equal(x[:, :5], rng.normals(5, (1000, 5), 1))


@given(seed=seeds, epoch=st.integers(0, ALL), samples=st.integers(1, 300))
def test_an_epoch_order_is_a_permutation_by_address(seed, epoch, samples):
    order = rng.epoch_order(seed, epoch, samples)
    assert np.array_equal(np.sort(order), np.arange(samples))
    assert np.array_equal(order, rng.epoch_order(seed, epoch, samples))


def test_orders_of_two_epochs_have_little_in_common():
    a, b = rng.epoch_order(0, 1, 1000), rng.epoch_order(0, 2, 1000)
    assert (a == b).mean() < 0.02


def test_no_rows_or_no_units_give_an_empty_mask():
    assert rng.dropout_mask(0, [], 5, 0.5, 0, 1).shape == (0, 5)
    assert rng.dropout_mask(0, [1, 2], 0, 0.5, 0, 1).shape == (2, 0)
