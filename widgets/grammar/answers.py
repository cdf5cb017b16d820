"""Where predictions are kept: in this kernel, and in the notebook's own file as metadata of an output.

A cell that is run again finds them in the kernel. A notebook that was saved, closed and opened again has a new kernel,
which reads them from the file; what its environment does not tell the place of (Colab, Voila) is not looked for, and
there a reader still sees the saved text.
"""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

METADATA = "nn4_answers"  # {name of a question: {"answer": value or None}} in the metadata of an output
_KEPT: dict[str, dict[str, Any]] = {}


def keep(name: str, entry: dict[str, Any]) -> None:
    """Remember an answer in this kernel."""
    _KEPT[name] = entry


def kept(name: str) -> dict[str, Any] | None:
    """An answer given before, in this kernel or in the saved notebook; None if there is none."""
    if name not in _KEPT:
        _KEPT.update({other: entry for other, entry in in_file().items() if other not in _KEPT})
    return _KEPT.get(name)


def forget() -> None:
    """Forget what this kernel remembers; what a saved notebook holds is found again."""
    _KEPT.clear()


def in_file(path: Path | None = None) -> dict[str, dict[str, Any]]:
    """The answers in a notebook's file; by default, of this kernel's notebook. Nothing where it cannot be read."""
    path = path or notebook_file()
    found: dict[str, dict[str, Any]] = {}
    if path is None:
        return found
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                for name, entry in output.get("metadata", {}).get(METADATA, {}).items():
                    if isinstance(entry, dict) and "answer" in entry:
                        found[name] = {"answer": entry["answer"]}
    return found


def notebook_file() -> Path | None:
    """The file of the notebook that this kernel belongs to, where the environment says so (Jupyter, VS Code)."""
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):  # each visitor makes predictions of his own
        return None
    told = os.environ.get("JPY_SESSION_NAME") or _vscode()
    if not told:
        return None
    for path in (Path(told), Path.cwd() / Path(told).name):
        if path.suffix == ".ipynb" and path.is_file():
            return path
    return None


def _vscode() -> str:
    with contextlib.suppress(Exception):
        from IPython import get_ipython

        return str(get_ipython().user_ns.get("__vsc_ipynb_file__", ""))
    return ""
