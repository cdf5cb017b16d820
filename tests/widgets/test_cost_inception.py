"""Inception: both modules are counted, and the widths are walked through."""

import numpy as np
import pytest

from tests.widgets.reading import arrays, said, told
from widgets.cost.inception import AS_WIDE, CostInception


def test_inception_shows_both_modules_and_walks_through_the_widths():
    made = CostInception(reduce=8)
    made.run(7)
    assert told(made, "saving") is None
    made.run(1)
    assert told(made, "saving") == pytest.approx(3.148, abs=5e-4)
    made = CostInception()
    assert told(made, "saving") == pytest.approx(3.148, abs=5e-4)  # the control is at 64
    made.run(8)
    assert said(made, "paths")[1] == [1_115_684_864, 354_418_688, 3.148]
    drawn = arrays(made, "paths")
    assert drawn[0, "x"].sum() + drawn[1, "x"].sum() == pytest.approx(1_115.684864 + 354.418688)
    made.run(40)
    assert told(made, "wide") == AS_WIDE[2] and made.session.state == "done"
    made.controls["projection"].value = 1
    assert said(made, "paths")[1][1] < 354_418_688
    curve = arrays(made, "widths")
    last = curve[1, "y"][np.isfinite(curve[1, "y"])]
    assert np.isclose(curve[2, "y"][-1], last[7]) and len(last) == 32  # the dot at 64 lies on the curve
    made.controls["module"].value = "naive"
    assert "32x32x672" in said(made, "table")[0]
