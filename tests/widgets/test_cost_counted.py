"""A step that is counted as it runs: the program does what the paper says."""

import numpy as np
import pytest

from lab.analysis.cost import closed_form, training_alive
from tests.widgets.reading import arrays, said, told
from widgets.cost.counted import FEWER, CostCounted


@pytest.mark.parametrize(("mode", "first"), [("training", False), ("training", True), ("inference", False)])
def test_paper_and_program_lie_on_each_other(mode, first):
    made = CostCounted(L=3, K=16, n=8, mode=mode, first=first)
    steps = len(made.run(0) and made.session.run.seen) - 1
    made.run(steps)
    drawn = arrays(made, "bytes")
    assert np.array_equal(drawn[0, "y"], drawn[1, "y"]) and np.isfinite(drawn[0, "y"]).all()
    form = closed_form(3, 16, 8)
    end = {"inference": form.forward}.get(mode, form.training if first else form.training_exact)
    assert said(made, "products")[1] == [end] and arrays(made, "products")[0, "y"][-1] == pytest.approx(end / 1e6)
    assert told(made, "fewer") == (None if mode == "inference" else FEWER[0] if first else FEWER[1])
    assert told(made, "deltas") == (None if mode == "inference" else 2)


def test_another_step_is_counted_as_soon_as_a_control_moves():
    made = CostCounted(L=2, K=16, n=8)
    made.run(2)
    made.controls["L"].value = 5
    assert made.session.run.walked == 0 and len(made.session.run.seen) == 16
    assert said(made, "bytes")[1][-1] == 4 * training_alive(5, 16, 8, 0)
    made.controls["program"].value = "NN4"
    made.run(3)
    assert made.session.run.expected is None and "relu1" in arrays_words(made, "operations")
    assert f"{12 * 8 * 16**2:,}" in arrays_words(made, "sums")
    assert made.session.run.settings["L"] == 5 and made.session.run.form == closed_form(4, 16, 8)


def arrays_words(dashboard, panel):
    return bytes(arrays(dashboard, panel)[0, "words"]).decode()
