"""The state of a dashboard as a short text: what its controls show and its seed, to keep, to send, and to restore.

It says how a run begins, not what the net has learned: from the same text the same run begins anew, number for number.
"""

import json
from collections.abc import Mapping
from typing import Any

from lab.errors import SettingError
from widgets.controls.controls import controls_of

VERSION = 1
MOST = 20_000  # characters: nothing that was saved here is longer


def write_state(board: str, values: Mapping[str, Any], seed: int) -> str:
    """The text for the board of that name."""
    return json.dumps({"board": board, "version": VERSION, "seed": seed, **values}, ensure_ascii=False)


def read_state(text: str, board: str, spec: type) -> tuple[dict[str, Any], int]:
    """Values and seed from a text.

    Raises:
        SettingError: it is none of this board's texts, or a value in it is not allowed. Nothing has changed then.
    """
    again = "Copy the whole text that Save state gave, from { to }."
    if not text.strip() or len(text) > MOST:
        raise SettingError(f"a text of {len(text.strip())} characters is no saved state. {again}")
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        raise SettingError(f"{_short(text)} is no saved state. {again}") from None
    if not isinstance(state, dict) or not {"board", "version", "seed"} <= set(state):
        raise SettingError(f"{_short(text)} is no saved state. {again}")
    if state.pop("board") != board:
        raise SettingError(f"the state of another board cannot be restored here. Give one that {board} saved.")
    version, seed = state.pop("version"), state.pop("seed")
    if version != VERSION:
        raise SettingError(f"the state has version {version!r}, and this lab reads version {VERSION}. Save it anew.")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise SettingError(f"seed = {seed!r} is not allowed. Give a whole number from 0 to 2^63 - 1.")
    known = controls_of(spec)
    if unknown := sorted(set(state) - set(known)):
        raise SettingError(f"{', '.join(unknown)} is not known to {board}. It has: {', '.join(known)}.")
    return {name: known[name].check(name, _held(value)) for name, value in state.items()}, seed


def _held(value: Any) -> Any:
    """A value as a spec holds it: JSON knows no tuples."""
    return tuple(value) if isinstance(value, list) else value


def _short(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 40 else words[:37] + "...")
