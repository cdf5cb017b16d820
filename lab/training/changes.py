"""What can change while a run trains: merged, checked at once, and applied at the next round."""

import math
from dataclasses import replace
from typing import Any

from lab.checks import check_count, check_delta, check_keep, check_shards
from lab.errors import SettingError
from lab.models.nn4 import NN4, check_batchnorm
from lab.training.settings import Settings
from lab.workers import make_workers

KNOWN = ("delta", "keep", "batchnorm", "K", "workers", "hold", "gamma", "beta")
_OF_THE_NET = ("keep", "batchnorm")


def merged(waiting: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Changes that wait for the next round, and newer ones over them; gamma and beta as {layer: value}.

    Raises:
        SettingError: a name that cannot change, or a gamma or beta that is no pair.
    """
    made = dict(waiting)
    for name, value in changes.items():
        if name not in KNOWN:
            raise SettingError(f"{name} cannot change during a run. What can: {', '.join(KNOWN)}.")
        made[name] = made.get(name, {}) | dict([_pair(name, value)]) if name in ("gamma", "beta") else value
    return made


def check_changes(changes: dict[str, Any], settings: Settings, net: NN4, samples: int) -> dict[str, Any]:
    """Check what `Run.change` was given against the settings that will then hold.

    Args:
        changes: as `merged` gives them.
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


def apply_changes(changes: dict[str, Any], settings: Settings, net: NN4) -> tuple[Settings, dict[str, Any]]:
    """Let checked changes act on a net and its settings.

    Returns:
        The new settings, and those of the changes that made a difference.
    """
    acted = {}
    for name, value in changes.items():
        if name in ("gamma", "beta"):
            different = _write(name, value, net)
        else:
            owner: Any = net if name in _OF_THE_NET else settings
            different = getattr(owner, name) != value
            if different and owner is net:
                setattr(net, name, value)
            elif different:
                settings = replace(settings, **{name: value})
        if different:
            acted[name] = value
    return settings, acted


def _write(name: str, values: dict[int, float], net: NN4) -> bool:
    """Give all features of some layers one gamma or beta; whether any had another one."""
    views = net.views(net.params)
    other = [layer for layer, number in values.items() if (views[f"{name}{layer}"] != number).any()]
    for layer in other:
        views[f"{name}{layer}"][:] = values[layer]
    return bool(other)


def _check_offsets(name: str, value: dict[int, Any], net: NN4, batchnorm: bool) -> dict[int, float]:
    if not batchnorm:
        raise SettingError(f"{name} acts only where batchnorm is on. Switch batchnorm on, or leave {name} alone.")
    for layer, number in value.items():
        check_count(f"layer of {name}", layer, high=net.depth - 1)
        finite = isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number)
        if not finite:
            raise SettingError(f"{name} = {number!r} is not allowed. Give a finite number.")
    return {int(layer): float(number) for layer, number in value.items()}


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    try:
        layer, number = value
    except (TypeError, ValueError):
        raise SettingError(
            f"{name} = {value!r} is not allowed. Give a layer and a value, as in {name}=(1, 0.5)."
        ) from None
    return layer, number
