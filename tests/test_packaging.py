"""What is shipped: the wheel works elsewhere, conda and pip ask for the same, and no page tells what is not so."""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

# Packages that take their time to load: `import lab` must not, so that help and errors come at once.
HEAVY = {"numba", "scipy", "sklearn", "plotly", "pooch", "requests", "tqdm", "threadpoolctl", "IPython", "torch", "jax"}


@pytest.fixture(scope="module")
def pyproject(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def make_targets(root):
    return set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_conda_asks_for_the_same_packages_as_pip(root, pyproject):
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    project = pyproject["project"]
    wanted = {f"python{project['requires-python']}", *project["dependencies"], *project["optional-dependencies"]["lab"]}

    assert {entry for entry in conda if isinstance(entry, str)} - {"pip"} == wanted
    assert [entry for entry in conda if isinstance(entry, dict)] == [{"pip": ["-e ."]}]


def test_version_is_one(pyproject):
    import lab

    assert lab.__version__ == pyproject["project"]["version"]


@pytest.mark.slow
def test_wheel_trains_where_there_is_no_copy_of_the_project(wheel, bare_python, tmp_path):
    """In an environment without the lab, from an empty folder: the digits, one epoch."""
    install = [bare_python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", wheel]
    subprocess.run([*install, "--disable-pip-version-check"], check=True, cwd=tmp_path)
    ask = [bare_python, "-c", "import lab, widgets; print(lab.__file__)"]
    where = subprocess.run(ask, check=True, cwd=tmp_path, capture_output=True, text=True).stdout
    train = [bare_python, "-m", "lab", "train", "--data", "digits", "--epochs", "1", "--json"]
    done = subprocess.run(train, cwd=tmp_path, capture_output=True, text=True, timeout=240)

    assert where.startswith(str(bare_python.parent.parent))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["data"] == "digits" and answer["epochs"] == 1


def test_wheel_holds_both_packages_and_nothing_else(wheel):
    listed = subprocess.run([sys.executable, "-m", "zipfile", "-l", wheel], check=True, capture_output=True, text=True)
    tops = {line.split("/")[0] for line in listed.stdout.splitlines()[1:] if "/" in line.split("  ")[0]}

    assert {top.split("-")[0] for top in tops} == {"lab", "widgets", "nn4_lab"}


@pytest.mark.parametrize("statement", ["import lab", "import widgets", "import lab.errors, lab.events"])
def test_import_loads_nothing_heavy(root, statement):
    code = f"import sys; {statement}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True).stdout

    assert HEAVY & set(loaded.split()) == set()


def test_no_file_names_a_registry_or_a_folder_of_one_machine(root, project_files):
    # With brackets, so that these lines do not find themselves.
    hosts = r"p[y]pi\.org|python[h]osted\.|registry\.np[m]js|deb\.de[b]ian"
    folders = r"/[w]ork/(main|shared|steering|\.)|/[t]mp/\w|/[r]oot/|/[h]ome/\w"
    stray = re.compile(f"{hosts}|{folders}")
    found = []
    for name in project_files:
        text = (root / name).read_text(encoding="utf-8", errors="ignore")
        found += [f"{name}: {match.group()}" for match in stray.finditer(text)]

    assert found == []


def test_every_make_command_that_a_page_names_exists(root):
    pages = [root / "README.md", root / "CONTRIBUTING.md", *root.glob("notebooks/*.ipynb")]
    named = {word for page in pages for word in re.findall(r"\bmake ([a-z]+)\b", _commands(page.read_text("utf-8")))}

    assert named and named <= make_targets(root)


def test_make_offers_what_the_design_asks_for(root):
    asked = {"lab", "train", "test", "bench", "wheel", "clean", "help"}

    assert asked <= make_targets(root)


def test_every_file_that_the_readme_links_to_exists(root):
    links = re.findall(r"\]\(([^)#]+)\)", (root / "README.md").read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]

    assert local and [link for link in local if not (root / link).exists()] == []


def test_make_without_chromium_says_how_to_get_it_and_fails_in_ci(root):
    env = {**os.environ, "LAB_CHROMIUM": ""}
    ask = ["make", "--silent", "chromium", "CHROMIUM="]
    asked = subprocess.run(ask, cwd=root, env=env, capture_output=True, text=True, check=False)

    assert asked.returncode != 0
    assert "apt-get install chromium" in asked.stdout


def _commands(text):
    """Only what is set as code: between backticks, or indented in a fenced block."""
    fenced = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", text)])
