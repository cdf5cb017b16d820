"""The doctor: what runs on this machine, and for each thing that does not, its cause and its cure.

It changes nothing, downloads nothing, and survives whatever it examines: drivers are tried in a
process of their own, and a topic whose examination fails is reported like any other failure.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lab.doctor.accelerators import gpus, mpi
from lab.doctor.finding import Finding, render
from lab.doctor.machine import blas, cpu, kernels, numba, python
from lab.doctor.packages import in_the_way, installed, widgets
from lab.doctor.surroundings import chromium, mnist

__all__ = ["Finding", "examine", "render"]

# Run at the same time as the rest, since they only wait for another process.
APART = {"GPU": gpus, "MPI": mpi}
HERE = {
    "Python": python,
    "lab": in_the_way,
    "packages": installed,
    "NumPy": blas,
    "CPU": cpu,
    "numba": numba,
    "kernels": kernels,
    "widgets": widgets,
    "data": mnist,
    "Chromium": chromium,
}
ORDER = ("Python", "lab", "packages", "NumPy", "CPU", "numba", "kernels", "GPU", "MPI", "widgets", "data", "Chromium")


def examine() -> list[Finding]:
    """Look at everything the lab stands on; about a second, and it never raises."""
    with ThreadPoolExecutor(len(APART)) as pool:
        waiting = {topic: pool.submit(_guarded, topic, look) for topic, look in APART.items()}
        found = {topic: _guarded(topic, look) for topic, look in HERE.items()}
        found |= {topic: future.result() for topic, future in waiting.items()}
    return [finding for topic in ORDER for finding in found[topic]]


def _guarded(topic: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What `look` finds, or that it failed: one broken package must not hide the others."""
    try:
        return look()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        cure = "python -m pip check" if package in ("", "lab") else f"python -m pip install {package}"
        return [Finding(topic, False, f"The package {error.name} is not installed.", cure)]
    except Exception as error:
        cause = (str(error).splitlines() or [""])[0]
        says = f"The examination failed: {type(error).__name__}: {cause}"
        return [Finding(topic, False, says, "python -m pip check")]
