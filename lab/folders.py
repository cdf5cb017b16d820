"""Where the lab keeps what it can make again: downloaded data and compiled kernels."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`LAB_CACHE` if it is set, else the user's cache folder of this operating system."""
    named = os.environ.get("LAB_CACHE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("nn4-lab")
