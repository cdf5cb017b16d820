"""How fast the lab is beside others, and how near to what the machine can do.

    python -m lab bench

A ratio says how many times slower a peer is: the median over the rounds of (its time / ours in the same
round), with the quartiles beside it. Everybody takes turns, on the same cores, in one process wherever that
is possible; fixed work between the rounds says how quiet the machine was.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lab.bench.machine import lab_settings, machine, versions
from lab.bench.page import page
from lab.bench.peers import PEERS, check_peers, installed
from lab.bench.session import Session
from lab.bench.suite import FULL, QUICK, SECTIONS, Plan, parts
from lab.bench.table import render

__all__ = ["FULL", "PEERS", "QUICK", "SECTIONS", "Plan", "bench", "check_peers", "page", "render"]


def bench(
    plan: Plan = FULL,
    peers: Iterable[str] = tuple(PEERS),
    progress: Callable[[str, int, int], None] = lambda part, done, total: None,
) -> dict[str, Any]:
    """Measure what a plan says, beside every installed peer.

    Args:
        plan: `FULL`, `QUICK` or another.
        peers: names out of `PEERS`; those that are not installed are listed under `missing`.
        progress: called with the part that is being measured, and the rounds done of all.

    Returns:
        `rows` (see `lab.bench.rows`), `missing`, `notes` and `failed` (sentences), `interrupted`, `calibration`,
        `floor`, `lab`, `machine`, `versions`. Ctrl-C ends it early, with what was measured so far.

    Raises:
        SettingError: a peer is unknown. BackendError: the lab's kernels cannot run here.
    """
    peers = check_peers(peers)
    here = [peer for peer in peers if installed(peer)]
    about, settings = machine(), lab_settings()
    session = Session(here, plan.rounds, plan.seconds)
    failed: list[str] = []
    interrupted = False
    try:
        _run(session, plan, failed, progress)
    except KeyboardInterrupt:
        interrupted = True
    return {
        "rows": session.rows,
        "missing": [peer for peer in peers if peer not in here],
        "notes": session.notes,
        "failed": failed,
        "interrupted": interrupted,
        "calibration": session.calibration.result(),
        "floor": session.floor,
        "lab": settings,
        "machine": about,
        "versions": versions(),
    }


def _run(session: Session, plan: Plan, failed: list[str], progress: Callable[[str, int, int], None]) -> None:
    """Every part in turn; one that fails is told and does not stop the others."""
    todo = list(parts(plan))
    total, before = sum(part.ticks for part in todo), 0
    for part in todo:
        done = 0

        def advance(part: Any = part, before: int = before) -> None:
            nonlocal done
            done = min(done + 1, part.ticks)
            progress(part.name, before + done, total)

        progress(part.name, before, total)
        session.advance = advance
        try:
            part.run(session)
        except Exception as error:
            failed.append(f"{part.name}: {type(error).__name__}: {error}")
        before += part.ticks
