"""A round in phases: the same bits as a round at once, every array named, the lines that ran."""

import inspect
import re

import numpy as np
import pytest

import lab
from lab.analysis.nn4 import RoundPhases, source_of
from lab.analysis.nn4.sources import lines_before_yield
from lab.errors import KeepProbabilityError, LabelError, SettingError, ShapeError, ShardError, StepSizeError
from lab.models import nn4_reference
from lab.optim.sgd import sgd
from tests.models.nets import SWITCHES, batch, shaken, small_net


def one_round(phases):
    made = [next(phases)]
    while made[-1].number < made[-1].of:
        made.append(next(phases))
    return made


def both(K=1, **settings):
    """A net that learns in phases, its twin, and a batch."""
    net, twin = (shaken(small_net(**settings)) for _ in range(2))
    x, y, _ = batch(net, 12)
    return RoundPhases(net, x, y, delta=0.3, K=K), net, twin, x, y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_phases_add_up_to_the_gradient_and_the_step_to_the_bit(keep, batchnorm, outputs, dtype):
    phases, net, twin, x, y = both(keep=keep, batchnorm=batchnorm, outputs=outputs, dtype=dtype)
    made = one_round(phases)
    loss, grad, _ = twin.loss_gradient(x, y)
    claimed = {name: array for phase in made if phase.stage == "backward" for name, array in phase.arrays.items()}
    for name, view in twin.views(grad).items():
        if batchnorm or name.startswith("W"):
            np.testing.assert_array_equal(claimed[f"d{name}"], view)
    assert [phase.loss for phase in made if phase.stage == "loss"] == [loss]
    sgd(twin.params, grad, 0.3)
    np.testing.assert_array_equal(net.params, twin.params)


@pytest.mark.parametrize("K", [1, 2, 3])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_rounds_in_phases_are_rounds_of_synchronous_sgd_to_the_bit(keep, batchnorm, K):
    phases, net, twin, x, y = both(K, keep=keep, batchnorm=batchnorm)
    lab.sync_sgd(twin, x, y, delta=0.3, K=K, rounds=3)
    for _ in range(3):
        made = one_round(phases)
    assert net.sha256() == twin.sha256() and (net.step, net.running_rounds) == (twin.step, twin.running_rounds)
    assert [phase.number for phase in made] == list(range(1, made[0].of + 1)) and made[0].round == 2
    assert [phase.operation for phase in made].count("mean") == (K > 1)


@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_every_array_of_the_pass_is_named_once_when_it_is_made(keep, batchnorm):
    phases, _, twin, x, y = both(keep=keep, batchnorm=batchnorm)
    made = one_round(phases)
    trace = twin.trace(x, "train", step=0)
    _, dz = nn4_reference.loss_and_grad(twin, trace["z4"], y)
    nn4_reference.backward(twin, trace, dz, twin.layout.zeros(twin.dtype))
    shown = [name for phase in made if phase.shard is not None for name in phase.arrays]
    wanted = {name for name in trace if not name.startswith("cache")}
    if not batchnorm:  # y is relu there, and its gradient the same
        wanted -= {"y1", "y2", "y3"}
    assert len(shown) == len(set(shown)) and wanted <= set(shown)
    for phase in made:
        for name, array in phase.arrays.items():
            if name in trace:
                np.testing.assert_array_equal(array, trace[name], err_msg=name)


def test_what_a_phase_showed_stays_as_it_was():
    phases, *_ = both()
    made = one_round(phases)
    before = {(phase.number, name): array.copy() for phase in made for name, array in phase.arrays.items()}
    one_round(phases)
    for phase in made:
        for name, array in phase.arrays.items():
            np.testing.assert_array_equal(array, before[phase.number, name])


def test_equations_name_the_arrays_of_their_layer():
    phases, *_ = both()
    for phase in one_round(phases):
        assert "{" not in phase.equation
        if phase.layer:
            assert any(name in phase.equation for name in phase.arrays), phase.name
    assert "sigmoid" in one_round(both(outputs=1)[0])[15].equation


def test_sources_are_lines_of_the_files_they_name(root):
    phases, *_ = both()
    seen = set()
    for phase in one_round(phases):
        for source in phase.sources:
            file = (root / source.file).read_text(encoding="utf-8").splitlines()
            squeezed = [re.sub(r"\s", "", line) for line in file]
            assert squeezed[source.line - 1] == re.sub(r"\s", "", source.text.splitlines()[0])
            assert all(re.sub(r"\s", "", line) in squeezed for line in source.text.splitlines())
            assert len(source.text.splitlines()) <= 14 and '"""' not in source.text
        seen.add((phase.stage, phase.operation))
    first, called = source_of("backward", "batchnorm")
    assert "batchnorm_grad(" in first.text and "cache.rstd" in called.text
    assert "sgd" in source_of("update", "step")[0].text and len(seen) == 13
    assert "sigmoid(z" in source_of("forward", "output", True)[1].text


def test_lines_before_a_yield_that_is_not_there():
    with pytest.raises(LookupError, match="yields no 'convolution'"):
        lines_before_yield(nn4_reference.forward_phases, "convolution")
    assert "yield" in inspect.getsource(nn4_reference.backward_phases)


def test_changes_act_on_the_next_update_and_the_next_round():
    phases, net, *_ = both(keep=1.0)
    next(phases)
    phases.change(delta=1e-9, keep=0.5, K=2)
    before = net.params.copy()
    while phases.last.operation != "step":
        next(phases)
    assert 0 < np.abs(net.params - before).max() < 1e-6 and net.keep == 1.0
    next(phases)  # running statistics
    assert next(phases).of > 50 and net.keep == 0.5


def test_a_batch_is_drawn_anew_in_every_round():
    net = small_net()
    x, y, _ = batch(net, 12)
    phases = RoundPhases(net, x, y, batch=4)
    first, second = (one_round(phases)[0].arrays["y0"] for _ in range(2))
    assert first.shape == (4, 7) and not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"delta": 0}, StepSizeError), ({"K": 13}, ShardError), ({"K": 7}, ShardError), ({"batch": 13}, SettingError),
        ({"x": np.zeros((12, 3))}, ShapeError), ({"y": np.full(12, 9)}, LabelError),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused_before_the_first_phase(wrong, error):
    net = small_net()
    x, y, _ = batch(net, 12)
    with pytest.raises(error):
        RoundPhases(net, **({"x": x, "y": y} | wrong))


def test_a_backend_that_cannot_stop_is_refused_and_so_are_wrong_changes():
    net = small_net(backend="cpu")
    x, y, _ = batch(net, 12)
    with pytest.raises(SettingError, match=r"net\.use"):
        RoundPhases(net, x, y)
    net.use("reference")
    with pytest.raises(KeepProbabilityError):
        RoundPhases(net, x, y).change(keep=0)
