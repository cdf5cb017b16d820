"""Whom the lab's step is compared with, and who of them is installed."""

from collections.abc import Callable, Iterable
from importlib.util import find_spec

from lab.bench.jax_step import jax_step
from lab.bench.numpy_step import numpy_step
from lab.bench.torch_step import torch_step
from lab.bench.workloads import Task
from lab.checks import check_choice

PEERS: dict[str, Callable[[Task], Callable[[], None]]] = {
    "numpy": numpy_step,
    "torch": torch_step,
    "jax": jax_step,
}


def check_peers(names: Iterable[str]) -> list[str]:
    """Return the names if all are known, or raise `SettingError` that lists the known ones."""
    return [check_choice("peer", name, tuple(PEERS)) for name in names]


def installed(peer: str) -> bool:
    """Whether the peer's package is here; nothing is imported."""
    return find_spec(peer) is not None
