"""Training: `train` and `resume` make a run, `sync_sgd` is the course's own loop in one call."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lab.blas import one_blas_thread
from lab.checkpoint import read_checkpoint
from lab.checks import check_count, check_delta, check_labels, check_matrix, check_shards
from lab.data import Dataset
from lab.errors import CheckpointError, ShapeError
from lab.models.nn4 import NN4, as_kernel_input
from lab.optim.sync_sgd import sync_sgd_round
from lab.presets import defaults
from lab.training.history import History
from lab.training.run import Run
from lab.training.settings import Settings
from lab.workers import Round, make_workers

__all__ = ["DEFAULT", "History", "Run", "Settings", "resume", "sync_sgd", "train"]

DEFAULT = "default"


def train(
    net: NN4,
    data: Dataset,
    *,
    delta: float | None = None,
    K: int | None = None,
    batch: int | str | None = DEFAULT,
    workers: str = "serial",
    epochs: int | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int | None = None,
    evaluate_every: int | None = None,
) -> Run:
    """Train a net by synchronous SGD: returns a run to iterate over; nothing is computed before.

    Args:
        net: changed in place. data: see `lab.load`.
        delta: step size. K: mini-batches a round. batch: samples a round, None for the whole training set.
            What is left out comes from `lab.defaults(name)`.
        workers: "serial" or "threads:P": who computes the K gradients; the result is the same to the bit.
        epochs: passes over the training set.
        checkpoint: a file that is written after every epoch, and every 10 seconds within one.
        checkpoint_every: rounds between two checkpoints instead of the 10 seconds.
        evaluate_every: rounds between two `Evaluated` events within an epoch, on 2,000 samples; None for none.

    Raises:
        SettingError or one of its kinds: a setting is not allowed. ShapeError, LabelError,
        NotFiniteError: the data do not fit the net. CheckpointError: the file cannot be written.
    """
    usual = defaults(data.name)
    settings = Settings(
        delta=usual.delta if delta is None else delta,
        K=usual.K if K is None else K,
        batch=usual.batch if batch == DEFAULT else batch,  # type: ignore[arg-type]
        workers=workers,
        epochs=usual.epochs if epochs is None else epochs,
        evaluate_every=evaluate_every,
    )
    if checkpoint_every is not None:
        check_count("checkpoint_every", checkpoint_every)
    return Run(net, _fitted(data, net), settings, checkpoint, checkpoint_every)


def resume(
    path: str | Path,
    data: Dataset,
    *,
    workers: str | None = None,
    epochs: int | None = None,
    gemm: str | None = None,
    checkpoint_every: int | None = None,
) -> Run:
    """Go on from a checkpoint, to the bit as if the run had never stopped.

    Args:
        path: written by `Run.save`; the run goes on writing there.
        data: the same data that the run was started with.
        workers, epochs: may differ from the checkpoint's. gemm: None, or the checkpoint's own.

    Raises:
        CheckpointError: the file is missing, damaged or foreign; the data, or the GEMM, are not its own.
        BackendError: its backend cannot run here.
    """
    saved = read_checkpoint(path)
    state = saved.state
    try:
        run = _restored(path, saved.params, saved.running, state, data, workers, epochs, gemm)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is incomplete ({error!r}). Take an older checkpoint, or start anew.") from error
    if checkpoint_every is not None:
        run.checkpoint_every = check_count("checkpoint_every", checkpoint_every)
    return run


def sync_sgd(
    net: NN4, X: np.ndarray, y: np.ndarray, delta: float, K: int, rounds: int, workers: str = "serial"
) -> np.ndarray:
    """Rounds of synchronous SGD over the whole set, as the course defines them.

        W^(r) = W^(r-1) - delta * mean over the K mini-batches of their gradients at W^(r-1)

    Args:
        net: changed in place. X: (N, d_in). y: labels, (N,).
        delta: step size. K: mini-batches into which X is divided. rounds: R.

    Returns:
        The loss as optimized of every round, (rounds,).

    Raises:
        as `train`.
    """
    X = as_kernel_input(check_matrix("X", X, net.widths[0]), net.dtype)
    y = as_kernel_input(check_labels("y", y, len(X), net.classes), np.dtype(np.int64))
    delta, K = check_delta(delta), check_shards(K, len(X), net.batchnorm)
    team = make_workers(workers)
    losses = np.empty(check_count("rounds", rounds))
    try:
        with one_blas_thread():
            for r in range(rounds):
                task = Round(net, X, y, np.arange(len(X)), net.step, K)
                work = sync_sgd_round(task, delta, team)
                losses[r] = _last_value(work).outcome.loss
                net.step += 1
    finally:
        team.close()
    return losses


def _last_value(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def _fitted(data: Dataset, net: NN4) -> Dataset:
    """The data in the net's dtype, checked: shape, finite numbers, labels."""
    if data.train_x.ndim != 2 or data.train_x.shape[1] != net.widths[0]:
        raise ShapeError(
            f"the data have samples of shape {data.train_x.shape[1:]}, but the net takes ({net.widths[0]},). "
            f"Make the net with widths = ({data.train_x.shape[-1]}, ...)."
        )
    if data.classes != net.classes:
        raise ShapeError(
            f"the data have {data.classes} classes, but the net has {net.outputs} outputs. "
            f"Give {1 if data.classes == 2 else data.classes} as its last width."
        )
    parts: dict[str, Any] = {}
    for part in ("train", "test"):
        x = check_matrix(f"{part}_x", getattr(data, f"{part}_x"), net.widths[0])
        y = check_labels(f"{part}_y", getattr(data, f"{part}_y"), len(x), net.classes)
        parts[f"{part}_x"] = as_kernel_input(x, net.dtype)
        parts[f"{part}_y"] = as_kernel_input(y, np.dtype(np.int64))
    return replace(data, **parts)


def _restored(
    path: str | Path,
    params: np.ndarray,
    running: np.ndarray,
    state: dict[str, Any],
    data: Dataset,
    workers: str | None,
    epochs: int | None,
    gemm: str | None,
) -> Run:
    if state["data"]["fingerprint"] != data.fingerprint:
        raise CheckpointError(
            f"{path} was trained on {state['data']['name']} with {state['data']['classes']} classes and other data "
            f"than these ({data.name}, {data.classes} classes). Load the data that it began with."
        )
    if gemm is not None and gemm != state["net"]["gemm"]:
        raise CheckpointError(
            f"{path} was computed with gemm = {state['net']['gemm']!r}, not {gemm!r}: the last bits would differ. "
            "Leave gemm out, or give the same."
        )
    net = NN4(**state["net"])
    if params.shape != net.params.shape or running.shape != net.running.shape or params.dtype != net.dtype:
        raise CheckpointError(f"{path} does not hold the parameters of its own net. Take an older checkpoint.")
    net.params[:], net.running[:] = params, running
    if net.sha256() != state["sha256"]:
        raise CheckpointError(
            f"{path} holds other parameters than it says (the hash differs). Take an older checkpoint."
        )
    net.step, net.running_rounds = state["step"], state["running_rounds"]
    settings = Settings(**state["settings"])
    settings = replace(settings, workers=workers or settings.workers, epochs=epochs or settings.epochs)
    data = replace(data, note=state["data"]["note"])  # a run that fell back on the digits goes on saying so
    run = Run(net, _fitted(data, net), settings, path)
    run.restore(state)
    return run
