"""A layer in three ways: one result, told part by part."""

import numpy as np
import pytest

from lab import rng
from lab.bench.fusing import PARTS, WAYS, Fusing, WayTimed
from lab.errors import KeepProbabilityError, SettingError
from lab.events import Waiting

SMALL = (20, 9, 140)


def finished(**fields):
    run = Fusing(**{"shape": SMALL, "dtype": "float64", "seconds": 1e-6} | fields)
    return run, [event for event in run if not isinstance(event, Waiting)]


def test_all_ways_compute_the_layer_and_the_last_two_share_their_mask():
    run, _ = finished(keep=0.6)
    apart, fused = run.outputs["pass by pass"], run.outputs["fused"]
    np.testing.assert_allclose(apart, fused, rtol=1e-9, atol=1e-12)
    kept = rng.dropout_mask(0, np.arange(20), 140, 0.6, step=0, layer=1)
    assert np.array_equal(apart == 0, ~kept.astype(bool))
    numpy = run.outputs["NumPy"]
    both = (numpy != 0) & (fused != 0)  # masks of its own
    assert both.any() and np.allclose(numpy[both], fused[both])


def test_ways_take_turns_and_tell_their_parts():
    run, events = finished()
    assert [event.way for event in events] == list(WAYS) and all(type(event) is WayTimed for event in events)
    assert tuple(events[0].parts) == tuple(events[1].parts) == PARTS[:-1]
    assert tuple(events[2].parts) == ("product", "fused pass")
    for event in events:
        assert run.whole(event.way) == pytest.approx(sum(event.parts.values()))
        assert run.whole(event.way, product=False) < run.whole(event.way)


def test_bytes_that_must_move():
    counts = Fusing((256, 784, 512)).counts()
    assert counts["pass by pass"].bytes == 10 * 4 * 256 * 512 and counts["fused"].bytes == 3 * 4 * 256 * 512
    assert counts["product"].flops == 2 * 256 * 784 * 512


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"shape": (1, 5, 5)}, SettingError),
        ({"shape": (5, 5)}, SettingError),
        ({"keep": 0.0}, KeepProbabilityError),
        ({"dtype": "int64"}, SettingError),
        ({"seconds": 0}, SettingError),
    ],
)
def test_what_is_not_allowed_is_refused_at_once(wrong, error):
    with pytest.raises(error):
        Fusing(**wrong)
