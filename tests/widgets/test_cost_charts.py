"""Charts that the page on cost asked for: columns with other names, and axes that fit every frame anew."""

import numpy as np
import pytest

from lab.errors import SettingError
from tests.widgets.reading import arrays
from widgets.charts import Columns, Curves, NamedBars, Panel
from widgets.cost.windows import CostWindows


def test_columns_take_other_names_in_every_frame():
    chart = Columns("c", title="c", traces=("all", "now"))
    memory_ = chart.memory()
    memory_.take(Panel((["a", "b"], False, [1, 3], [np.nan, 3])))
    assert memory_.axes["x"]["ticktext"] == ["a", "b"] and memory_.ranges == {"x": [-0.5, 1.5], "y": [0, 3]}
    names = [f"layer {i}" for i in range(100)]
    memory_.take(Panel((names, True, np.arange(100), np.full(100, np.nan))))
    assert len(memory_.axes["x"]["ticktext"]) <= 50 and memory_.axes["y"]["type"] == "log"
    assert memory_.ranges["y"] == [-0.5, 2] and memory_.axes["x"]["tickangle"] == -90
    assert [row[:2] for row in chart.rows(memory_.arrays())][:2] == [("all", 0), ("all", 1)]
    for wrong in ((["a"], False, [1, 2], [1, 2]), (["a"], False, [1])):
        with pytest.raises(ValueError, match="do not fit 1 names"):
            memory_.take(Panel(wrong))
    with pytest.raises(SettingError):
        Columns("c", title="c", traces=("all", "all"))


@pytest.mark.parametrize("anew", [False, True])
def test_axes_fit_every_frame_anew_where_that_is_asked(anew):
    class Board(CostWindows):
        panels = (
            NamedBars("bars", title="b", labels=("a",), traces=("t",), anew=anew),
            Curves("curve", title="c", traces=("t",), anew=anew),
        )

        @staticmethod
        def frame(event, now):
            size = 100.0 if event is None else 5.0
            return {"bars": Panel(([size],)), "curve": Panel(lambda: Panel(([0, size], [0, size])))}

    made = Board(ask=False)
    made.run(0)
    arrays(made, "curve")
    made.run(1)
    arrays(made, "curve")
    assert made.session.memories["bars"].ranges["x"][1] == (5 if anew else 100)
    assert made.session.memories["curve"].ranges == {axis: [0, 5 if anew else 100] for axis in "xy"}
