"""Data sets of four IDX files (pictures and labels, to train and to test): found, fetched, verified.

Looked for in the folder that the user names, then in our cache, then at the mirrors. Every file is
verified by the SHA-256 of its unpacked bytes, so it may be gzipped anew, but nothing else under its name.
"""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.data.dataset import Dataset, Raw, assemble
from lab.data.fetch import DownloadError, answering, data_folder, download
from lab.data.idx import DataFileError, IdxFile, read_idx
from lab.errors import DataMissingError
from lab.folders import cache_folder

WHITE = 255


@dataclass(frozen=True)
class IdxSet:
    """What identifies such a data set.

    Attributes:
        name: in `lab.load`, and of its folder.
        title: in sentences.
        sums: file name -> SHA-256 of the unpacked bytes; train pictures, train labels, test pictures, test labels.
        mirrors: addresses of folders that hold the files with ".gz" added, ending in "/".
        shape: of a picture.
    """

    name: str
    title: str
    sums: dict[str, str]
    mirrors: tuple[str, ...]
    shape: tuple[int, int] = (28, 28)


class SetMissingError(DataMissingError):
    """The data set is nowhere; `summary` says why in a few words, the message in full."""

    def __init__(self, message: str, summary: str):
        super().__init__(message)
        self.summary = summary


def load_idx_set(
    wanted: IdxSet, classes: int, folder: str | os.PathLike[str] | None = None, download: bool = True
) -> Dataset:
    """Find, verify and normalize a data set of four IDX files.

    Raises:
        DataFileError: a file in the folder that the user names is damaged, foreign, or missing beside others.
        DataMissingError: no such files in the folder and the cache, and no download.
        SettingError: the folder that the user names does not exist.
    """
    files, source = find(wanted, folder, download)
    train_pixels, train_digits, test_pixels, test_digits = (file.array for file in files)
    return assemble(
        wanted.name,
        Raw(train_pixels, train_digits),
        Raw(test_pixels, test_digits),
        classes=classes,
        white=WHITE,
        source=source,
    )


def find(
    wanted: IdxSet, folder: str | os.PathLike[str] | None = None, download: bool = True
) -> tuple[list[IdxFile], str]:
    """The four files, verified, and the words for where they were; raises as `load_idx_set`."""
    named, called = data_folder(folder), "LAB_DATA" if folder is None else "folder"
    if named is not None:
        for place, words in ((named / wanted.name, f"{called}/{wanted.name}"), (named, called)):
            if paths := _paths(wanted, place):
                files = [read_verified(wanted, name, path) for name, path in zip(wanted.sums, paths, strict=True)]
                return _check_pairs(paths, files), f"folder {words}"
    looked = "LAB_DATA is not set" if named is None else f"{called} has no {wanted.name}/"
    try:
        return _from_cache(wanted, download)
    except DownloadError as error:
        raise _missing(wanted, looked, error) from error


def _paths(wanted: IdxSet, place: Path) -> list[Path]:
    """The four files in a folder, under any of their usual names; [] where none of them is there."""
    found = [_path(place, name) for name in wanted.sums]
    absent = [name for name, path in zip(wanted.sums, found, strict=True) if path is None]
    if absent and len(absent) < len(found):
        raise DataFileError(
            place,
            f"lacks {' and '.join(absent)} (with or without .gz)",
            f"{wanted.title} is four files",
            f"Add what is missing, or remove the others (then {wanted.title} is looked for elsewhere).",
        )
    return [path for path in found if path is not None]


def _path(place: Path, name: str) -> Path | None:
    """train-images-idx3-ubyte, also with a dot before idx3 (as some tools unpack it), also with .gz."""
    dotted = name.replace("-idx", ".idx")
    names = (name + ".gz", name, dotted + ".gz", dotted)
    return next((place / each for each in names if (place / each).is_file()), None)


def read_verified(wanted: IdxSet, name: str, path: Path) -> IdxFile:
    """One of the four files, if it is the right one to the byte; otherwise `DataFileError`."""
    pictures = list(wanted.sums).index(name) % 2 == 0
    file = read_idx(path, (None, *wanted.shape) if pictures else (None,))
    if file.sha256 != wanted.sums[name]:
        raise DataFileError(
            path,
            f"is not {wanted.title}'s {name} (SHA-256 of its unpacked bytes: {file.sha256[:12]}...)",
            f"{wanted.sums[name][:12]}... is expected: it is damaged, or another data set of the same form",
            f"Replace it by {wanted.title}'s own file, or remove all four "
            f"(then {wanted.title} is looked for elsewhere).",
        )
    return file


def _check_pairs(paths: list[Path], files: list[IdxFile]) -> list[IdxFile]:
    """Pictures and labels that belong together, or `DataFileError`."""
    for i in (0, 2):
        pictures, labels = len(files[i].array), files[i + 1].array
        if len(labels) != pictures or not pictures:
            raise DataFileError(
                paths[i + 1],
                f"holds {len(labels):,} labels",
                f"{paths[i].name} holds {pictures:,} pictures, and 1 is the least",
            )
        if labels.max() > 9:
            raise DataFileError(paths[i + 1], f"holds the label {labels.max()}", "labels are digits from 0 to 9")
    return files


def _from_cache(wanted: IdxSet, allowed: bool) -> tuple[list[IdxFile], str]:
    """The four files from the cache; what is absent or damaged there is downloaded, if that is allowed."""
    place = cache_folder() / wanted.name
    paths = [place / f"{name}.gz" for name in wanted.sums]
    files: dict[str, IdxFile] = {}
    wrong = "nothing there"
    for name, path in zip(wanted.sums, paths, strict=True):
        try:
            if path.is_file():
                files[name] = read_verified(wanted, name, path)
        except DataFileError as error:
            wrong = f"{path.name} {error.found}"
    absent = [name for name in wanted.sums if name not in files]
    if absent:
        try:
            files |= _download(wanted, absent, place, allowed)
        except DownloadError as error:
            raise DownloadError(f"the cache {place} ({wrong}), the network: {error}", error.summary) from error
    ordered = [files[name] for name in wanted.sums]
    return _check_pairs(paths, ordered), "downloaded now" if absent else "download cache"


def _download(wanted: IdxSet, absent: list[str], place: Path, allowed: bool) -> dict[str, IdxFile]:
    """The absent files from the mirrors into the cache; `DownloadError` unless all of them come."""
    if not allowed:
        raise DownloadError("downloading is switched off", "downloading is switched off")
    mirrors = answering(wanted.mirrors, f"{absent[0]}.gz")
    return {
        name: download(mirrors, f"{name}.gz", place / f"{name}.gz", partial(read_verified, wanted, name))
        for name in absent
    }


def _missing(wanted: IdxSet, looked: str, error: DownloadError) -> SetMissingError:
    files = ", ".join(f"{name}.gz" for name in wanted.sums)
    return SetMissingError(
        f"{wanted.title} is not here. Looked at: the named folder ({looked}), {error}. "
        f"Put {files} into a folder {wanted.name}/ and set LAB_DATA to the folder around it; "
        "or connect to the network; or take the digits that need neither: --data digits, lab.load('digits').",
        f"{looked}, {error.summary}",
    )
