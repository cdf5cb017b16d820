"""How a run trains: checked once at the start, and at every change while it runs."""

import math
from dataclasses import dataclass
from typing import Any

from lab.checks import check_count, check_delta, check_keep, check_shards
from lab.errors import SettingError
from lab.models.nn4 import NN4, check_batchnorm
from lab.workers import cores, make_workers


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of synchronous SGD and of the machinery.

    Args:
        delta: step size. K: mini-batches a round. batch: samples a round, None for the whole training set.
        workers: "serial" or "threads:P". epochs: passes over the training set.
        hold: gamma and beta stay as they are. evaluate_every: rounds between two `Evaluated` events, None for none.
    """

    delta: float
    K: int
    batch: int | None
    workers: str
    epochs: int
    hold: bool = False
    evaluate_every: int | None = None

    def round_size(self, samples: int) -> int:
        """Samples of a full round."""
        return samples if self.batch is None else self.batch


def check_settings(settings: Settings, net: NN4, samples: int) -> Settings:
    """Return the settings if they fit each other, the net and the data; see the errors of each check."""
    if settings.batch is not None:
        check_count("batch", settings.batch, high=samples)
    check_count("epochs", settings.epochs)
    if settings.evaluate_every is not None:
        check_count("evaluate_every", settings.evaluate_every)
    check_delta(settings.delta)
    check_shards(settings.K, settings.round_size(samples), net.batchnorm)
    make_workers(settings.workers).close()
    return settings


def check_changes(changes: dict[str, Any], settings: Settings, net: NN4, samples: int) -> dict[str, Any]:
    """Check what `Run.change` was given against the settings that will then hold.

    Args:
        changes: any of delta, keep, batchnorm, K, workers, hold, gamma = (layer, value), beta = (layer, value);
            changes that wait for the next round included.
        settings, net: what holds now.

    Raises:
        SettingError or one of its kinds: nothing is changed then.
    """
    checked = dict(changes)
    batchnorm = check_batchnorm(changes.get("batchnorm", net.batchnorm), net.bias)
    for name, value in changes.items():
        if name == "delta":
            checked[name] = check_delta(value)
        elif name == "keep":
            checked[name] = check_keep(value)
        elif name == "batchnorm":
            checked[name] = batchnorm
        elif name == "workers":
            make_workers(value).close()
        elif name == "hold":
            checked[name] = bool(value)
        elif name in ("gamma", "beta"):
            checked[name] = _check_offsets(name, value, net, batchnorm)
    check_shards(changes.get("K", settings.K), settings.round_size(samples), batchnorm)
    return checked


def notes(settings: Settings) -> list[str]:
    """What a learner should know about the workers, in whole sentences."""
    workers = make_workers(settings.workers)
    workers.close()
    said = []
    if workers.count > cores():
        said.append(
            f"{workers.count} workers share {cores()} cores: they take turns, so more of them save no time here."
        )
    if workers.count > settings.K:
        said.append(
            f"{workers.count} workers, but K = {settings.K} mini-batches: "
            f"{workers.count - settings.K} have nothing to do."
        )
    return said


def _check_offsets(name: str, value: dict[int, Any], net: NN4, batchnorm: bool) -> dict[int, float]:
    if not batchnorm:
        raise SettingError(f"{name} acts only where batchnorm is on. Switch batchnorm on, or leave {name} alone.")
    for layer, number in value.items():
        check_count(f"layer of {name}", layer, high=net.depth - 1)
        finite = isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number)
        if not finite:
            raise SettingError(f"{name} = {number!r} is not allowed. Give a finite number.")
    return {int(layer): float(number) for layer, number in value.items()}
