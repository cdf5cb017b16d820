"""Colab's set of packages in an environment of its own, with JupyterLab 3.6 before it.

Colab's own front end runs nowhere else; what can be checked here is everything behind it: the old widgets
(ipywidgets 7), the old kernel (ipykernel 6), the old plotly.js (2.35), and NumPy and numba as they are there.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

PACKAGES = (
    *("ipywidgets==7.7.1", "anywidget==0.9.21", "plotly==5.24.*", "ipykernel==6.17.*"),
    *("numba==0.61.*", "numpy==2.1.*", "scipy", "scikit-learn", "threadpoolctl", "platformdirs", "pooch", "requests"),
    *(
        "tqdm",
        "jupyterlab==3.6.*",
        "notebook==6.5.*",
        "jupyterlab-widgets==1.1.*",
    ),  # 1.1: the front end of ipywidgets 7
)


def colab_python(folder):
    """The Python of the environment in a folder; built there, which takes minutes, unless it stands there already."""
    folder = Path(folder).expanduser().resolve()
    python, stamp = folder / "bin" / "python", folder / "packages"
    wanted = hashlib.sha256("\n".join((sys.version, *PACKAGES)).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *PACKAGES], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


if __name__ == "__main__":
    print(colab_python(sys.argv[1]))
