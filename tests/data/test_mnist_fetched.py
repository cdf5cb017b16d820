"""MNIST is fetched from a mirror into the cache and verified, and nothing is half used."""

import gzip

import numpy as np
import pytest

from lab.data import load
from lab.errors import DataMissingError
from tests.data.conftest import TRAIN_X, TRAIN_Y

pytestmark = pytest.mark.usefixtures("made_up_mnist")


def test_a_download_is_verified_and_kept(serve, mirrored, tmp_path, made, cache):
    server = serve(made.write(tmp_path / "mirror"))
    mirrored(server.url)
    first = load("mnist")
    assert first.source == "downloaded now"
    np.testing.assert_array_equal(first.train_y, made.arrays[TRAIN_Y])
    assert sorted(path.name for path in cache.iterdir()) == sorted(f"{name}.gz" for name in made.contents)
    asked = len(server.asked)
    again = load("mnist")
    assert (again.source, len(server.asked), again.fingerprint) == ("download cache", asked, first.fingerprint)


def test_the_cache_is_enough_without_a_network(made, cache):
    made.write(cache)
    assert load("auto").source == "download cache"


def test_a_mirror_with_a_bad_file_is_followed_by_the_next(serve, mirrored, tmp_path, made, cache):
    bad, good = serve(made.write(tmp_path / "bad")), serve(made.write(tmp_path / "good"))
    (tmp_path / "bad" / f"{TRAIN_X}.gz").write_bytes(gzip.compress(made.contents[TRAIN_X][:-1]))
    (tmp_path / "bad" / f"{TRAIN_Y}.gz").write_bytes(b"<html>log in first</html>")
    mirrored(bad.url, good.url)
    assert load("mnist").source == "downloaded now"
    asked = [line for line in good.asked if line.startswith("GET")]
    assert asked == [f"GET /{TRAIN_X}.gz", f"GET /{TRAIN_Y}.gz"]
    assert not list(cache.glob(".*"))


def test_a_mirror_that_is_down_is_asked_once(serve, mirrored, tmp_path, made, closed_port):
    mirrored(closed_port, serve(made.write(tmp_path / "mirror")).url)
    assert load("mnist").source == "downloaded now"


def test_foreign_files_at_every_mirror_leave_nothing_behind(serve, mirrored, tmp_path, make, cache):
    mirrored(serve(make(seed=9).write(tmp_path / "mirror")).url)
    with pytest.raises(DataMissingError, match=rf"{TRAIN_X}.gz from there is not MNIST's"):
        load("mnist")
    assert list(cache.iterdir()) == []
    assert "the download failed" in load("auto").note


def test_a_mirror_without_the_file_is_named_with_its_answer(serve, mirrored, tmp_path):
    mirrored(serve(tmp_path).url)
    with pytest.raises(DataMissingError, match="answers 404"):
        load("mnist")


def test_only_what_the_cache_lacks_or_has_damaged_is_downloaded(serve, mirrored, tmp_path, made, cache):
    server = serve(made.write(tmp_path / "mirror"))
    mirrored(server.url)
    made.write(cache)
    (cache / f"{TRAIN_Y}.gz").write_bytes(b"damaged")
    (cache / f"{TRAIN_X}.gz").unlink()
    assert load("mnist").source == "downloaded now"
    assert [line for line in server.asked if line.startswith("GET")] == [f"GET /{TRAIN_X}.gz", f"GET /{TRAIN_Y}.gz"]
    assert load("mnist").source == "download cache"


def test_a_damaged_cache_without_a_network_is_said(made, cache):
    made.write(cache)
    (cache / f"{TRAIN_Y}.gz").write_bytes(b"damaged")
    with pytest.raises(DataMissingError, match=rf"{TRAIN_Y}.gz begins with the bytes"):
        load("mnist")


def test_a_cache_that_cannot_be_written_is_said(serve, mirrored, tmp_path, monkeypatch, made):
    mirrored(serve(made.write(tmp_path / "mirror")).url)
    (tmp_path / "taken").write_bytes(b"")
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "taken"))
    with pytest.raises(DataMissingError, match=r"cannot be written \(.*\); name another folder in LAB_CACHE"):
        load("mnist")
