"""Counts of operations and bytes by hand, and kernels timed inside a step that is the lab's own."""

import numpy as np
import pytest

from lab.bench import live
from lab.bench.counting import KERNELS, PRODUCTS, Count, step_counts, total
from lab.bench.lab_step import LabStep
from lab.bench.roofline import ROOFS, Roofline, RoofTimed, StepKernels, StepTimed
from lab.bench.workloads import WIDTHS, Workload, make_task
from lab.errors import SettingError
from lab.events import Waiting


def test_operations_and_bytes_of_the_first_product_by_hand():
    count = step_counts((784, 512, 256, 128, 10), 256, itemsize=4)["product", 1]
    assert count.flops == 205_520_896 and count.bytes == 4 * (256 * 784 + 784 * 512 + 256 * 512)
    assert count.intensity == pytest.approx(70.078, abs=5e-4)


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("batch", [2, 256])
def test_products_are_all_operations_of_the_workload(size, batch):
    counts = step_counts(WIDTHS[size], batch)
    assert sum(total(counts, name).flops for name in PRODUCTS) == Workload(size, batch).flops()
    assert ("inputs", 1) not in counts  # nobody needs the gradient by the pictures


def test_passes_count_what_their_loops_do():
    counts = step_counts((6, 5, 4, 3, 2), batch=10, itemsize=8)
    assert counts["gather", 1] == Count(60, 60 * 2 * 8)
    assert counts["hidden forward", 2] == Count(10 * 4 * 9, 10 * 4 * 3 * 8)
    assert counts["hidden backward", 3] == Count(10 * 3 * 11, 10 * 3 * 4 * 8)
    parameters = 6 * 5 + 5 * 4 + 4 * 3 + 3 * 2 + 2 * (5 + 4 + 3)
    assert counts["update", 0] == Count(2 * parameters, 5 * 8 * parameters)
    assert {name for name, _ in counts} == set(KERNELS)


@pytest.mark.parametrize("batch", [2, 64, 700])
def test_a_step_with_a_clock_in_it_is_the_same_step(batch):
    kernels, step = StepKernels("tiny", batch, "float64"), LabStep(make_task(Workload("tiny", batch, "float64")))
    step()
    assert np.array_equal(kernels._net.params, step.net.params)
    found = kernels.step()
    assert set(found) == set(step_counts(WIDTHS["tiny"], batch)) | {("loss", 4)}
    assert all(seconds > 0 for seconds in found.values())


def test_roofs_and_steps_come_in_turn_and_points_add_up(monkeypatch):
    monkeypatch.setattr(live, "PIECE", 1e-4)
    run = Roofline("tiny", 64, seconds=1e-6)
    events = [event for event in run if not isinstance(event, Waiting)]
    assert [event.roof for event in events[:-1] if isinstance(event, RoofTimed)] == list(ROOFS)
    assert type(events[-1]) is StepTimed and set(run.roofs) == set(ROOFS)
    points = {point.kernel: point for point in run.points()}
    assert tuple(points) == KERNELS
    layers = [point for layer in (1, 2, 3, 4) for point in run.points(layer) if point.kernel == "product"]
    assert sum(point.count.flops for point in layers) == points["product"].count.flops
    assert sum(point.seconds for point in layers) == pytest.approx(points["product"].seconds)
    assert {point.kernel for point in run.points(1)} >= {"gather", "product"} and "inputs" not in {
        point.kernel for point in run.points(1)
    }


def test_below_the_ridge_the_bandwidth_limits_and_above_it_the_peak():
    run = Roofline("tiny", 64)
    run.roofs = {"peak": 100.0, "copy, cache": 20.0}
    assert run.attainable(np.array([1.0, 5.0, 50.0]), "copy, cache").tolist() == [20.0, 100.0, 100.0]


@pytest.mark.parametrize("wrong", [{"size": "huge"}, {"batch": 1}, {"batch": 2.5}, {"seconds": -1.0}])
def test_what_is_not_allowed_is_refused_at_once(wrong):
    with pytest.raises(SettingError, match=next(iter(wrong))):
        Roofline(**wrong)
