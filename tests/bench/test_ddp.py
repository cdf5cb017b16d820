"""Synchronous SGD beside DDP: the ratio, the efficiency, and processes that end."""

import pytest

from lab.bench import ddp
from lab.bench.child import Child, ChildError
from lab.bench.lab_step import LabStep
from tests.bench.processes import gone


def test_ddp_is_compared_and_its_processes_are_gone_afterwards(session, monkeypatch):
    pytest.importorskip("torch.distributed")
    children = []

    class Known(Child):
        def __init__(self, *args):
            super().__init__(*args)
            children.append(self)

    monkeypatch.setattr(ddp, "Child", Known)
    session.peers, session.rounds = ["torch"], 2
    ddp.ddp_rows(session, "tiny", 64)
    beside, efficiency = session.rows
    assert (beside["peer"], beside["batch"], beside["threads"], beside["goal"]) == ("torch DDP", 64, 2, 3.0)
    assert (
        beside["ratio"] > 0
        and efficiency["unit"] == "efficiency"
        and (efficiency["goal"], efficiency["stretch"]) == (0.8, 0.9)
    )
    assert len(children) == 2 and all(gone(child.process) for child in children)

    with pytest.raises(KeyboardInterrupt), ddp.Ranks("tiny", 64, []) as ranks:
        ranks()
        raise KeyboardInterrupt
    assert len(children) == 4 and all(gone(child.process) for child in children)


def test_efficiency_compares_the_whole_with_half_the_work_by_one(clock, session, monkeypatch):
    class Ours(LabStep):
        def __call__(self):
            clock.advance(0.010 if self._shards == 2 else 0.009)

    monkeypatch.setattr(ddp, "LabStep", Ours)
    ddp.ddp_rows(session, "tiny", 64)
    (row,) = session.rows
    assert row["ratio"] == 0.9 and row["reached"] and "DDP was left out" in session.notes[0]


def test_ranks_that_cannot_start_are_told_and_leave_nothing_behind(session, monkeypatch):
    started = []

    class Broken(Child):
        def __init__(self, module, first):
            super().__init__(module, first)
            started.append(self)

        def hear(self, timeout=0.0):
            raise ChildError("no gloo")

    monkeypatch.setattr(ddp, "Child", Broken)
    session.peers = ["torch"]
    ddp.ddp_rows(session, "tiny", 64)
    assert session.notes == ["DDP was left out: no gloo"] and [row["unit"] for row in session.rows] == ["efficiency"]
    assert len(started) == 2 and all(gone(child.process) for child in started)
