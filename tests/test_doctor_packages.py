"""The doctor looks at the packages: which are too old, absent, or in the way."""

from importlib.metadata import PackageNotFoundError

import pytest

from lab.doctor import packages
from tests.findings import one


def test_floors_are_those_of_the_project():
    floors = {requirement.name: str(requirement.specifier) for requirement in packages.requirements()}
    assert {"numpy", "numba", "scipy", "plotly", "ipywidgets", "anywidget"} <= set(floors)
    assert all(floors.values())


def test_floors_come_from_the_wheel_where_there_is_no_clone(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "HOME", tmp_path)
    monkeypatch.setattr(packages, "requires", lambda name: ["plotly>=5.24", 'pytest>=8; extra == "test"'])
    assert [str(requirement) for requirement in packages.requirements()] == ["plotly>=5.24"]


def test_old_and_absent_packages_are_cured_by_one_command(monkeypatch):
    from packaging.requirements import Requirement

    def version(name):
        if name == "pooch":
            raise PackageNotFoundError(name)
        return "5.1"

    monkeypatch.setattr(packages, "version", version)
    found = packages.compare("widgets", [Requirement(line) for line in ("plotly>=5.24", "pooch>=1.8", "tqdm>=4")])
    assert found.ok is False
    assert found.says == "plotly 5.1 is here, but >=5.24 is needed; pooch is not installed."
    assert found.cure == 'python -m pip install "plotly>=5.24" "pooch>=1.8"'


def test_another_projects_lab_is_found(monkeypatch):
    monkeypatch.setattr(packages, "_installed", lambda name: name == "lab")
    found = one(packages.in_the_way())
    assert found.ok is False and found.cure == "python -m pip uninstall -y lab"


@pytest.mark.parametrize("package", ["lab", "widgets"])
def test_a_package_that_hides_ours_is_found(monkeypatch, tmp_path, package):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("raise SystemExit('never imported')")
    monkeypatch.syspath_prepend(tmp_path)
    found = one(packages.in_the_way())
    assert found.ok is False and str(tmp_path / package) in found.says and "PYTHONPATH" in found.cure
