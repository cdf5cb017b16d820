"""Installed packages against what the project asks for, and other projects under our names."""

import sys
import tomllib
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from lab.doctor.finding import Finding

if TYPE_CHECKING:
    from packaging.requirements import Requirement

HOME = Path(__file__).resolve().parents[2]  # the folder that holds our packages
OURS = "nn4-lab"
WIDGETS = ("ipywidgets", "anywidget", "plotly")


def installed() -> list[Finding]:
    """Every package that is needed is here, in a version that is allowed."""
    needed = [requirement for requirement in requirements() if requirement.name not in WIDGETS]
    return [compare("packages", needed)]


def widgets() -> list[Finding]:
    """The three packages that dashboards stand on."""
    needed = [requirement for requirement in requirements() if requirement.name in WIDGETS]
    return [compare("widgets", needed)]


def requirements() -> "list[Requirement]":
    """What pyproject.toml says in a clone, or else what it said when the wheel was built."""
    from packaging.requirements import Requirement  # plotly and pooch bring it

    project = HOME / "pyproject.toml"
    if project.is_file():
        declared = tomllib.loads(project.read_text("utf-8")).get("project", {})
        if declared.get("name") == OURS:
            return [Requirement(line) for line in declared["dependencies"]]
    every = [Requirement(line) for line in requires(OURS) or []]
    return [each for each in every if each.marker is None or each.marker.evaluate({"extra": ""})]


def compare(topic: str, needed: "list[Requirement]") -> Finding:
    """One finding on packages: all their versions, or what is wrong and one command for all of it."""
    here, wrong, cure = [], [], []
    for requirement in needed:
        try:
            have = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is not installed")
            cure.append(f'"{requirement}"')
            continue
        here.append(f"{requirement.name} {have}")
        if not requirement.specifier.contains(have, prereleases=True):
            wrong.append(f"{requirement.name} {have} is here, but {requirement.specifier} is needed")
            cure.append(f'"{requirement}"')
    if wrong:
        return Finding(topic, False, f"{'; '.join(wrong)}.", f"python -m pip install {' '.join(cure)}")
    return Finding(topic, True, f"{', '.join(here)}.")


def in_the_way() -> list[Finding]:
    """No other project's `lab` or `widgets` hides ours, or would from another folder.

    A `lab` on the package index is another project: installed beside ours, each overwrites the other.
    """
    if _installed("lab"):
        says = "Another project named lab is installed; its files and ours have the same names."
        return [Finding("lab", False, says, "python -m pip uninstall -y lab")]
    for package in ("lab", "widgets"):
        first = _origin(package, sys.path)
        if first is not None and first != HOME:
            says = f"`import {package}` finds {first / package}, which is another project's and hides ours."
            return [Finding("lab", False, says, f'export PYTHONPATH="{HOME}"')]
    if _installed(OURS):
        return [Finding("lab", True, f"Ours, {OURS} {version(OURS)} in {HOME}.")]
    says = f"Ours, in {HOME}, not installed: it can be imported from that folder only."
    return [Finding("lab", None, says, f'python -m pip install -e "{HOME}"')]


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _origin(package: str, path: list[str]) -> Path | None:
    """The folder of `path` in which Python finds the package; nothing is imported."""
    spec = PathFinder.find_spec(package, path)
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).resolve()
    return file.parents[1] if file.name == "__init__.py" else file.parent
