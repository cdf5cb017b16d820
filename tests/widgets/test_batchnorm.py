"""The boards of the page on batchnorm: every control acts, and what is said was seen."""

from dataclasses import fields

import numpy as np
import pytest

from lab.errors import SettingError
from tests.widgets.conftest import Page
from widgets import (
    BatchnormBatches,
    BatchnormDrift,
    BatchnormRace,
    BatchnormScale,
    BatchnormShards,
    BatchnormShift,
    BatchnormTermsBoard,
)

BOARDS = (
    BatchnormBatches, BatchnormRace, BatchnormShift, BatchnormTermsBoard, BatchnormDrift, BatchnormScale,
    BatchnormShards,
)  # fmt: skip


@pytest.mark.parametrize("kind", BOARDS)
def test_every_control_has_its_line_in_the_legend_and_every_experiment_runs(make, heard, kind):
    board = make(kind)
    assert all(field.metadata["control"].about for field in fields(kind.spec))
    page = Page(board, heard)
    for experiment in kind.experiments:
        board.experiment_bar.buttons[experiment.name].click()
        assert {name: getattr(board.values, name) for name in experiment.fields} == experiment.fields
        while page.ask(2)["t"] == {} or board.session.steps == 0:
            assert board.session.state != "error", board.session.says
        assert all(np.isfinite(m.ranges["y"]).all() for m in board.session.memories.values())


@pytest.mark.parametrize("kind", BOARDS)
def test_questions_hold_play_until_one_commits_and_nothing_is_seen_before_it_begins(make, kind):
    board = make(kind, ask=True)
    assert board.held
    board.session.start()
    assert [question.seen(board.session.now()) for question in kind.questions] == [None] * len(kind.questions)
    for asked in board.predictions.asked.values():
        asked.skip()
    assert not board.held


@pytest.mark.parametrize("kind", BOARDS)
def test_no_event_takes_long(make, kind):
    """Between two events Pause answers: the median of some dozens, which a busy machine disturbs the least."""
    import time

    board = make(kind)
    board.run(1)
    times = []
    for _ in range(40):
        start = time.perf_counter()
        event = next(board.session._iterator)
        times.append(time.perf_counter() - start)
        assert event is not None
    assert np.median(times) < 0.03


def test_what_no_control_can_take_is_refused(make):
    for kind, wrong in ((BatchnormBatches, {"batch": 257}), (BatchnormShards, {"K": 3}), (BatchnormScale, {"eps": 0})):
        with pytest.raises(SettingError, match="is not allowed"):
            make(kind, **wrong)
