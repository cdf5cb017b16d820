"""Dashboards can be read: light and dark, on a projector, in a narrow window. Computed from the page's layout.

One is alone; one has what a page of the course puts around it, a question answered and one open, an experiment that
was pressed, the legend unfolded; one was folded away under More.
"""

import math

import pytest

from tests.browser.boards import DASHBOARD, IMPORT
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

SMALLEST = 11  # px
SIZES = {
    "wide": (1920, 1080, True),
    "projector": (1280, 720, True),
    "narrow": (900, 700, False),
    "beside": (900, 700, True),
}

# Everything visible that reaches out of the dashboard, of its card, or, as a chart's text does, out of its chart.
REACHES_OUT = """root => {
  const found = [];
  for (const e of root.querySelectorAll('*')) {
    const box = e.getBoundingClientRect(), text = e.tagName === 'text';
    if (!box.width || !box.height || getComputedStyle(e).visibility === 'hidden' || e.closest('defs')) continue;
    if (e.closest('svg') && !(e instanceof SVGSVGElement) && !text) continue;  // clipped by their chart
    const frame = (e.parentElement.closest(text ? '.nn4-plot' : '.nn4-card') ?? root).getBoundingClientRect();
    const out = box.left < frame.left - 1 || box.right > frame.right + 1;
    const above = text && (box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
    if (out || above) found.push(`${e.tagName} ${e.getAttribute('class')} ${e.textContent.slice(0, 40)}`);
  }
  return root.scrollWidth > root.clientWidth + 1 ? ['the dashboard scrolls sideways', ...found] : found;
}"""
# Pairs of things that lie on each other: the parts of the page, cards, controls, title and live number, the texts of
# one axis.
OVERLAPS = """root => {
  const found = [], cell = root.closest('.jp-Cell') ?? document.body;
  const check = elements => elements.forEach((a, i) => elements.slice(i + 1).forEach(b => {
    const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
    if (!p.width || !q.width || a.contains(b) || b.contains(a)) return;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    const words = e => `${e.getAttribute('class')} ${e.textContent.slice(0, 30)}`;
    if (wide > 2 && high > 2) found.push(`${words(a)} and ${words(b)}: ${wide.toFixed(1)} x ${high.toFixed(1)}`);
  }));
  const all = (place, name) => [...place.querySelectorAll(name)];
  check(all(root, '.nn4-card'));
  check(all(cell, '.nn4-control'));
  check(all(cell, 'button, .nn4-question label, .nn4-question .widget-html-content, .nn4-look'));
  check(all(cell, '.nn4-question, .nn4-experiments, .nn4-controls, .nn4-board, .nn4-legend-of-controls, .nn4-more'));
  for (const card of all(root, '.nn4-card')) {
    check(all(card, '.nn4-title, .nn4-live, .nn4-plot'));
    for (const axis of ['.xtick text, .xtitle', '.ytick text, .ytitle']) check(all(card, axis));
  }
  for (const control of all(cell, '.nn4-control')) check([...control.children]);
  return found;
}"""
SMALL_TEXT = """(root, smallest) => {
  const cell = root.closest('.jp-OutputArea') ?? root, found = new Set();
  for (const e of cell.querySelectorAll('*')) {
    const own = [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || e instanceof HTMLStyleElement || !e.getBoundingClientRect().height) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < smallest) found.add(`${size} px: ${e.textContent.trim().slice(0, 40)}`);
  }
  return [...found];
}"""
# Texts whose contrast with what lies behind them is below 4.5 (WCAG 2.1, 1.4.3).
FAINT = """root => {
  const numbers = colour => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const luminance = rgb => {
    const [r, g, b] = rgb.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const names = '.nn4-title, .nn4-live, .nn4-status, .nn4-board button, .xtitle, .ytitle, .xtick text, .ytick text, ';
  const others = '.widget-label, .widget-readout, ';
  const parts = '.nn4-more, :is(.nn4-question, .nn4-experiments, .nn4-legend-of-controls) *';
  const found = [], cell = root.closest('.jp-OutputArea') ?? root;
  for (const e of cell.querySelectorAll(names + others + parts)) {
    const own = [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!e.getBoundingClientRect().height || !e.textContent.trim() || e.disabled) continue;
    if (e.matches(parts) && !own) continue;  // the words are of a part of it
    const style = getComputedStyle(e), ink = e instanceof SVGElement ? style.fill : style.color;
    const [low, high] = [luminance(numbers(ink)), luminance(ground(e))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(1)}: ${e.getAttribute('class')} ${e.textContent.slice(0, 30)}`);
  }
  return found;
}"""

# The board looks at the theme and at its size twice a second: what is found must stay.
SETTLED = """async (root, argument) => {
  const look = %s;
  for (let tries = 0; ; tries++) {
    const found = look(root, argument);
    if (!found.length || tries === 40) return found;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}"""
WRONG = {"reaches out": REACHES_OUT, "overlaps": OVERLAPS, "small": SMALL_TEXT, "faint": FAINT}


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


def in_view(board):
    """JupyterLab lays out what is in view only."""
    board.root.wait_for(state="attached")
    board.root.evaluate("root => root.closest('.nn4-dashboard').scrollIntoView()")
    return board.until_drawn()


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
    board = in_view(window[which])
    fits = "root => [...root.querySelectorAll('.nn4-plot')].every(plot => "
    fits += "Math.abs(plot.querySelector('.main-svg').getBoundingClientRect().width - plot.clientWidth) < 2)"
    board.until(fits)
    dashboard = board.root.locator("xpath=ancestor::*[contains(@class, 'nn4-dashboard')]")
    found = {name: dashboard.evaluate(SETTLED % script, SMALLEST) for name, script in WRONG.items()}
    assert found == {name: [] for name in WRONG}


def test_a_theme_that_changes_while_a_board_is_hidden_is_its_own_when_it_is_shown(boards):
    notebook, board = boards[0], in_view(boards[1]["alone"])
    notebook.theme(False)
    board.until("root => root.dataset.theme === 'light'")
    dashboard = board.root.locator("xpath=ancestor::*[contains(@class, 'nn4-dashboard')]")
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
