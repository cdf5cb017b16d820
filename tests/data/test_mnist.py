"""MNIST is found, fetched and verified; a damaged or foreign file is refused, and nothing is half used."""

import gzip
import os
import time
from dataclasses import replace

import numpy as np
import pytest

from lab.data import DataFileError, fetch, load, mnist
from lab.data.idx_set import load_idx_set
from lab.errors import DataError, DataMissingError, SettingError

TRAIN_X, TRAIN_Y = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture(autouse=True)
def made_up_mnist(monkeypatch, made, closed_port):
    """`lab.data.load` means the made-up files, and a mirror at which nobody listens."""
    monkeypatch.setattr(mnist, "MNIST", replace(made.wanted, mirrors=(closed_port,)))


@pytest.fixture
def mirrored(monkeypatch):
    def use(*mirrors):
        monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, mirrors=mirrors))

    return use


# --- from a folder


@pytest.mark.parametrize("inner", ["mnist", "."])
@pytest.mark.parametrize(("suffix", "dotted"), [(".gz", False), ("", False), ("", True), (".gz", True)])
def test_files_in_a_folder_are_found_under_their_usual_names(tmp_path, made, inner, suffix, dotted):
    made.write(tmp_path / "data" / inner, suffix, dotted)
    data = load("mnist", folder=tmp_path / "data")
    np.testing.assert_array_equal(data.train_y, made.arrays[TRAIN_Y])
    assert data.source == ("folder folder/mnist" if inner == "mnist" else "folder folder")


def test_lab_data_names_the_folder(tmp_path, monkeypatch, made):
    made.write(tmp_path / "mnist")
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    data = load("mnist")
    assert (data.source, data.name, data.note) == ("folder LAB_DATA/mnist", "mnist", "")


def test_pixels_are_divided_by_255_and_nothing_else(tmp_path, made):
    data = load("mnist", folder=made.write(tmp_path / "mnist"))
    pixels = made.arrays[TRAIN_X].reshape(40, 784)
    assert data.train_x.dtype == np.float32 and data.train_x.flags.c_contiguous
    np.testing.assert_array_equal(data.train_x, pixels.astype(np.float32) / np.float32(255))
    assert data.train_x.min() == 0 and data.train_x.max() == 1
    assert (data.shape, data.test_x.shape, data.normalization) == ((28, 28), (12, 784), "pixel / 255, in [0, 1]")


def test_two_classes_are_even_and_odd(tmp_path, made):
    folder = made.write(tmp_path / "mnist")
    ten, two = load("mnist", 10, folder=folder), load("mnist", 2, folder=folder)
    np.testing.assert_array_equal(two.train_y, ten.train_y % 2 == 0)
    assert two.train_y.dtype == np.int64 and two.classes == 2
    assert ten.fingerprint != two.fingerprint


def test_the_fingerprint_is_of_the_data_not_of_the_packing(tmp_path, made, make, monkeypatch):
    packed = load("mnist", folder=made.write(tmp_path / "packed"))
    plain = load("mnist", folder=made.write(tmp_path / "plain", suffix=""))
    assert packed.fingerprint == plain.fingerprint and len(packed.fingerprint) == 64
    other = make(seed=1)
    assert load_idx_set(other.wanted, 10, other.write(tmp_path / "other")).fingerprint != packed.fingerprint


# --- refused


@pytest.mark.parametrize("name", ["mnist", "auto"])
@pytest.mark.parametrize("broken", range(4))
def test_a_truncated_file_is_refused_by_name_also_for_auto(tmp_path, made, name, broken):
    folder = made.write(tmp_path / "mnist", suffix="")
    path = folder / list(made.contents)[broken]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataFileError, match=rf"{path.name} is truncated.*Copy or download"):
        load(name, folder=tmp_path)


@pytest.mark.parametrize("name", ["mnist", "auto"])
def test_another_data_set_of_the_same_form_is_refused(tmp_path, make, name):
    fashion = make(seed=5)
    fashion.write(tmp_path / "mnist")
    with pytest.raises(DataFileError, match=rf"is not MNIST's {TRAIN_X} .*another data set of the same form"):
        load(name, folder=tmp_path)


def test_a_changed_pixel_is_refused(tmp_path, made):
    folder = made.write(tmp_path / "mnist", suffix="")
    content = bytearray((folder / TRAIN_X).read_bytes())
    content[-1] ^= 1
    (folder / TRAIN_X).write_bytes(content)
    with pytest.raises(DataFileError, match="is not MNIST's"):
        load("mnist", folder=tmp_path)


def test_labels_and_pictures_under_each_others_names_are_refused(tmp_path, made):
    folder = made.write(tmp_path / "mnist", suffix="")
    (folder / TRAIN_X).write_bytes(made.contents[TRAIN_Y])
    with pytest.raises(DataFileError, match="holds an array of shape 40, but N x 28 x 28 is needed"):
        load("mnist", folder=tmp_path)


def test_an_incomplete_folder_is_refused_with_what_it_lacks(tmp_path, made):
    folder = made.write(tmp_path / "mnist")
    (folder / f"{TRAIN_Y}.gz").unlink()
    with pytest.raises(DataFileError, match=rf"lacks {TRAIN_Y} .*four files.*Add what is missing"):
        load("auto", folder=tmp_path)


def test_labels_that_do_not_fit_the_pictures_are_refused(tmp_path, make):
    fewer = make(train_labels=39)
    with pytest.raises(DataFileError, match=rf"{TRAIN_Y}.gz holds 39 labels, but .* holds 40 pictures"):
        load_idx_set(fewer.wanted, 10, fewer.write(tmp_path / "mnist"))
    none = make(train=0)
    with pytest.raises(DataFileError, match="holds 0 labels"):
        load_idx_set(none.wanted, 10, none.write(tmp_path / "none"))


def test_labels_out_of_range_are_refused(tmp_path, make):
    eleven = make(highest=10)
    with pytest.raises(DataFileError, match="holds the label 10, but labels are digits from 0 to 9"):
        load_idx_set(eleven.wanted, 10, eleven.write(tmp_path / "mnist"))


@pytest.mark.parametrize("name", ["mnist", "auto"])
def test_a_named_folder_that_does_not_exist_is_an_error(tmp_path, monkeypatch, name):
    with pytest.raises(SettingError, match=r"folder = .*nowhere' does not exist.*leave it out"):
        load(name, folder=tmp_path / "nowhere")
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(SettingError, match=r"LAB_DATA = .*nowhere' does not exist.*unset LAB_DATA"):
        load(name)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingError, match="is a file"):
        load(name, folder=tmp_path / "file")
    with pytest.raises(SettingError, match="folder = '3' is no path"):
        load(name, folder=3)


@pytest.mark.parametrize(
    "settings", [{"name": "cifar"}, {"classes": 3}, {"classes": "10"}, {"seed": -1}, {"seed": 0.5}]
)
def test_settings_out_of_range_are_refused_before_anything_is_read(settings):
    with pytest.raises(SettingError, match=str(next(iter(settings.values())))):
        load(**{"name": "mnist", **settings})


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_file_without_permission_is_refused(tmp_path, made):
    folder = made.write(tmp_path / "mnist")
    (folder / f"{TRAIN_X}.gz").chmod(0)
    with pytest.raises(DataFileError, match="Permission denied"):
        load("auto", folder=tmp_path)


# --- nowhere


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


# --- from a mirror, into the cache


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


# --- the real one


def test_the_real_mnist_is_what_the_sums_say(real_mnist, monkeypatch, closed_port):
    monkeypatch.undo()
    data = load("mnist", folder=real_mnist, download=False)
    assert data.train_x.shape == (60_000, 784) and data.test_x.shape == (10_000, 784)
    assert np.bincount(data.train_y).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.train_y[:5].tolist() == [5, 0, 4, 1, 9] and data.test_y[:5].tolist() == [7, 2, 1, 0, 4]
    assert data.train_x.mean(dtype=np.float64) == pytest.approx(0.1306605, abs=1e-6)


def test_the_real_mnist_does_not_pass_as_the_made_up_one(real_mnist):
    with pytest.raises(DataError, match="is not MNIST's"):
        load("auto", folder=real_mnist)
