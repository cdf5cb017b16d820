"""What stands around the lab: MNIST, and a browser for the tests."""

import os
import shutil
import sys
from pathlib import Path

from lab.doctor.finding import Finding

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    "win32": (r"C:\Program Files\Google\Chrome\Application\chrome.exe",),
}
INSTALL = {"darwin": "brew install --cask google-chrome", "win32": "winget install Google.Chrome"}


def mnist() -> list[Finding]:
    """Whether MNIST is here and whole: its four files are read and verified, nothing is downloaded."""
    from lab.data.idx import DataFileError
    from lab.data.idx_set import SetMissingError, find
    from lab.data.mnist import MNIST
    from lab.errors import LabError

    around = "LAB_DATA is set" if os.environ.get("LAB_DATA") else "LAB_DATA is not set"
    try:
        _, source = find(MNIST, download=False)
    except SetMissingError:
        says = f"MNIST is not here ({around}): it is downloaded when asked for (11 MB); the digits need no file."
        return [Finding("data", None, says, "python -m lab train --data mnist")]
    except LabError as error:  # a damaged or foreign file, or LAB_DATA is no folder: the cure goes past it
        says = f"{error.path} {error.found}." if isinstance(error, DataFileError) else str(error)
        return [Finding("data", False, says, "env -u LAB_DATA python -m lab train --data mnist")]
    return [Finding("data", True, f"MNIST is here, all four files verified ({source}).")]


def chromium() -> list[Finding]:
    """A Chromium for the browser tests; the lab itself needs none."""
    named = os.environ.get("LAB_CHROMIUM")
    if named and not shutil.which(named):
        return [Finding("Chromium", False, f"LAB_CHROMIUM = {named!r} is no program.", "unset LAB_CHROMIUM")]
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    found = found or next((path for path in PLACES.get(sys.platform, ()) if Path(path).is_file()), None)
    if found:
        return [Finding("Chromium", True, f"{found}, for the browser tests.")]
    says = "No Chromium is found: the browser tests are skipped, everything else runs."
    return [Finding("Chromium", None, says, INSTALL.get(sys.platform, "sudo apt-get install chromium"))]
