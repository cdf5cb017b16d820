"""How fast the lab's training step is beside others, measured in one process, interleaved, on one core.

    python -m lab bench

A ratio says how many times slower a peer is: the median over the rounds of (its time / ours in the same
round), with the quartiles beside it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lab.bench.lab_step import lab_step
from lab.bench.machine import machine, versions
from lab.bench.peers import PEERS, check_peers, installed
from lab.bench.timing import interleaved, one_core, paired_ratio
from lab.bench.workloads import FULL, QUICK, Workload, make_task

__all__ = ["FULL", "PEERS", "QUICK", "Workload", "bench", "render"]


def bench(
    workloads: Sequence[Workload] = FULL,
    peers: Iterable[str] = tuple(PEERS),
    rounds: int = 15,
    seconds: float = 0.03,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Time the lab's `cpu` step and every installed peer's.

    Args:
        workloads: `FULL`, `QUICK` or others.
        peers: names out of `PEERS`; those that are not installed are listed under `missing`.
        rounds: measurements of each. seconds: of one measurement.
        tick: called after every round of every workload.

    Returns:
        `rows` (workload, size, batch, threads, dtype, peer, ratio, low, high, goal, seconds of our step),
        `missing`, `machine`, `versions`.

    Raises:
        SettingError: a peer is unknown.
    """
    peers = check_peers(peers)
    here = [peer for peer in peers if installed(peer)]
    about = machine()  # before the affinity is set: the cores that are really there
    rows = []
    with one_core():
        for workload in workloads:
            task = make_task(workload)
            steps = {"lab": lab_step(task)} | {peer: PEERS[peer](task) for peer in here}
            times = interleaved(steps, rounds, seconds, tick)
            rows += [_row(workload, peer, times) for peer in here]
    return {
        "rows": rows,
        "missing": [peer for peer in peers if peer not in here],
        "machine": about,
        "versions": versions(),
    }


def _row(workload: Workload, peer: str, times: dict[str, Any]) -> dict[str, Any]:
    ratio, low, high = paired_ratio(times[peer], times["lab"])
    return {
        "workload": "NN4 step",
        "size": workload.size,
        "batch": workload.batch,
        "threads": 1,
        "dtype": workload.dtype,
        "peer": peer,
        "ratio": round(ratio, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        "goal": workload.goal(peer),
        "seconds": float(sorted(times["lab"])[len(times["lab"]) // 2]),
    }


def render(result: dict[str, Any]) -> str:
    """The result as a table for a terminal."""
    about, packages = result["machine"], result["versions"]
    lines = [
        f"{about['cpu']}, {about['cores']} cores; {', '.join(about['blas'])}"
        + (f" (OPENBLAS_CORETYPE={about['OPENBLAS_CORETYPE']})" if about["OPENBLAS_CORETYPE"] else ""),
        ", ".join(f"{name} {number}" for name, number in packages.items() if number),
        "",
        "One training step on one thread. A peer is slower by (quartiles):",
        "",
        f"{'net':<9}{'batch':>6}  {'dtype':<9}{'our step':>10}  {'peer':<7}{'slower by':>10}  {'':<15}{'goal':>6}",
    ]
    for row in result["rows"]:
        goal = f"{row['goal']:g}" if row["goal"] is not None else "-"
        verdict = "" if row["goal"] is None else "  reached" if row["ratio"] >= row["goal"] else "  not yet"
        spread = f"({row['low']:.2f}-{row['high']:.2f})"
        lines.append(
            f"{row['size']:<9}{row['batch']:>6}  {row['dtype']:<9}{_seconds(row['seconds']):>10}  {row['peer']:<7}"
            f"{row['ratio']:>9.2f}x  {spread:<15}{goal:>6}{verdict}"
        )
    for peer in result["missing"]:
        lines.append(f"{peer} is not installed and was left out: python -m pip install {peer}")
    return "\n".join(lines)


def _seconds(seconds: float) -> str:
    return f"{1e6 * seconds:.0f} us" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"
