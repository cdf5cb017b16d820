"""What a run is made of, as plain values: for reports, and for checkpoints."""

from dataclasses import asdict
from typing import Any

from lab.data import Dataset
from lab.models.nn4 import NN4
from lab.training.settings import Settings


def described(net: NN4, data: Dataset, settings: Settings) -> dict[str, Any]:
    """Everything that made a run what it is: data, net, settings, and how large they are."""
    return {
        "data": data.name, "classes": data.classes, **_net(net), "delta": settings.delta, "k": settings.K,
        "batch": settings.batch, "workers": settings.workers, "epochs": settings.epochs,
        "normalization": data.normalization, "source": data.source, "note": data.note,
        "parameters": net.layout.size, "fingerprint": data.fingerprint,
        "train_samples": len(data.train_x), "test_samples": len(data.test_x),
    }  # fmt: skip


def state_of(net: NN4, data: Dataset, settings: Settings) -> dict[str, Any]:
    """What a checkpoint holds of them beside the vectors; `sha256` is of the parameters."""
    return {
        "net": _net(net), "step": net.step, "running_rounds": net.running_rounds, "settings": asdict(settings),
        "data": {"name": data.name, "classes": data.classes, "fingerprint": data.fingerprint, "note": data.note},
        "sha256": net.sha256(),
    }  # fmt: skip


def _net(net: NN4) -> dict[str, Any]:
    return {
        "widths": list(net.widths), "keep": net.keep, "batchnorm": net.batchnorm, "bias": net.bias, "seed": net.seed,
        "dtype": str(net.dtype), "backend": net.backend.name, "gemm": net.backend.gemm,
    }  # fmt: skip
