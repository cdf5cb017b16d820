"""plotly.js as the page gets it: the one inside the installed Python package, compressed once in a process.

A FigureWidget would send 5 MB for each figure; a board sends 1.5 MB once for each page, and the next board nothing.
"""

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def plotly_source() -> bytes:
    """plotly.js, minified."""
    found = find_spec("plotly")  # does not import it, which would take longer than all the rest
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path.read_bytes()
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).encode()


@cache
def plotly_version() -> str:
    """Its version, by which boards on a page know that they can share it."""
    head = plotly_source()[:400].decode("latin1")
    return head.partition("plotly.js v")[2].split("\n")[0].split()[0] if "plotly.js v" in head else "?"


@cache
def plotly_gzip() -> bytes:
    """plotly.js, compressed."""
    return gzip.compress(plotly_source(), compresslevel=6)
