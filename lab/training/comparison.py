"""The same training with parts of NN4 switched on and off: a small table, with its spread over seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from lab.checks import check_count
from lab.data import Dataset
from lab.errors import NotFiniteError, SettingError
from lab.events import EpochDone
from lab.models.nn4 import NN4
from lab.presets import widths
from lab.training import train

COLUMNS = ("network", "training loss", "test loss", "test accuracy", "lowest to highest")


@dataclass(frozen=True)
class Row:
    """One variant: the last epoch of each seed's run; None where the run left the finite numbers."""

    name: str
    ends: tuple[EpochDone | None, ...]

    @property
    def diverged(self) -> int:
        return self.ends.count(None)

    def middle(self, field: str) -> float:
        """Median of a field of `EpochDone` over the seeds that arrived."""
        return median(getattr(end, field) for end in self.ends if end is not None)

    def cells(self) -> tuple[str, ...]:
        """The row in words, one for each of `COLUMNS`."""
        told = f"{self.diverged} of {len(self.ends)} diverged" if self.diverged else ""
        accuracies = [end.test_accuracy for end in self.ends if end is not None]
        if not accuracies:
            return self.name, "-", "-", "-", told
        spread = f"{min(accuracies):.1%} to {max(accuracies):.1%}"
        return (
            self.name,
            f"{self.middle('train_loss'):.3f}",
            f"{self.middle('test_loss'):.3f}",
            f"{self.middle('test_accuracy'):.1%}",
            f"{spread}; {told}" if told else spread,
        )


@dataclass(frozen=True, repr=False)
class Comparison:
    """What `compare` found; a notebook shows it as a table, `print` as aligned text."""

    caption: str
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        table = [COLUMNS, *(row.cells() for row in self.rows)]
        wide = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip() for row in table)
        return "\n".join((*lines, self.caption))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = ' style="text-align:left;white-space:nowrap"'  # names to the left, numbers to the right as usual
        head = f"<th{left}>{COLUMNS[0]}</th>" + "".join(f"<th>{name}</th>" for name in COLUMNS[1:])
        body = ""
        for name, *numbers in (row.cells() for row in self.rows):
            body += f"<tr><td{left}>{name}</td>" + "".join(f"<td>{cell}</td>" for cell in numbers) + "</tr>"
        return (
            f'<table style="font-size:1.1em"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
            f"<p>{self.caption}</p>"
        )


def nn4_variants(keep: float = 0.9) -> dict[str, dict[str, Any]]:
    """NN4 with and without dropout and batchnorm; where batchnorm is off, with and without biases.

    With batchnorm there is no choice of a bias: beta is NN4's only offset.
    """
    dropout = {f"dropout (keep p = {keep:g})": keep, "no dropout": 1.0}
    norm = {
        "batchnorm": {"batchnorm": True},
        "no batchnorm, no bias": {"batchnorm": False},
        "no batchnorm, bias": {"batchnorm": False, "bias": True},
    }
    return {
        f"{spoken}, {rest}": {"keep": p, **settings} for spoken, p in dropout.items() for rest, settings in norm.items()
    }


def compare(
    data: Dataset,
    variants: Mapping[str, Mapping[str, Any]],
    *,
    seeds: Sequence[int] = (0, 1, 2),
    hidden: tuple[int, int, int] | None = None,
    progress: bool = True,
    **training: Any,
) -> Comparison:
    """Train every variant once for each seed, and collect how the runs ended.

    Nothing is tuned to a variant: data, step size, mini-batches, epochs and seeds are the same for all.

    Args:
        data: see `lab.load`. variants: name -> settings of `lab.NN4` (keep, batchnorm, bias, backend, ...).
        seeds: of weights, masks and order; the median over them is shown, with the range beside it.
        hidden: widths of the hidden layers, None for the data set's own. progress: show a bar.
        training: delta, K, batch, epochs, workers of `lab.train`.

    Raises:
        SettingError or one of its kinds: a setting is not allowed, or there is no variant or no seed.
    """
    if not variants or not seeds:
        raise SettingError("there is nothing to compare. Give at least one variant and one seed.")
    shape = widths(data.name, data.train_x.shape[1], data.classes, hidden)
    jobs = [(name, check_count("seed", seed, low=0)) for name in variants for seed in seeds]
    ends: dict[str, list[EpochDone | None]] = {name: [] for name in variants}
    for name, seed in _with_bar(jobs, progress):
        ends[name].append(_end(NN4(shape, seed=seed, **variants[name]), data, training))
    return Comparison(
        f"Medians over {len(seeds)} seeds; losses in test mode, in nats; data: {data.name}, {data.source}.",
        tuple(Row(name, tuple(found)) for name, found in ends.items()),
    )


def _end(net: NN4, data: Dataset, training: Mapping[str, Any]) -> EpochDone | None:
    """How one run ended; a step size that is too large for it is an answer too."""
    with train(net, data, **training) as run:
        try:
            for _ in run:
                pass
        except NotFiniteError:
            return None
    return run.history.epochs[-1]


def _with_bar(jobs: Sequence[tuple[str, int]], progress: bool) -> Iterable[tuple[str, int]]:
    from tqdm.auto import tqdm

    # The finished bar stays: a page that is made of the finished notebook cannot show a widget that was closed.
    return tqdm(jobs, desc="training", unit="run", disable=not progress)
