"""The doctor looks for data and a browser: what is absent is no failure, what is damaged is one."""

import pytest

from lab.doctor import surroundings
from tests.findings import one


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))


def test_absent_mnist_is_no_failure(no_data):
    found = one(surroundings.mnist())
    assert found.ok is None and "LAB_DATA is not set" in found.says and "--data mnist" in found.cure


def test_damaged_mnist_is_one(no_data, monkeypatch, tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    found = one(surroundings.mnist())
    assert found.ok is False and "lacks" in found.says and found.cure.startswith("env -u LAB_DATA")


def test_lab_data_that_is_no_folder_is_one(no_data, monkeypatch):
    monkeypatch.setenv("LAB_DATA", "/nowhere")
    found = one(surroundings.mnist())
    assert found.ok is False and "/nowhere" in found.says


def test_chromium_is_found_named_or_missed(monkeypatch):
    monkeypatch.delenv("LAB_CHROMIUM", raising=False)
    monkeypatch.setattr(surroundings, "PLACES", {})
    monkeypatch.setattr(surroundings.shutil, "which", lambda name: "/bin/chromium" if name == "chromium" else None)
    assert one(surroundings.chromium()).ok is True
    monkeypatch.setenv("LAB_CHROMIUM", "/nowhere/chrome")
    assert one(surroundings.chromium()).ok is False
    monkeypatch.delenv("LAB_CHROMIUM")
    monkeypatch.setattr(surroundings.shutil, "which", lambda name: None)
    missing = one(surroundings.chromium())
    assert missing.ok is None and missing.cure
