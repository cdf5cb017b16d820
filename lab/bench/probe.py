"""What a fresh process of one contestant costs: run by `lab.bench.fresh` in an interpreter of its own."""

import json
import os
import sys
import time

from lab.bench.lab_step import LabStep
from lab.bench.peers import PEERS
from lab.bench.workloads import Workload, make_task


def probe(who: str, workload: Workload, steps: int, start: float) -> None:
    """Print seconds from `start` to the end of the first step, and the peak memory after `steps` more."""
    task = make_task(workload)
    step = LabStep(task) if who == "lab" else PEERS[who](task)
    step()
    first = time.perf_counter() - start
    for _ in range(steps):
        step()
    print(json.dumps({"first": first, "peak": peak_memory()}))


def peak_memory() -> int | None:
    """Largest resident memory of this process so far, in bytes; None where the system does not tell."""
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return 1024 * int(line.split()[1])
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
