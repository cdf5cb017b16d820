"""Every backend against the reference: one pass from the same weights, norm of the difference over norm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import BackendError, SettingError
from lab.models.nn4 import NN4
from tests.gradients import distance
from tests.models.nets import SWITCHES, batch, shaken

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
WIDTHS = (150, 140, 40, 12)  # wider than one block of columns, and no multiple of it


def pair(gemm, keep, batchnorm, outputs, dtype, bias=False, widths=WIDTHS, seed=3):
    made = [
        NN4((*widths, outputs), keep, batchnorm, bias, seed, dtype, backend, name)
        for backend, name in (("reference", None), ("cpu", gemm))
    ]
    return [shaken(net, size=0.02) for net in made]


def assert_same(net, expected, actual, what):
    for name, view in expected.items():
        assert distance(view, actual[name]) < TOLERANCE[str(net.dtype)], (what, name)


@pytest.mark.parametrize("gemm", ["register", "blas", "loop"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("outputs", [1, 10])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_loss_gradient(keep, batchnorm, outputs, dtype, gemm):
    reference, cpu = pair(gemm, keep, batchnorm, outputs, dtype)
    x, y, rows = batch(reference, samples=70)
    loss, grad, stats = reference.loss_gradient(x, y, 5, rows)
    loss2, grad2, stats2 = cpu.loss_gradient(x, y, 5, rows)
    assert loss2 == pytest.approx(loss, rel=TOLERANCE[dtype])
    assert_same(cpu, reference.views(grad), cpu.views(grad2), "gradient")
    assert_same(cpu, reference.running_views(stats), cpu.running_views(stats2), "statistics")


@pytest.mark.parametrize("gemm", ["register", "blas", "loop"])
def test_biases(gemm):
    reference, cpu = pair(gemm, 0.8, False, 10, "float64", bias=True)
    x, y, rows = batch(reference, samples=70)
    _, grad, _ = reference.loss_gradient(x, y, 5, rows)
    assert_same(cpu, reference.views(grad), cpu.views(cpu.loss_gradient(x, y, 5, rows)[1]), "gradient")
    np.testing.assert_allclose(cpu(x), reference(x), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("keep", "batchnorm"), SWITCHES)
def test_predictions_in_both_modes(keep, batchnorm, dtype):
    reference, cpu = pair("blas", keep, batchnorm, 10, dtype)
    x, y, _ = batch(reference, samples=70)
    _, _, stats = reference.loss_gradient(x, y)
    reference.running[:] = cpu.running[:] = stats
    assert distance(reference(x), cpu(x)) < TOLERANCE[dtype]
    assert distance(reference(x, "train", 4), cpu(x, "train", 4)) < TOLERANCE[dtype]
    assert cpu.loss(x, y) == pytest.approx(reference.loss(x, y), rel=TOLERANCE[dtype])


@settings(max_examples=30)
@given(
    widths=st.tuples(*[st.integers(1, 300)] * 4),
    samples=st.integers(2, 80),
    keep=st.floats(0.1, 1.0),
    batchnorm=st.booleans(),
    seed=st.integers(0, 2**64 - 1),
)
def test_any_shape_any_keep_any_seed(widths, samples, keep, batchnorm, seed):
    reference, cpu = pair("blas", keep, batchnorm, 1, "float64", widths=widths, seed=seed)
    x, y, rows = batch(reference, samples)
    _, grad, _ = reference.loss_gradient(x, y, 2**31, rows)
    _, grad2, _ = cpu.loss_gradient(x, y, 2**31, rows)
    # A unit whose variance is close to 0 multiplies rounding by 1 / sqrt(eps): compare the whole vector.
    assert distance(grad, grad2) < 1e-9


def test_a_long_pass_cut_into_phases_gives_the_same_gradient():
    """5,000 rows make phases of partial products; the reference multiplies in one piece."""
    reference, cpu = pair("blas", 0.8, True, 10, "float64", widths=(300, 280, 130, 20))
    x, y, rows = batch(reference, samples=5000)
    _, grad, _ = reference.loss_gradient(x, y, 1, rows)
    _, grad2, _ = cpu.loss_gradient(x, y, 1, rows)
    assert len(cpu._workspace.plan(cpu, 5000, "training")[0].bundles) > 5
    assert_same(cpu, reference.views(grad), cpu.views(grad2), "gradient")


def test_a_net_of_another_seed_or_mask_is_told_apart():
    """The comparison can fail: another step draws other masks, and the distance is of order 1."""
    reference, cpu = pair("blas", 0.7, True, 10, "float64")
    x, y, rows = batch(reference, samples=70)
    assert distance(reference.loss_gradient(x, y, 5, rows)[1], cpu.loss_gradient(x, y, 6, rows)[1]) > 0.1


def test_unknown_names_are_refused():
    with pytest.raises(SettingError, match="reference, cpu"):
        NN4(backend="gpu")
    with pytest.raises(BackendError, match="blas, loop"):
        NN4(backend="cpu", gemm="mkl")
    with pytest.raises(BackendError, match="numpy"):
        NN4(backend="reference", gemm="blas")


def test_arrays_that_may_not_be_written_are_taken_without_compiling_anew():
    from lab.kernels.cpu import passes

    _, cpu = pair("blas", 0.7, True, 10, "float64")
    x, y, rows = batch(cpu, samples=70)
    _, grad, _ = cpu.loss_gradient(x, y, 5, rows)
    compiled = len(passes.run.signatures)
    for array in (x, y, rows):
        array.flags.writeable = False
    assert np.array_equal(cpu.loss_gradient(np.asfortranarray(x), y, 5, rows)[1], grad)
    assert len(passes.run.signatures) == compiled
