"""The Chromium of this machine: where it is, and how it is started for tests and measurements."""

import os
import shutil

# Without these a browser started by a test looks for updates and servers of its own.
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # A page reaches this machine only: what it asks of the network fails at once, and so it does everywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW = "No Chromium here. Install it (Debian: apt-get install chromium), or set LAB_CHROMIUM to its path."


def find_chromium():
    """Its path, or None."""
    return os.environ.get("LAB_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
