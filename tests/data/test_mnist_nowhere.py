"""MNIST that is nowhere: where it was looked for is said, and the small digits take its place where they may."""

import time

import pytest

from lab.data import fetch, load
from lab.errors import DataMissingError
from tests.data.conftest import TRAIN_X

pytestmark = pytest.mark.usefixtures("made_up_mnist")


def test_mnist_that_is_nowhere_says_where_it_looked_and_what_to_do(cache, closed_port):
    with pytest.raises(DataMissingError) as caught:
        load("mnist")
    for said in ("LAB_DATA is not set", str(cache), closed_port[7:-1], "Connection refused", f"{TRAIN_X}.gz",
                 "set LAB_DATA", "--data digits"):  # fmt: skip
        assert said in str(caught.value)
    assert not cache.exists()


def test_auto_falls_back_on_digits_and_says_so():
    data = load("auto", classes=2, seed=3)
    assert (data.name, data.classes) == ("digits", 2)
    assert data.note == (
        "MNIST is not here (LAB_DATA is not set, no network): the 1,797 digits of scikit-learn are used instead."
    )
    assert data.fingerprint == load("digits", 2, 3).fingerprint and load("digits").note == ""


def test_a_folder_without_mnist_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    assert "LAB_DATA has no mnist/" in load("auto").note


def test_no_download_where_it_is_switched_off(serve, mirrored, tmp_path, made):
    server = serve(made.write(tmp_path / "mirror"))
    mirrored(server.url)
    with pytest.raises(DataMissingError, match="downloading is switched off"):
        load("mnist", download=False)
    assert server.asked == []


def test_a_mirror_that_does_not_answer_is_given_up_within_seconds(mirrored, monkeypatch):
    """A listener that never answers stands for a network that swallows everything."""
    import socket

    monkeypatch.setattr(fetch, "ANSWER", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mirrored(*[f"http://127.0.0.1:{mute.getsockname()[1]}/{i}/" for i in range(3)])
        start = time.perf_counter()
        with pytest.raises(DataMissingError, match="no answer"):
            load("mnist")
        assert time.perf_counter() - start < 1.5
        time.sleep(0.3)  # the threads that asked end by themselves
