"""The doctor looks at the machine: its Python, its vectors, and whether the kernels are compiled."""

from types import SimpleNamespace

import pytest

from lab.doctor import machine
from tests.findings import one


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(machine, "FLOOR", (9, 9))
    found = one(machine.python())
    assert found.ok is False and "9.9 or newer" in found.says


@pytest.mark.parametrize(
    ("features", "bits", "names"),
    [
        ({"avx512f", "avx2", "fma", "sse2"}, 512, ["AVX-512", "AVX2", "FMA"]),
        ({"avx2", "fma"}, 256, ["AVX2", "FMA"]),
        ({"neon", "asimd"}, 128, ["NEON"]),
        ({"sse2"}, 128, []),
    ],
)
def test_vector_widths(features, bits, names):
    assert machine.vectors(features) == (bits, names)


@pytest.mark.parametrize(("warm", "ok"), [(True, True), (False, None)])
def test_kernels_are_compiled_or_not_yet(monkeypatch, warm, ok):
    monkeypatch.setattr(machine, "import_module", lambda name: SimpleNamespace(is_warm=lambda: warm))
    found = one(machine.kernels())
    assert found.ok is ok and (found.cure == "") == warm
