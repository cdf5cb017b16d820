"""Windows on windows: what they see together, and what they cost."""

from tests.widgets.reading import arrays, said, told
from widgets.cost.windows import SAVES, CostWindows


def test_windows_are_added_one_by_one():
    made = CostWindows(n=3, size=5)
    made.run(2)
    assert said(made, "ways")[1][:3] == [2, 9, 9] and told(made, "sees") is None
    made.run(1)
    assert told(made, "sees") == 13 and told(made, "saves") is None
    assert arrays(made, "ways")[0, "z"].shape == (13, 13) and (arrays(made, "ways")[0, "z"] > 0).all()
    assert said(made, "costs")[1][:2] == [692_224, 307_200]
    made = CostWindows(n=3, size=3)
    made.run(3)
    assert told(made, "saves") == SAVES[0] and said(made, "saving")[1][-1] == 1.81
