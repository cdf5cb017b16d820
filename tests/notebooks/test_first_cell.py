"""The first cell of a notebook finds the lab wherever a learner may have put it, or says what to do."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

# As a kernel does it: in an interactive shell, whose error a learner sees as the last line.
RUN_CELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell

sys.path.insert(0, "")
result = InteractiveShell.instance().run_cell(sys.stdin.read())
if result.success:
    import lab
    print("FOUND", lab.__file__)
else:
    print("LAST LINE", result.error_in_exec)
"""


@pytest.fixture(scope="module")
def first_cell(root):
    return _first_code(root / "notebooks" / "00_start.ipynb")


def _first_code(path):
    notebook = nbformat.read(path, as_version=4)
    return next(cell.source for cell in notebook.cells if cell.cell_type == "code")


def run_cell(python, cell, folder, **environment):
    """What the cell prints when it is run in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name not in ("LAB_SOURCE", "PYTHONPATH")}
    env |= {"IPYTHONDIR": str(folder / "ipython"), **environment}
    run = [python, "-c", RUN_CELL]
    done = subprocess.run(run, input=cell, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def found_in(printed, folder):
    return f"FOUND {folder.resolve()}" in printed


def test_lab_that_is_installed_is_used(root, first_cell, tmp_path):
    assert found_in(run_cell(sys.executable, first_cell, tmp_path), root / "lab")


def test_lab_in_a_folder_above_is_used(first_cell, bare_python, copied_project):
    printed = run_cell(bare_python, first_cell, copied_project / "notebooks")

    assert found_in(printed, copied_project / "lab")


def test_lab_in_a_drive_folder_is_used(first_cell, bare_python, copied_project, tmp_path):
    drive = tmp_path / "drive"
    shutil.copytree(copied_project / "lab", drive / "my copy" / "lab")
    shutil.copy2(copied_project / "pyproject.toml", drive / "my copy")
    cell = first_cell.replace("/content/drive/MyDrive", str(drive))

    assert found_in(run_cell(bare_python, cell, tmp_path / "content"), drive / "my copy" / "lab")


@pytest.mark.parametrize("how", ["LAB_SOURCE", "beside"])
def test_wheel_is_installed(first_cell, bare_python, wheel, tmp_path, how):
    """From LAB_SOURCE, or because it was uploaded beside the notebook."""
    here = tmp_path / "content"
    here.mkdir()
    if how == "beside":
        shutil.copy2(wheel, here)
    source = {"LAB_SOURCE": str(wheel)} if how == "LAB_SOURCE" else {}
    # Nothing from an index; and what is borrowed from the environment of the tests counts as not installed.
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_IGNORE_INSTALLED": "1"}

    assert found_in(run_cell(bare_python, first_cell, here, **source, **offline), bare_python.parent.parent)


def test_without_any_lab_one_sentence_says_what_to_do(first_cell, bare_python, tmp_path):
    printed = run_cell(bare_python, first_cell, tmp_path / "content")

    assert "FOUND" not in printed
    last = next(line for line in printed.splitlines() if line.startswith("LAST LINE"))
    assert "make wheel" in last and "upload" in last


def test_another_project_of_that_name_is_recognized(first_cell, bare_python, tmp_path):
    other = tmp_path / "content" / "lab"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("", encoding="utf-8")
    printed = run_cell(bare_python, first_cell, tmp_path / "content")

    assert "FOUND" not in printed
    assert "another project" in printed.lower()


def test_every_notebook_begins_with_the_same_cell(root, first_cell):
    assert {path.name for path in root.glob("notebooks/*.ipynb") if _first_code(path) != first_cell} == set()
