"""Dashboards can be read: light and dark, on a projector, in a narrow window. Computed from the page's layout.

One is alone; one has what a page of the course puts around it, a question answered and one open, an experiment that
was pressed, the legend unfolded; one was folded away under More.
"""

import math

import pytest

from tests.browser.boards import DASHBOARD, IMPORT
from tests.browser.looks import FAINT, SETTLED, dashboard_of, found_wrong, in_view
from widgets.charts.chart import decades

pytestmark = pytest.mark.browser

ON_A_PAGE = "from widgets import DropoutMasks, DropoutStudyBoard, More\nDropoutMasks(data='digits')"
FOLDED = "More('Does dropout help?', DropoutStudyBoard)"
FAR = """from dataclasses import dataclass
from widgets.dashboard import Dashboard, Lines, Panel, slider
@dataclass(frozen=True)
class Spec:
    base: float = slider(2.0, low=1.5, high=3.0, label="base")
class Far(Dashboard):
    title, spec, step_name = "Far", Spec, "step"
    panels = (Lines("far", title="Far", x="step", y="size", traces=("size",), log=True, y_range=(0.1, 10)),)
    start = staticmethod(lambda spec, seed: iter(range(100)))
    frame = staticmethod(lambda event, now: {} if event is None else {"far": Panel((event, now.spec.base**event))})
Far()"""

SIZES = {
    "wide": (1920, 1080, True),
    "projector": (1280, 720, True),
    "narrow": (900, 700, False),
    "beside": (900, 700, True),
}


@pytest.fixture(scope="module")
def boards(workplace):
    """Three boards by name; the first two with some frames in them: curves, legends and live numbers are there."""
    notebook = workplace([IMPORT, DASHBOARD, ON_A_PAGE, FOLDED, FAR])
    notebook.run(0, 1, 2, 3)
    alone, page, folded = (notebook.board(index) for index in (1, 2, 3))
    alone.until_drawn().until_state("ready").play().until_frames(15)
    alone.pause()
    in_view(page).within.get_by_role("button", name="Show without predicting").first.click()
    page.until("root => !root.querySelector('.nn4-play').disabled")
    page.button("half").click()
    page.until_state("running").until_frames(5)
    page.pause()
    page.within.locator(".nn4-legend-of-controls summary").click()
    notebook.cell(3).locator(".nn4-more").click()
    in_view(folded).until_state("ready")
    return notebook, {"alone": alone, "on a page": page, "folded": folded}


@pytest.fixture(
    scope="module", params=[(size, dark) for size in SIZES for dark in (False, True)], ids=lambda p: f"{p[0]}-{p[1]}"
)
def window(boards, request):
    """The notebook in a window and a theme."""
    notebook, (size, dark) = boards[0], request.param
    width, height, side_bar = SIZES[size]
    notebook.page.set_viewport_size({"width": width, "height": height})
    notebook.theme(dark)
    notebook.side_bar(side_bar)
    return boards[1]


@pytest.mark.parametrize("which", ["alone", "on a page", "folded"])
def test_it_can_be_read(window, which):
    assert found_wrong(in_view(window[which])) == {}


def test_a_theme_that_changes_while_a_board_is_hidden_is_its_own_when_it_is_shown(boards):
    notebook, board = boards[0], in_view(boards[1]["alone"])
    notebook.theme(False)
    board.until("root => root.dataset.theme === 'light'")
    dashboard = dashboard_of(board)
    assert dashboard.evaluate(SETTLED % FAINT) == []
    dashboard.evaluate("dashboard => { dashboard.style.display = 'none'; }")
    notebook.theme(True)
    board.until("root => root.dataset.theme === 'dark'")
    dashboard.evaluate("dashboard => { dashboard.style.display = ''; }")
    assert dashboard.evaluate(SETTLED % FAINT) == []


def test_on_a_projector_the_controls_and_the_loss_are_seen_together(boards):
    notebook, board = boards[0], in_view(boards[1]["alone"])
    notebook.page.set_viewport_size({"width": 1280, "height": 720})
    notebook.side_bar(True)
    top = board.button("Play").bounding_box()["y"]
    loss = board.root.locator(".nn4-card[data-panel='loss']").bounding_box()
    mask = board.root.locator(".nn4-card[data-panel='mask']").bounding_box()
    assert max(loss["y"] + loss["height"], mask["y"] + mask["height"]) - top < 720 - 120  # the menu, the tool bar


def test_a_logarithmic_axis_that_grows_over_many_decades_keeps_labels_that_can_be_read(boards):
    notebook = boards[0]
    notebook.run(4)
    board = in_view(notebook.board(4))
    labels = "root => [...root.querySelectorAll('.ytick text')].map(text => text.textContent)"
    board.until(f"root => ({labels})(root).includes('0.3')")  # two a decade while it is short
    board.button("Play").click()  # it is over within a blink
    board.until_state("done")
    ticks = decades(-1, math.log10(7e29))["ticktext"]  # 2^99 is 6.3e29, and the axis ends at a round number
    board.until(f"(root, ticks) => ({labels})(root).join() === ticks.join()", ticks)
    assert ticks[:3] == ["1", "10⁷", "10¹⁴"]
