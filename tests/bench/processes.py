"""What tests of processes ask."""

import os

import pytest


def gone(process):
    """Whether a process has ended and was waited for."""
    if process.poll() is None:
        return False
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    return True
