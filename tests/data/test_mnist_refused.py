"""A damaged or foreign file of MNIST is refused by its name, and so is a folder or a setting that cannot be."""

import os

import pytest

from lab.data import DataFileError, load
from lab.data.idx_set import load_idx_set
from lab.errors import SettingError
from tests.data.conftest import TRAIN_X, TRAIN_Y

pytestmark = pytest.mark.usefixtures("made_up_mnist")


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
