"""What a backend of NN4 must offer, and how one is chosen: once, by name.

A backend never sees workers, and workers never see layers: between them stands a `Shard`.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lab.checks import check_choice
from lab.errors import BackendError

if TYPE_CHECKING:
    from lab.models.nn4 import NN4

BACKENDS = ("reference", "cpu")


@dataclass(slots=True)  # not frozen, which would cost a microsecond for each
class Shard:
    """One mini-batch of a round: which rows of the data, and what its gradient weighs in the sum.

    Args:
        x, y: the whole training data, (N, D) and (N,).
        index: rows of x and y that form the shard, int64 (n,).
        rows: their addresses for the random masks, int64 (n,); in training the same as `index`.
        step: the round, the other part of a mask's address.
        weight: the gradient of the mean loss is multiplied by it; n / N makes the shards' sum a mean.
    """

    x: np.ndarray
    y: np.ndarray
    index: np.ndarray
    rows: np.ndarray
    step: int
    weight: float = 1.0


class Backend(Protocol):
    """One way to compute NN4's passes."""

    name: str
    gemm: str

    def workspace(self) -> Any:
        """Memory for the passes of one worker; it grows to the largest batch and is then reused."""

    def gradient(
        self, net: "NN4", shard: Shard, workspace: Any, grad: np.ndarray, stats: np.ndarray
    ) -> Generator[None, None, float]:
        """Write shard.weight * gradient to `grad` and the batch statistics to `stats`; return the mean loss.

        A generator: the first `yield` comes when the shard's rows have been brought in, and then one at
        least every few hundredths of a second, so that the caller can look up from a long shard. One that
        takes microseconds does not yield at all.
        """

    def logits(self, net: "NN4", x: np.ndarray, workspace: Any) -> np.ndarray:
        """Weighted sums of the last layer in test mode, (N, classes); valid until the workspace is used again."""

    def train_logits(self, net: "NN4", x: np.ndarray, step: int, rows: np.ndarray, workspace: Any) -> np.ndarray:
        """The same in training mode: masks at (step, rows) and batch statistics."""


def choose(name: str, gemm: str | None) -> Backend:
    """The backend called `name` with the products called `gemm` (None: its own default).

    Raises:
        BackendError: unknown, or it cannot run here; the message says why and what to do.
    """
    if name == "reference":
        from lab.models.nn4_reference import ReferenceBackend

        if gemm not in (None, "numpy"):
            raise BackendError(f"gemm = {gemm!r} is unknown to the reference backend. It knows one: numpy.")
        return ReferenceBackend()
    if name == "cpu":
        try:
            from lab.models.nn4_cpu import CpuBackend
        except ImportError as error:
            raise BackendError(
                f"backend = 'cpu' needs numba and scipy, but: {error}. "
                "Install them (python -m pip install numba scipy), or choose backend = 'reference'."
            ) from error
        return CpuBackend(gemm)
    check_choice("backend", name, BACKENDS)
    raise AssertionError("unreachable: every name in BACKENDS is handled above")
