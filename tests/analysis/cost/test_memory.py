"""Memory of a training step: closed forms, the optimizers, and what is kept for the backward pass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.cost import PRESETS, closed_form, count, memory, preset, training_alive, training_step
from lab.errors import SettingError


def deep(L, K):
    return count(f"input {K}\nrepeat {L} {{ linear {K} nobias }}")


@given(L=st.integers(1, 6), K=st.integers(1, 20), n=st.integers(1, 20))
def test_l_layers_of_width_k_cost_what_the_closed_form_says(L, K, n):
    cost, form = deep(L, K), closed_form(L, K, n)
    used = memory(cost, n)
    assert n * cost.forward == form.forward == n * K**2 * L
    assert n * cost.training == form.training_exact == (3 * L - 1) * n * K**2
    assert form.training == 3 * n * K**2 * L
    assert used.inference == 4 * form.inference == 4 * (L * K**2 + 2 * n * K)
    assert used.weights + used.gradients + used.kept == 4 * form.training_memory == 4 * (2 * L * K**2 + L * n * K)
    assert used.working == 4 * form.deltas


@given(L=st.integers(1, 6), K=st.integers(1, 9), n=st.integers(1, 9))
def test_the_step_holds_what_the_closed_form_says_operation_by_operation(L, K, n):
    steps = list(training_step(deep(L, K)))
    assert [(each.stage, each.row) for each in steps[: L + 1]] == [
        *(("forward", i) for i in range(1, L + 1)), ("loss", L),
    ]  # fmt: skip
    back = [2 * L * K**2 + n * each.alive for each in steps[L + 1 :]]
    at_input = [training_alive(L, K, n, L + 3 + 2 * i) for i in range(L - 1)]  # while the input's delta is made
    assert back == [*at_input, training_alive(L, K, n, 3 * L)]
    assert [2 * L * K**2 + n * each.alive for each in steps[: L + 1]] == [
        training_alive(L, K, n, i) for i in range(1, L + 2)
    ]
    assert steps[-1].multiplications == (3 * L - 1) * K**2


@pytest.mark.parametrize("name", PRESETS)
def test_memory_grows_going_forward_and_everything_goes_in_the_end(name):
    cost = count(preset(name))
    steps = list(training_step(cost))
    forward = [each.kept for each in steps if each.stage == "forward"]
    back = [each.kept for each in steps if each.stage == "backward"]
    assert forward == sorted(forward) and back == sorted(back, reverse=True)
    assert forward[-1] == back[0] == sum(array.size for array in cost.arrays if array.savers)
    assert steps[-1].multiplications == cost.training
    assert [each.number for each in steps] == list(range(1, len(steps) + 1))
    assert [each.row for each in steps if each.stage == "backward"] == [r.number for r in cost.rows if r.learns][::-1]


def test_optimizers_keep_none_one_and_two_copies():
    cost = count(preset("ResNet-152, ten classes"))
    used = {name: memory(cost, 16, name) for name in ("SGD", "momentum", "Adam")}
    for name, copies in (("SGD", 0), ("momentum", 1), ("Adam", 2)):
        assert used[name].optimizer == copies * 4 * 58_164_298
        assert used[name].total == used["SGD"].total + used[name].optimizer
    assert used["SGD"].weights == used["SGD"].gradients == 232_657_192


def test_batch_and_type_scale_what_they_should():
    cost = count(preset("ResNet-44"))
    one, many, half = memory(cost, 1), memory(cost, 64), memory(cost, 64, dtype="float16")
    assert (many.kept, many.working, many.weights) == (64 * one.kept, 64 * one.working, one.weights)
    assert 2 * half.total == many.total and 2 * half.inference == many.inference


def kept(text):
    """Names of the rows whose outputs are kept for the backward pass."""
    cost = count(text)
    return {cost.rows[array.rows[0]].name for array in cost.arrays if array.savers}


def test_what_the_backward_pass_needs_is_kept_and_nothing_else():
    assert kept("input 4\nlinear 3\nlinear 2") == {"input", "fc1"}
    assert kept("input 4\nlinear 3\nrelu\nlinear 2") == {"input", "fc1"}  # ReLU lies where fc1 lay
    assert kept("input 4\nlinear 3\nbn\nrelu\nlinear 2") == {"input", "fc1", "bn1"}
    assert kept("input 4\nlinear 3\nrelu\ndropout\nlinear 2") == {"input", "fc1"}
    assert kept("input 4\nlinear 3\nrelu\nbn\ndropout\nlinear 2") == {"input", "fc1", "bn1"}
    assert kept("input 4\ndropout\nlinear 2") == {"dropout1"}  # the data are not overwritten
    assert kept("input 4x4x1\nconv 2 1x1\nmaxpool 2x2\nconv 2 1x1") == {"input", "conv1", "pool1"}
    assert kept("input 4x4x1\nconv 2 1x1\navgpool 2x2\nconv 2 1x1") == {"input", "pool1"}
    assert kept("input 4\nlinear 3\nsigmoid\ndropout\nlinear 2") == {"input", "fc1", "dropout1"}  # y (1 - y) needs y
    assert kept("input 4x4x1\nrelu\nglobalpool") == set()  # nothing learns


def test_a_residual_shares_its_input_and_adds_in_place():
    cost = count("input 4x4x2\nconv 2 1x1; relu\nresidual { conv 2 3x3 pad 1; bn; relu; conv 2 3x3 pad 1; bn }; relu")
    own = [row.name for row, size in zip(cost.rows, cost.activations, strict=True) if size]
    assert own == ["input", "conv1", "res1.conv1", "res1.bn1", "res1.conv2", "res1.bn2"]


def test_a_batch_of_none_and_unknown_names_are_refused():
    cost = deep(1, 2)
    for wrong in (0, -1, 1.5, True, None):
        with pytest.raises(SettingError, match="batch"):
            memory(cost, wrong)
    with pytest.raises(SettingError, match=r"optimizer.*SGD, momentum, Adam"):
        memory(cost, 1, "LARS")
    with pytest.raises(SettingError, match=r"dtype.*float16"):
        memory(cost, 1, dtype="int8")
    for bad in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (np.nan, 1, 1)):
        with pytest.raises(SettingError, match="whole number"):
            closed_form(*bad)
    with pytest.raises(SettingError, match="operation"):
        training_alive(2, 3, 4, 7)
