"""Random bits with an address: Philox4x32-10, a pure function from a counter and a key to 128 bits.

    key     = the 64-bit seed
    counter = (unit // 4, sample's row in the data set, step, purpose * 2^16 + layer)

A unit takes word `unit % 4`. Nothing is stored and nothing depends on the order of the draws, so the
same mask stands on every backend, thread, rank and GPU, in the forward and in the backward pass.

Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
"""

import numpy as np
from numpy.typing import ArrayLike

from lab.checks import check_count, check_keep

# What the bits are for; a purpose has its own part of the counter, so no two ever share a bit.
DROPOUT, INITIALIZATION, ORDER, NOISE = 0, 1, 2, 3

# Passes that a learner asks for by hand count from here; steps of a training run stay below it.
FREE_PASSES = 2**31

MULTIPLIER_0, MULTIPLIER_2 = 0xD2511F53, 0xCD9E8D57
WEYL_0, WEYL_1 = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def check_seed(seed: int) -> int:
    """Return the seed if it fits the 64-bit key, or raise `SettingError`."""
    return check_count("seed", seed, low=0, high=2**64 - 1)


def philox4x32(counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], seed: int) -> tuple[np.ndarray, ...]:
    """Ten rounds of Philox on counters of four 32-bit words.

    Args:
        counter: four arrays of words that broadcast against each other.
        seed: the 64-bit key; its low word is key 0.

    Returns:
        Four arrays of random words, uint32, in the broadcast shape.
    """
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.asarray(word, np.uint64) for word in counter))
    key_0, key_1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(ROUNDS):
        product_0 = c0 * np.uint64(MULTIPLIER_0)  # 32 x 32 -> 64 bits
        product_2 = c2 * np.uint64(MULTIPLIER_2)
        c0 = (product_2 >> _HALF) ^ c1 ^ np.uint64(key_0)
        c2 = (product_0 >> _HALF) ^ c3 ^ np.uint64(key_1)
        c1, c3 = product_2 & _LOW, product_0 & _LOW
        key_0, key_1 = (key_0 + WEYL_0) & 0xFFFFFFFF, (key_1 + WEYL_1) & 0xFFFFFFFF
    return tuple(word.astype(np.uint32) for word in (c0, c1, c2, c3))


def words(seed: int, rows: ArrayLike, units: int, step: int, purpose: int = DROPOUT, layer: int = 0) -> np.ndarray:
    """The 32-bit words of `units` units for each of `rows`, uint32 (len(rows), units)."""
    row = np.asarray(rows, np.uint64)[:, None]
    quad = np.arange((units + 3) // 4)[None, :]
    drawn = philox4x32((quad, row, step, purpose * 2**16 + layer), seed)
    return np.stack(drawn, axis=-1).reshape(len(row), 4 * quad.size)[:, :units]


def keep_threshold(keep: float) -> int:
    """A unit is kept iff its word is below floor(keep * 2^32): integers, so every backend agrees."""
    return int(keep * 2**32)


def dropout_mask(seed: int, rows: ArrayLike, units: int, keep: float, step: int, layer: int) -> np.ndarray:
    """Which units stay, bool (len(rows), units): Bernoulli(keep) for each; keep = 1 draws nothing.

    Raises:
        KeepProbabilityError: keep is not in (0, 1].
    """
    keep = check_keep(keep)
    if keep == 1.0:
        return np.ones((len(np.asarray(rows)), units), bool)
    return words(seed, rows, units, step, DROPOUT, layer) < keep_threshold(keep)


def normals(seed: int, shape: tuple[int, int], layer: int, purpose: int = INITIALIZATION) -> np.ndarray:
    """Standard normal numbers, float64, one address for each (row, unit), by Box and Muller (1958).

    Two words give two numbers: radius sqrt(-2 ln u) and angle 2 pi v, with u in (0, 1] so that
    the logarithm is finite.
    """
    drawn = words(seed, np.arange(shape[0]), shape[1] + shape[1] % 2, 0, purpose, layer)
    u = (drawn[:, 0::2] + 1.0) * 2.0**-32
    v = drawn[:, 1::2] * 2.0**-32
    radius, angle = np.sqrt(-2.0 * np.log(u)), 2.0 * np.pi * v
    pairs = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=-1)
    return pairs.reshape(shape[0], -1)[:, : shape[1]]


def epoch_order(seed: int, epoch: int, samples: int) -> np.ndarray:
    """The order of the samples in an epoch, int64: stable argsort of a 64-bit word for each sample."""
    drawn = philox4x32((np.arange((samples + 1) // 2), 0, epoch, ORDER * 2**16), seed)
    high_low = np.stack((drawn[0], drawn[1], drawn[2], drawn[3]), axis=-1).reshape(-1, 2).astype(np.uint64)
    keys = (high_low[:, 0] << _HALF) | high_low[:, 1]
    return np.argsort(keys[:samples], kind="stable")
