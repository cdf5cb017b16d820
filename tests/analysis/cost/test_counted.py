"""A real step counted while it runs: to the byte and to the multiplication what the closed forms say."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import rng
from lab.analysis.cost import Tally, closed_form, count, counting, linear_step, nn4_step, training_alive
from lab.errors import KeepProbabilityError, SettingError
from lab.models.nn4 import NN4

SIZES = {"float32": 4, "float64": 8}


@settings(max_examples=15, deadline=None)
@given(L=st.integers(1, 5), K=st.integers(1, 24), n=st.integers(1, 24), dtype=st.sampled_from(tuple(SIZES)))
def test_a_training_step_multiplies_and_holds_what_the_formula_says(L, K, n, dtype):
    form, seen = closed_form(L, K, n), linear_step(L, K, n, dtype=dtype)
    assert [each.alive for each in seen] == [SIZES[dtype] * training_alive(L, K, n, each.number) for each in seen]
    assert max(each.alive for each in seen) == SIZES[dtype] * (form.training_memory + form.deltas)
    assert seen[-1].multiplications == form.training_exact == (3 * L - 1) * n * K**2
    assert next(each for each in seen if each.stage == "loss").multiplications == form.forward


def test_the_gradient_by_the_input_is_the_product_that_nobody_needs():
    form = closed_form(4, 12, 8)
    seen = linear_step(4, 12, 8, first=True)
    assert seen[-1].multiplications == form.training == 3 * 8 * 12**2 * 4
    assert seen[-1].multiplications - linear_step(4, 12, 8)[-1].multiplications == 8 * 12**2


def test_inference_holds_weights_and_two_activations():
    for L in (1, 2, 5):
        seen = linear_step(L, 16, 8, "inference")
        assert {each.alive for each in seen[1:]} == {4 * closed_form(L, 16, 8).inference}
        assert seen[-1].multiplications == closed_form(L, 16, 8).forward and len(seen) == L + 1


@pytest.mark.parametrize(("keep", "batchnorm"), [(1.0, False), (0.8, False), (1.0, True), (0.8, True)])
def test_nn4s_reference_is_counted_product_by_product_and_byte_by_byte(keep, batchnorm):
    K, n = 24, 16
    seen = nn4_step(K, n, keep, batchnorm)
    assert seen[-1].multiplications == 12 * n * K**2  # three a layer: also the one that nobody needs
    assert {each.product for each in seen if each.product} == {(n, K, K), (K, n, K)}
    forward = next(each for each in seen if each.stage == "loss")
    assert forward.multiplications == 4 * n * K**2
    for each in seen:  # what NumPy says that it holds, and the arrays that have a name; and two locals
        unnamed = each.alive - sum(size for _, size, _ in each.arrays)
        assert unnamed in (0, 4 * n * K, 4 * K), each.operation  # bits of a mask, or db


def test_counting_changes_no_number():
    net = NN4((24,) * 5, 0.8, True, seed=0, dtype="float64", backend="reference")
    x = rng.normals(0, (16, 24), 1, rng.NOISE)
    y = np.arange(16) % 24
    plain, tally = net.loss_gradient(x, y, step=0, rows=np.arange(16)), Tally()
    counted = net.loss_gradient(counting(x, tally), y, step=0, rows=np.arange(16))
    assert plain[0] == counted[0] and np.array_equal(plain[1], counted[1])


def test_every_product_is_counted_from_the_shapes_that_were_multiplied():
    tally = Tally()
    x = counting(np.ones((3, 4)), tally)
    y = (x @ np.ones((4, 5)))[1:]
    np.matmul(y, np.ones((5, 2)), out=np.empty((2, 2)))
    assert np.array_equal(np.where(y > 0, y, 0) @ np.ones((5, 1)), np.full((2, 1), 20.0))
    np.ones((7, 3)) @ x
    assert tally.products == [(3, 4, 5), (2, 5, 2), (2, 5, 1), (7, 3, 4)]
    assert tally.multiplications == 60 + 20 + 10 + 84 and tally.elementwise == 0
    x *= 2.0
    assert tally.elementwise == 12 and np.array_equal(x, np.full((3, 4), 2.0))


def test_tracing_ends_with_the_step_and_leaves_alone_who_traces():
    linear_step(2, 4, 4)
    assert not tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        kept = np.ones(1000)  # an array of somebody else
        seen = linear_step(2, 4, 4)
        assert tracemalloc.is_tracing() and seen[0].alive == 4 * training_alive(2, 4, 4, 0) and len(kept) == 1000
    finally:
        tracemalloc.stop()


def test_the_calculator_agrees_with_the_counted_step():
    cost = count("input 12\nrepeat 3 { linear 12 nobias }")
    assert 8 * cost.training == linear_step(3, 12, 8)[-1].multiplications


def test_wrong_numbers_are_refused():
    for wrong in ((0, 4, 4), (4, 0, 4), (4, 4, 0), (33, 4, 4), (4, 513, 4), (4, 4, 1.5)):
        with pytest.raises(SettingError, match="whole number"):
            linear_step(*wrong)
    with pytest.raises(SettingError, match="training, inference"):
        linear_step(2, 2, 2, "test")
    with pytest.raises(SettingError, match="float32, float64"):
        linear_step(2, 2, 2, dtype="float16")
    with pytest.raises(SettingError, match="K = 1"):
        nn4_step(1, 4)
    with pytest.raises(KeepProbabilityError):
        nn4_step(4, 4, keep=0)
