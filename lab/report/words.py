"""A run's settings in the learner's words: for the report's table and the command line's heading."""

from collections.abc import Mapping
from typing import Any


def settings_rows(description: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`run.describe()` as (name, sentence) pairs; what the description does not know is left out."""
    d = description
    rows = (
        ("data", "data set", lambda: f"{data_set(d['data'])}, {labels(d.get('classes'))}"),
        ("source", "taken from", lambda: str(d["source"])),
        ("normalization", "normalization", lambda: str(d["normalization"])),
        ("widths", "network", lambda: f"NN4 {'-'.join(map(str, d['widths']))}"),
        ("parameters", "parameters", lambda: f"{d['parameters']:,}"),
        ("keep", "dropout", lambda: keep(d["keep"])),
        ("batchnorm", "batchnorm", lambda: "after ReLU in every hidden layer" if d["batchnorm"] else "off"),
        ("bias", "biases", lambda: "where batch normalization is off" if d["bias"] else "none"),
        ("delta", "step size", lambda: f"delta = {d['delta']:g}"),
        ("batch", "round", lambda: batch(d["batch"])),
        ("k", "mini-batches", lambda: f"K = {d['k']}, one step along their mean gradient"),
        ("workers", "workers", lambda: workers(d["workers"])),
        ("epochs", "epochs", lambda: str(d["epochs"])),
        ("backend", "computed by", lambda: f"backend {d['backend']}, GEMM {d.get('gemm')}, {d.get('dtype')}"),
        ("seed", "seed", lambda: str(d["seed"])),
    )
    return [(label, words()) for key, label, words in rows if key in d]


def data_set(name: Any) -> str:
    """The data set by its full name."""
    return {"mnist": "MNIST", "digits": "scikit-learn's digits"}.get(name, str(name))


def labels(classes: Any) -> str:
    """The question that the network answers."""
    return "even or odd (label 1 = even)" if classes == 2 else f"{classes} classes"


def keep(p: float) -> str:
    """Both readings of p: the probability of keeping, and the share that is dropped."""
    if p == 1.0:
        return "off (keep p = 1, drops nothing)"
    dropped = f"{100 * (1 - p):.1f}".rstrip("0").rstrip(".")
    return f"keep p = {p:.2f}, drops {dropped} %" if round(p, 2) == p else f"keep p = {p:g}, drops {dropped} %"


def batch(size: int | None) -> str:
    """A global batch, or the whole training set, which is the course's definition of a round."""
    return "the whole training set" if size is None else f"a batch of {size:,} samples"


def workers(kind: str) -> str:
    """`serial` and `threads:2` spelled out."""
    name, _, count = str(kind).partition(":")
    if name == "serial":
        return "serial: one after the other"
    return f"{count} {name} at the same time" if count and count != "1" else f"1 of {name}"
