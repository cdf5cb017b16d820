"""The choice of a matrix product: measured once, kept, and made by the processor's features where there is none."""

import pytest

from lab.kernels.cpu import cache, fastest
from lab.models.nn4 import NN4

FOLDER = cache.folder.__wrapped__  # without the memory of what it gave before


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    fastest._kept.cache_clear()
    yield tmp_path
    fastest._kept.cache_clear()


def rates(monkeypatch, **gflops):
    monkeypatch.setattr(fastest, "_rate", lambda name: gflops[name])


@pytest.mark.parametrize(
    ("register", "blas", "chosen"), [(100, 50, "register"), (100, 104, "register"), (100, 106, "blas")]
)
def test_the_blas_must_be_clearly_faster(monkeypatch, register, blas, chosen):
    rates(monkeypatch, register=register, blas=blas)
    assert fastest.choose() == chosen == fastest.fastest() == NN4((4, 3, 3, 3, 1)).backend.gemm


def test_a_choice_stays_although_the_machine_is_in_another_mood(monkeypatch):
    rates(monkeypatch, register=1, blas=2)
    fastest.choose()
    fastest._kept.cache_clear()  # another process
    rates(monkeypatch, register=2, blas=1)
    assert fastest.choose() == "blas"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"gemm": "none"}', '{"gemm": []}', "null"])
def test_a_damaged_file_counts_as_none(empty_folder, monkeypatch, text):
    cache.choice_file().write_text(text)
    monkeypatch.setattr(fastest, "has_fma", lambda: False)
    assert fastest.fastest() == "blas"
    rates(monkeypatch, register=2, blas=1)
    assert fastest.choose() == "register"


@pytest.mark.parametrize(("width", "fma", "chosen"), [(64, True, "register"), (32, False, "blas"), (16, True, "blas")])
def test_before_a_measurement_the_processor_decides(monkeypatch, width, fma, chosen):
    monkeypatch.setattr(fastest, "BYTES", width)
    monkeypatch.setattr(fastest, "has_fma", lambda: fma)
    assert fastest.fastest() == chosen


def test_the_measurement_is_one():
    assert fastest.choose(rounds=1) in ("register", "blas")
    assert cache.choice_file().exists()


def test_a_warm_up_is_whole_when_the_choice_is_made(empty_folder, monkeypatch):
    (empty_folder / "passes.run-1.py311.1.nbc").write_bytes(b"")  # float32 is compiled, float64 is not yet
    assert not cache.is_warm()
    rates(monkeypatch, register=2, blas=1)
    fastest.choose()
    assert cache.is_warm()


@pytest.mark.parametrize("other", ["numba", "name", "features", "asked for"])
def test_machine_code_of_another_processor_or_numba_lies_elsewhere(monkeypatch, other):
    here = FOLDER()
    if other == "numba":
        monkeypatch.setattr(cache.numba, "__version__", "0.0")
    elif other == "name":
        monkeypatch.setattr(cache.llvm, "get_host_cpu_name", lambda: "haswell")
    elif other == "features":
        monkeypatch.setattr(cache.llvm, "get_host_cpu_features", lambda: {"avx2": True})
    else:
        monkeypatch.setattr(cache.config, "CPU_NAME", "nehalem")
    assert FOLDER() != here and FOLDER().parent == here.parent
