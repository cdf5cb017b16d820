"""What the tests of the bench share: a clock that only moves when it is told to, and tiny plans."""

from types import SimpleNamespace

import pytest

from lab.bench import Plan, timing
from lab.bench.session import Session
from lab.bench.workloads import Workload

TINY = Workload("tiny", 16)


class Clock:
    """`perf_counter` of a world in which only `advance` takes time."""

    def __init__(self):
        self.now = 0.0

    def advance(self, seconds):
        self.now += seconds

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """The clock by which `lab.bench.timing` measures."""
    made = Clock()
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=made.perf_counter))
    return made


@pytest.fixture
def session():
    """A session of one short round, with NumPy as the only peer."""
    return Session(["numpy"], rounds=1, seconds=0.0)


@pytest.fixture(scope="session")
def tiny_plan():
    """A plan of one small step on one thread."""
    return Plan(steps=(TINY,), rounds=3, few=3, seconds=0.001, sections=("steps",))
