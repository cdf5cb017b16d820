"""The result as a table for a terminal."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from lab.bench.peers import package

TITLES = {
    "NN4 step": "One training step (with 2 threads the lab takes K = P = 2): another is slower by",
    "threads, K = 2": "K = 2 mini-batches by two workers: one worker is slower by",
    "epoch": "A whole epoch: another is slower by",
    "sync SGD, K = P = 2": "Synchronous SGD on two cores: another is slower by; efficiency",
    "dropout masks": "Drawing dropout masks: another is slower by",
    "floor / step": "What the products of a step need at the machine's best rate, as a share of the step",
    "bandwidth": "Bandwidth of the memory",
    "fresh process": "A fresh process, until it is ready",
    "first step": "A fresh process, until its first step is done: another is slower by",
    "peak memory": "Peak memory of a training run",
}
HEAD = ("", "batch", "thr", "dtype", "ours", "beside", "measured", "", "goal", "stretch", "")


def render(result: Mapping[str, Any]) -> str:
    """The whole table, with the machine above it and below it what the reader must know."""
    lines = [*heading(result), ""]
    for workload, rows in groupby(result["rows"], key=lambda row: row["workload"]):
        listed = list(rows)
        lines += [f"{TITLES.get(workload, workload)}:", *_aligned([HEAD, *map(cells, listed)])]
        lines += [f"  {note}" for note in dict.fromkeys(row["note"] for row in listed) if note] + [""]
    return "\n".join(lines + remarks(result))


def heading(result: Mapping[str, Any]) -> list[str]:
    """The machine, what the lab computes with, and the versions."""
    about, settings = result["machine"], result["lab"]
    forced = f" (OPENBLAS_CORETYPE={about['OPENBLAS_CORETYPE']})" if about["OPENBLAS_CORETYPE"] else ""
    cores = f"{about['cores']} core{'s' if about['cores'] != 1 else ''}"
    return [
        f"{about['cpu']}, {cores}; {', '.join(about['blas']) or 'a BLAS that is unknown'}{forced}",
        f"lab {settings['version']}, backend {settings['backend']}, GEMM {settings['gemm']}",
        ", ".join(f"{name} {number}" for name, number in result["versions"].items() if number),
    ]


def remarks(result: Mapping[str, Any]) -> list[str]:
    """Goals in sum, how quiet the machine was, and what is missing or failed."""
    lines = ["Interrupted: this is what was measured until then."] if result["interrupted"] else []
    lines += [summary(result), result["calibration"]["sentence"], *result["notes"]]
    for name in dict.fromkeys(map(package, result["missing"])):
        lines.append(f"{name} is not installed and was left out: python -m pip install {name}")
    return lines + [f"failed: {sentence}" for sentence in result["failed"]]


def summary(result: Mapping[str, Any]) -> str:
    """How many goals were reached."""
    aimed = [row for row in result["rows"] if row["goal"] is not None]
    if not aimed:
        return "No goal is set for what was measured."
    reached = sum(row["reached"] for row in aimed)
    stretched = sum(verdict(row) == "stretch" for row in aimed)
    return f"Goals: {reached} of {len(aimed)} reached, {stretched} of them by the stretch."


def verdict(row: Mapping[str, Any]) -> str:
    """`stretch`, `reached` or `not yet`; nothing where no goal is set."""
    if row["goal"] is None:
        return ""
    if row["reached"] and row["stretch"] is not None and row["ratio"] >= row["stretch"]:
        return "stretch"
    return "reached" if row["reached"] else "not yet"


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row's texts, one for each column of `HEAD`."""
    unit, sign = row["unit"], "<= " if row["less"] else ">= "
    return (
        row["size"],
        f"{row['batch']:,}" if row["batch"] else "",
        str(row["threads"] or ""),
        row["dtype"] or "",
        seconds(row["seconds"]) if row["seconds"] else "",
        row["peer"] or "",
        value(row["ratio"], unit),
        "" if row["low"] == row["high"] else f"{value(row['low'], unit)} - {value(row['high'], unit)}",
        f"{sign}{row['goal']:g}" if row["goal"] is not None else "",
        f"{sign}{row['stretch']:g}" if row["stretch"] is not None else "",
        verdict(row),
    )


def value(measured: float, unit: str | None) -> str:
    """A figure with its unit: `3.45x`, `0.22 s`, `0.82`, `12.1 GB/s`."""
    if unit is None:
        return f"{measured:.2f}x" if measured < 100 else f"{measured:.0f}x"
    if unit == "s":
        return seconds(measured)
    return f"{measured:.2f}" if unit in ("share", "efficiency") else f"{measured:.1f} {unit}"


def seconds(measured: float) -> str:
    """`850 us`, `5.12 ms`, `1.30 s`."""
    if measured < 1e-3:
        return f"{1e6 * measured:.0f} us"
    return f"{1e3 * measured:.2f} ms" if measured < 1 else f"{measured:.2f} s"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns of equal width: words to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    left = {0, 3, 5, 10}
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
