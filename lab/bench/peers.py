"""Whom the lab is compared with, and who of them can run here."""

from collections.abc import Callable, Iterable
from importlib.util import find_spec

from lab.bench.jax_step import jax_step
from lab.bench.numpy_step import numpy_step
from lab.bench.torch_step import torch_compiled_step, torch_step
from lab.bench.workloads import Task
from lab.checks import check_choice

COMPILED = "torch.compile"
PEERS: dict[str, Callable[[Task], Callable[[], None]]] = {
    "torch": torch_step,
    COMPILED: torch_compiled_step,
    "jax": jax_step,
    "numpy": numpy_step,
}


def check_peers(names: Iterable[str]) -> list[str]:
    """Return the names, each once, if all are known, or raise `SettingError` that lists the known ones."""
    return list(dict.fromkeys(check_choice("peer", name, tuple(PEERS)) for name in names))


def package(peer: str) -> str:
    """The package that a peer comes with."""
    return peer.partition(".")[0]


def installed(peer: str) -> bool:
    """Whether the peer's package is here; nothing is imported."""
    return find_spec(package(peer)) is not None


def why_not(peer: str, error: Exception) -> str:
    """One sentence for a peer that is here and fails: the first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    cause = f"{type(error).__name__}: {lines[0] if lines else 'without a message'}"
    cure = " It needs a C++ compiler (g++, clang++ or MSVC)." if peer == COMPILED else ""
    return f"{peer} cannot run here and was left out: {cause[:300]}.{cure}"
