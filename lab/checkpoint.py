"""Checkpoints: everything that a run needs to go on to the bit, in one file that is whole or not there.

A file is written beside its target, flushed to the disk and renamed over it: a crash at any moment leaves
the old checkpoint or the new one. The format is NumPy's .npz (a zip whose every part carries a check sum)
with the flat vectors and one JSON text.
"""

import io
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import CheckpointError

FORMAT = 1
_MARK = "nn4-lab checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """A run at rest: its flat vectors, and plain values for all the rest (see `lab.training.run`)."""

    params: np.ndarray
    running: np.ndarray
    state: dict[str, Any]


def check_writable(path: str | Path) -> Path:
    """Return the path if a file can be written there, else raise before any work is done.

    Raises:
        CheckpointError: the folder cannot be made or written, or the path is a folder.
    """
    path = Path(path).expanduser()
    probe = _beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CheckpointError(
            f"no checkpoint can be written to {path}: {error.strerror or error}. "
            "Name a file in a folder that you may write to."
        ) from error
    return path


def write_checkpoint(path: str | Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint so that the file is whole whatever happens.

    Raises:
        CheckpointError: the disk is full or the folder not writable; an older checkpoint is untouched.
    """
    path = Path(path).expanduser()
    temporary = _beside(path)
    text = json.dumps({"mark": _MARK, "format": FORMAT, **checkpoint.state}).encode()
    packed = io.BytesIO()  # in memory first: NumPy leaves its zip file open when the disk is full
    np.savez(packed, params=checkpoint.params, running=checkpoint.running, state=np.frombuffer(text, np.uint8))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(packed.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CheckpointError(
            f"the checkpoint {path} could not be written: {error.strerror or error}. "
            "An older one is untouched, and the run is still in memory: free some space or name another "
            "folder, and save again."
        ) from error
    return path


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        CheckpointError: no such file, damaged, not one of this lab's, or of a newer format.
    """
    path = Path(path).expanduser()
    try:
        file = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile) or {"params", "running", "state"} - set(file.files):
            raise CheckpointError(f"{path} is not a checkpoint of NN4 Lab. Name a file that a run has written.")
        params, running = file["params"], file["running"]
        state = json.loads(file["state"].tobytes())
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no checkpoint {path}. Check the name, or start a new run.") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise CheckpointError(
            f"{path} is damaged or not a checkpoint of NN4 Lab ({type(error).__name__}: {error}). "
            "Take an older one (a new run keeps the one before as *.previous.npz), or start a new run."
        ) from error
    if not isinstance(state, dict) or state.get("mark") != _MARK:
        raise CheckpointError(f"{path} is not a checkpoint of NN4 Lab. Name a file that a run has written.")
    if state["format"] > FORMAT:
        raise CheckpointError(
            f"{path} has format {state['format']}, and this version of the lab reads up to {FORMAT}. Update the lab."
        )
    return Checkpoint(params, running, state)


def _beside(path: Path) -> Path:
    """A temporary name in the same folder, so that renaming is atomic; one for each process."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")
