"""The module of the page: six files made one, which a page gets once; every board carries the way to it."""

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

from widgets.board import theme
from widgets.charts.chart import COMMON

SCRIPTS = (
    "board_library.js",
    "board_cards.js",
    "board_words.js",
    "board_export.js",
    "board_view.js",
    "board.js",
)  # one module, in this order
HERE = Path(__file__).parent


@cache
def code() -> str:
    """The module of the page: the files of SCRIPTS and the style sheet, without comments and indents."""
    style = theme.css() + "\n" + (HERE / "board.css").read_text(encoding="utf-8")
    given = {"CSS": style, "COMMON": COMMON, "COLORS": theme.in_scripts()}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    return constants + "\n".join(_squeezed(name) for name in SCRIPTS)


@cache
def loader() -> str:
    """What every board carries of it: the way to the rest, which a page gets once."""
    return _squeezed("board_loader.js").replace("__KEY__", hashlib.sha256(code().encode()).hexdigest()[:16])


@cache
def packed_code() -> bytes:
    """The module, compressed."""
    return gzip.compress(code().encode())


def _squeezed(name: str) -> str:
    lines = (line.partition("   //")[0].strip() for line in (HERE / name).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
