"""What Colab does around a notebook, played by a stand-in for its module: nothing of Colab runs elsewhere.

Colab shows a widget that is not its own only where its custom widget manager was switched on (anywidget does it once
it sees the module) and where the output says so: a hook adds that to whatever `display` shows.
"""

import os
import subprocess

import nbformat

OUTPUT = """
class _widgets:
    _installed_url = "stand-in"

enabled = 0

def enable_custom_widget_manager():
    global enabled
    enabled += 1
"""
# As Colab's kernel does it: its module is there before the first cell; its hook sees what `display` shows.
KERNEL = """
import sys
import google.colab.output as output
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

sys.path.insert(0, "")
shell = InteractiveShell.instance()
for cell in sys.stdin.read().split("# next cell"):
    with capture_output() as shown:
        result = shell.run_cell(cell)
    assert result.success, result.error_in_exec or result.error_before_exec
print("ENABLED", output.enabled > 0)
print("SHOWN", any("application/vnd.jupyter.widget-view+json" in each.data for each in shown.outputs))
import lab
print("FOUND", lab.__file__)
"""
DASHBOARD = """
from widgets import MnistDashboard

MnistDashboard(data="digits")
"""


def test_first_cell_and_dashboard_on_colab(root, bare_python, wheel, tmp_path):
    """The wheel is uploaded beside the notebook, the first cell installs it, and the dashboard can be shown."""
    content = tmp_path / "content"
    (content / "sample_data").mkdir(parents=True)
    colab = tmp_path / "colab" / "google" / "colab"
    colab.mkdir(parents=True)
    (colab / "__init__.py").write_text("", encoding="utf-8")
    (colab / "output.py").write_text(OUTPUT, encoding="utf-8")
    (content / wheel.name).write_bytes(wheel.read_bytes())

    said = _run(bare_python, content, colab.parent.parent, _first_cell(root), DASHBOARD)

    assert f"FOUND {bare_python.parent.parent}" in said, said
    assert "ENABLED True" in said and "SHOWN True" in said, said


def _run(python, folder, stand_in, *cells):
    """What cells print in a kernel-like process that has Colab's module."""
    env = {name: value for name, value in os.environ.items() if name not in ("LAB_SOURCE", "PYTHONPATH")}
    env |= {"PYTHONPATH": str(stand_in), "IPYTHONDIR": str(folder / "ipython")}
    env |= {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_IGNORE_INSTALLED": "1"}
    run = [python, "-c", KERNEL]
    text = "# next cell".join(cells)
    done = subprocess.run(run, input=text, cwd=folder, env=env, capture_output=True, text=True, timeout=200)
    return done.stdout + done.stderr


def _first_cell(root):
    notebook = nbformat.read(root / "notebooks" / "00_start.ipynb", as_version=4)
    return next(cell.source for cell in notebook.cells if cell.cell_type == "code")
