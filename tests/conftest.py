"""What all tests share: Hypothesis without deadlines, caches of their own, real MNIST where it stands."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from lab.folders import cache_folder

# A first call compiles a kernel, which takes seconds: a deadline for one example would say nothing.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A shell that starts tests in the background lets them, and all that they start, ignore the stop key.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Compiled kernels are shared with the user (compiling them anew takes longer than the tests), data are not:
# no test may pass because of what somebody downloaded before. Set here, before numba is imported, and by
# the environment, so that the processes that tests start see the same.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "numba"))
_CACHE = tempfile.TemporaryDirectory(prefix="lab-cache-")
os.environ["LAB_CACHE"] = _CACHE.name


def pytest_unconfigure():
    _CACHE.cleanup()


@pytest.fixture(scope="session", autouse=True)
def compiled_kernels():
    """The tests wait for the compilation, once: a page would go on with NumPy meanwhile."""
    from lab.kernels.cpu.cache import is_warm
    from lab.kernels.cpu.warmup import steps

    if not is_warm():
        for _, compile_it in steps():
            compile_it()


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def mnist_folder():
    """The folder of the four real MNIST files: LAB_DATA/mnist, or the test is skipped and says why."""
    named = os.environ.get("LAB_DATA")
    if not named:
        pytest.skip("real MNIST: LAB_DATA is not set")
    folder = Path(named).expanduser() / "mnist"
    if not folder.is_dir():
        pytest.skip(f"real MNIST: LAB_DATA = {named} holds no folder mnist")
    return folder


@pytest.fixture(scope="session")
def project_files(root):
    """Names of all files of the project, committed or about to be."""
    if not (root / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the project is unknown")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (root / name).is_file()]


@pytest.fixture(scope="session")
def copied_project(root, project_files, tmp_path_factory):
    """The project's files somewhere else: what is built or written there leaves nothing behind here."""
    copy = tmp_path_factory.mktemp("copy")
    for name in project_files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, copy / name)
    return copy


@pytest.fixture(scope="session")
def wheel(copied_project):
    """The wheel that `make wheel` builds, with the setuptools of this environment."""
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", "dist", "."]
    subprocess.run([*build, "--quiet", "--disable-pip-version-check"], cwd=copied_project, check=True)
    (built,) = (copied_project / "dist").glob("nn4_lab-*.whl")
    return built


@pytest.fixture
def bare_python(tmp_path):
    """A Python that has every package of this environment but not the lab, as a learner's machine may.

    A virtual environment that sees this one's packages through a .pth file: an editable install is itself
    a .pth file there, and those of a folder seen in this way are not read.
    """
    home = tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    packages = _purelib(python)
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    found = subprocess.run([python, "-c", "import lab; print(lab.__file__)"], cwd=home, capture_output=True, text=True)
    if found.returncode == 0:
        pytest.skip(f"the lab is installed as a copy, not with -e: {found.stdout.strip()}")
    return python


def _purelib(python):
    """The folder for packages of another Python."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip())
