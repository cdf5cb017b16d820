"""Who computes a shard. P workers are machinery: they change the time of a round, never its result."""

import os

from lab.checks import check_count
from lab.errors import BackendError
from lab.workers.round import Outcome, Round, Workers

__all__ = ["Outcome", "Round", "Workers", "make_workers"]

MOST = 64


def make_workers(name: str) -> Workers:
    """Workers by name: "serial", or "threads:P" with P from 1 to 64.

    Raises:
        BackendError: an unknown kind. SettingError: P is not allowed.
    """
    kind, _, count = str(name).partition(":")
    if kind == "serial" and not count:
        from lab.workers.serial import SerialWorkers

        return SerialWorkers()
    if kind == "threads":
        from lab.workers.threads import ThreadWorkers

        whole = int(count) if count.isdecimal() else count
        return ThreadWorkers(check_count("P of workers = threads:P", whole, high=MOST))
    raise BackendError(f"workers = {name!r} is unknown. Choose serial, or threads:P with P workers, as in threads:2.")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
