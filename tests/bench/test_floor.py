"""The floor: equal products by everybody, and rates that follow from the clock."""

import numpy as np
import pytest

from lab.bench import floor
from lab.bench.lab_step import LabStep
from lab.bench.workloads import Workload


@pytest.mark.parametrize("form", floor.FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everybody_multiplies_the_same(form, dtype, monkeypatch):
    made = {}

    def remember(name):
        original = getattr(floor, name)

        def product(form, a, b, c):
            made[name] = c
            return original(form, a, b, c)

        return product

    for name in ("_numpy_product", "_lab_products"):
        monkeypatch.setattr(floor, name, remember(name))
    calls = floor.product_calls(form, 5, 24, 12, dtype, torch=False)
    results = {}
    for who, call in calls.items():
        made["_numpy_product"][:] = np.nan
        call()
        results[who] = made["_numpy_product"].copy()
    assert {"NumPy's BLAS", "lab's blas"} <= results.keys() and "lab's loop" not in results
    for result in results.values():
        assert np.allclose(result, results["NumPy's BLAS"], rtol=1e-5)


def test_the_floor_is_the_flops_at_the_best_rate(clock, session, monkeypatch):
    workload = Workload("tiny", 256)
    rates = {"slow": 1e9, "fast": 4e9}

    def calls(form, batch, d_in, d_out, dtype, torch):
        flops = 2.0 * batch * d_in * d_out
        return {who: lambda rate=rate: clock.advance(flops / rate) for who, rate in rates.items()}

    class Ours(LabStep):
        def __call__(self):
            clock.advance(workload.flops() / 3e9)

    monkeypatch.setattr(floor, "product_calls", calls)
    monkeypatch.setattr(floor, "LabStep", Ours)
    floor.floor_rows(session, workload)
    (row,) = session.rows
    assert row["ratio"] == pytest.approx(0.75, rel=1e-3) and row["unit"] == "share" and "4 GFLOP/s: fast" in row["note"]
    (kept,) = session.floor["gemm"]
    assert kept["best"]["rate"] == pytest.approx(4e9) and len(kept["products"]) == 2 * (4 * 3 - 1)


def test_the_bandwidth_is_bytes_over_seconds(clock, session, monkeypatch):
    for name, seconds in (("copyto", 0.5), ("add", 0.25)):
        original = getattr(np, name)

        def slow(*args, seconds=seconds, original=original, **more):
            clock.advance(seconds)
            return original(*args, **more)

        monkeypatch.setattr(floor.np, name, slow)
    floor.bandwidth(session, entries=1000)
    assert session.floor["bandwidth"] == {"copy": pytest.approx(16_000), "add": pytest.approx(48_000)}
    assert {row["size"] for row in session.rows} == {"copy", "add"}
