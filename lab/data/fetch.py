"""Folders and downloads: where data may stand, and how it gets into our cache.

A download is written beside its place under a temporary name, verified, and only then renamed: what
stands in the cache is whole, whoever is interrupted and however many processes download at once.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from lab.data.idx import DataFileError
from lab.errors import SettingError

# Seconds for all mirrors together to answer at all, and for one to go on sending.
ANSWER, STALL = 5.0, 15.0

Verified = TypeVar("Verified")


class DownloadError(Exception):
    """No mirror gave the file; the message says why in full, `summary` in a few words.

    Never leaves `lab.data`, which knows what else can be done.
    """

    def __init__(self, message: str, summary: str):
        super().__init__(message)
        self.summary = summary


def data_folder(folder: str | os.PathLike[str] | None = None) -> Path | None:
    """The folder that the user names, by argument or else by LAB_DATA; None where neither is given.

    Raises:
        SettingError: the folder that is named is none.
    """
    given = os.environ.get("LAB_DATA") if folder is None else folder
    if given is None or given == "":
        return None
    path = Path(given).expanduser() if isinstance(given, (str, os.PathLike)) else None
    if path is None or not path.is_dir():
        name = "LAB_DATA" if folder is None else "folder"
        wrong = "is no path" if path is None else "is a file" if path.exists() else "does not exist"
        remedy = "unset LAB_DATA" if folder is None else "leave it out"
        raise SettingError(f"{name} = {str(given)!r} {wrong}. Name the folder that holds mnist/, or {remedy}.")
    return path


def answering(mirrors: Sequence[str], name: str) -> list[str]:
    """The mirrors that answer, all asked at once for the head of a file.

    Looking up a host's name can block for a minute where there is no network, and no library gives it
    a time limit: so each question is asked in a thread that is left behind when time is up.

    Raises:
        DownloadError: none answers.
    """
    from pooch import HTTPDownloader

    outcome: dict[str, str] = {}

    def ask(mirror: str) -> None:
        try:
            HTTPDownloader(timeout=ANSWER)(mirror + name, None, None, check_only=True)
            outcome[mirror] = ""
        except Exception as error:
            outcome[mirror] = _short(error)

    threads = [threading.Thread(target=ask, args=(mirror,), daemon=True) for mirror in mirrors]
    deadline = time.monotonic() + ANSWER
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    said = {mirror: outcome.get(mirror, f"no answer within {ANSWER:g} s") for mirror in mirrors}
    if all(said.values()):
        reasons = "; ".join(f"{_host(mirror)}: {why}" for mirror, why in said.items())
        raise DownloadError(f"no mirror answers ({reasons})", "no network")
    return [mirror for mirror in mirrors if not said[mirror]]


def download(mirrors: Sequence[str], name: str, target: Path, verify: Callable[[Path], Verified]) -> Verified:
    """Bring a file from the first mirror that has it whole to `target`.

    Args:
        mirrors: addresses of folders, ending in "/".
        verify: gives what the file at a path holds, or raises `DataFileError` unless it is the right one.

    Returns:
        What `verify` gave.

    Raises:
        DownloadError: no mirror gave a file that passes, or the cache cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(target.parent, error) from error
    reasons = []
    for mirror in mirrors:
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}.part")
        try:
            _stream(mirror + name, part)
            verified = verify(part)
            part.replace(target)
            return verified
        except DataFileError as error:
            reasons.append(f"{_host(mirror)}: {name} from there {error.found}")
        except OSError as error:  # requests' exceptions are among them
            if error.filename is not None:
                raise _unwritable(target.parent, error) from error
            reasons.append(f"{_host(mirror)}: {_short(error)}")
        finally:
            part.unlink(missing_ok=True)
    raise DownloadError(f"no mirror has a whole {name} ({'; '.join(reasons)})", "the download failed")


def _stream(url: str, part: Path) -> None:
    """Download with a progress bar; the bar goes away when it is done or broken off."""
    from pooch import HTTPDownloader
    from tqdm import tqdm

    # A bar without a total has no truth value, which pooch asks for; it then sets the true total.
    with tqdm(desc=url.rsplit("/", 1)[-1], total=1, unit="B", unit_scale=True, leave=False) as bar:
        HTTPDownloader(progressbar=bar, chunk_size=2**16, timeout=(ANSWER, STALL))(url, str(part), None)


def _unwritable(folder: Path, error: OSError) -> DownloadError:
    return DownloadError(
        f"the cache {folder} cannot be written ({error.strerror}); name another folder in LAB_CACHE",
        "the cache cannot be written",
    )


def _host(mirror: str) -> str:
    return urlsplit(mirror).netloc or mirror


def _short(error: BaseException) -> str:
    """The cause of a network error in a few words: the libraries' own texts fill a paragraph."""
    import requests

    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer"
    cause = getattr(error.args[0] if error.args else None, "reason", None) or error
    if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException) and cause.strerror:
        return cause.strerror if cause.filename is None else f"{cause.strerror} ({cause.filename})"
    if type(cause).__name__ == "NameResolutionError":
        return "the host's name cannot be resolved (no network)"
    return str(cause).rsplit(": ", 1)[-1].strip("'\"()")
