"""Walks that boards take: they show what was counted, in order, and take what is changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.cost import (
    CountedWalk,
    ReductionWalk,
    StackWalk,
    StepWalk,
    closed_form,
    count,
    inceptions,
    preset,
    training_step,
)
from lab.errors import KeepProbabilityError, SettingError

SETTINGS = {
    "program": "linear",
    "L": 3,
    "K": 8,
    "n": 4,
    "mode": "training",
    "first": False,
    "keep": 1.0,
    "batchnorm": False,
}


def test_a_step_is_walked_through_and_another_network_begins_another():
    walk = StepWalk(count(preset("MLP 1-190-1")))
    moments = list(training_step(walk.cost))
    assert walk.last is None and not walk.over
    assert list(walk) == moments and walk.over and walk.last == moments[-1]
    assert walk.fullest.alive == max(moment.alive for moment in moments)
    walk.change(count("input 3\nlinear 2"))
    assert walk.last is None and not walk.over and next(walk).row == 1


def test_widths_are_counted_one_by_one_and_anew_with_another_projection():
    walk = ReductionWalk()
    width, both = next(walk)
    assert (width, both.paths) == (8, inceptions(8).paths) and walk.seen == {8: both}
    walk.change(projection=16)
    assert walk.seen[8].paths == inceptions(8, projection=16).paths
    assert next(walk)[1].paths == inceptions(16, projection=16).paths
    assert len([each for each in walk]) == 30 and max(walk.seen) == walk.channels == 256


@given(n=st.integers(1, 5), size=st.integers(1, 5))
def test_ways_are_as_many_as_paths_through_the_stack(n, size):
    walk = StackWalk(n, size, 2)
    depths = list(walk)
    assert [len(depth.ways) for depth in depths] == list(walk.stack.fields[1:])
    ways = depths[-1].ways
    assert ways.sum() == size ** (2 * n) and ways[0, 0] == 1 and np.array_equal(ways, ways.T)
    line = [1]
    for _ in range(n):
        line = np.convolve(line, np.ones(size))
    assert np.array_equal(ways, np.outer(line, line))


@pytest.mark.parametrize("change", [{}, {"mode": "inference"}, {"first": True}, {"L": 1}, {"L": 1, "first": True}])
def test_what_is_expected_of_a_counted_step_is_what_was_counted(change):
    walk = CountedWalk(**SETTINGS | change)
    assert walk.expected == tuple(each.alive for each in walk.seen)
    assert walk.last.number == 0
    assert [each.number for each in walk] == list(range(1, len(walk.seen))) and walk.over


def test_a_counted_step_takes_changes_and_keeps_what_it_was_where_they_are_refused():
    walk = CountedWalk(**SETTINGS)
    next(walk)
    for wrong in ({"L": 0}, {"program": "torch"}, {"mode": "test"}):
        with pytest.raises(SettingError):
            walk.change(**wrong)
    with pytest.raises(KeepProbabilityError):
        walk.change(program="NN4", keep=0.0)
    assert walk.settings == SETTINGS and walk.walked == 1
    walk.change(program="NN4", n=8)
    assert walk.expected is None and walk.form == closed_form(4, 8, 8) and walk.walked == 0
    assert walk.seen[-1].multiplications == walk.form.training
