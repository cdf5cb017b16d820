"""The page on dropout as a learner has it: predict first, then press every control of every board; save, come back."""

import re

import pytest

from tests.browser.pages import SEEN, CoursePage, stop, tried, until_live, until_number

pytestmark = pytest.mark.browser

NAME = "01_dropout.ipynb"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    page = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    page.run("find-the-lab", "masks", "means", "aggregation", "study")
    page.unfold("study")
    return page


def test_play_waits_for_a_prediction_that_the_keyboard_can_make(page):
    board = page.shown("masks").until_state("ready")
    assert board.button("Play").is_disabled() and board.button("Step").is_disabled()
    assert "Predict first" in board.says
    board.press("Space")
    board.press("s")
    group = board.within.get_by_role("radiogroup", name=re.compile("How many pixels"))
    commit = board.within.get_by_role("button", name="Commit").first
    assert commit.is_disabled() and board.state == "ready"
    group.get_by_role("radio", name="exactly half of them").focus()
    page.notebook.page.keyboard.press("ArrowDown")
    assert group.get_by_role("radio", name=re.compile("about half")).is_checked()
    page.notebook.page.wait_for_function("button => !button.disabled", arg=commit.element_handle())
    commit.focus()
    page.notebook.page.keyboard.press("Enter")
    board.until("root => !root.querySelector('.nn4-play').disabled")
    assert board.round == 0 and "you predicted: about half" in board.within.locator(SEEN).first.inner_text()
    board.button("Step").click()
    board.until_round(1)
    seen = board.within.locator(SEEN).filter(has_text="as you predicted")
    seen.wait_for()
    assert not board.control("redraw").root.locator("input").is_enabled()  # the second question holds it still


def test_every_control_of_the_masks(page):
    board = page.opened("masks")
    board.play()
    first = board.until_picture_changes("mask", board.picture("mask"))
    board.until_picture_changes("mask", first)
    board.pause()
    keep = board.control("keep").drag(0.2)
    until_live(board, "forward", f"made {1 / keep:.3g} times as bright")
    share = float(re.search(r"kept ([\d.]+)", board.live("mask"))[1]) / 100
    assert abs(share - keep) < 0.05
    before = board.picture("forward")
    board.control("sample").press("ArrowRight", 3)
    board.until_picture_changes("forward", before)
    board.control("redraw").switch()
    said = until_live(board, "backward", "another mask; off by .* of its size")
    assert float(re.search(r"off by ([\de.+-]+)", said)[1]) > 0.1
    assert board.within.locator(SEEN).nth(1).filter(has_text="by about as much").count() == 1
    board.control("redraw").switch()
    said = until_live(board, "backward", "same mask")
    assert float(re.search(r"off by ([\de.+-]+)", said)[1]) < 1e-6
    board.control("mode").choose("test")
    until_live(board, "mask", "kept 100.0%")
    board.control("data").choose("small digits")
    board.within.get_by_text("data (needs a reset)").wait_for()
    board.button("Reset").click()
    board.until_round(0)
    until_live(board, "mask", "of 2,048")


def test_every_experiment_of_the_masks(page):
    board = page.opened("masks")
    tried(board, "half", "running")
    tried(board, "one in ten", "ready")
    until_live(board, "forward", "10 times as bright")
    tried(board, "test mode", "ready")
    until_live(board, "mask", "kept 100.0%")
    tried(board, "another mask backward", "ready")
    until_live(board, "backward", "another mask")


def test_every_control_of_the_means(page):
    board = page.opened("means")
    board.play()
    until_live(board, "off", r"\d,\d{3} passes")  # some thousands
    board.pause()
    mean, error, without = map(float, re.findall(r"-?[\d.]+", board.live("unit")))
    assert abs(mean - without) < 5 * error and without == 1
    unit, z = board.live("unit"), board.live("z")
    board.control("unit").drag(0.9)
    board.until_live_changes("z", z)
    assert board.live("unit") != unit
    board.control("means").choose("ReLU(z)")
    said = until_live(board, "off", r"(^|\D)\d% within ±1|[1-4]\d% within ±1")
    board.control("means").choose("units")
    board.until_live_changes("off", said)
    keep = board.control("keep").drag(0.4)
    until_live(board, "off", "^64 passes")  # a move counts anew
    board.control("inverted").switch()
    said = until_live(board, "unit", rf"mean {keep:.1f}")
    until_live(board, "off", "0% within ±1")
    board.within.locator(SEEN).nth(1).filter(has_text="not seen yet").wait_for()  # asked for p = 0.5
    board.button("without 1/p").click()
    board.within.locator(SEEN).nth(1).filter(has_text=re.compile("seen: 0.(49|50)")).wait_for()
    stop(board)


def test_every_experiment_of_the_means(page):
    board = page.opened("means")
    for name in ("the bell", "68 %", "ReLU's mean", "without 1/p"):
        tried(board, name, "running")
    until_live(board, "unit", r"mean 0\.[45]")


def test_every_control_and_experiment_of_the_aggregation(page):
    board = page.opened("aggregation")
    tried(board, "nothing learned", "running")
    until_live(board, "loss", "whole [234]")  # guessing costs ln 10 or more
    board.control("T").drag(0.2)
    board.control("epochs").choose("10")
    board.within.get_by_text("epochs (needs a reset)").wait_for()
    board.control("keep").press("ArrowLeft", 2)
    board.within.get_by_text("(needs a reset)").nth(1).wait_for()
    board.button("Reset").click()
    board.until_round(0)
    board.play()
    until_live(board, "loss", "whole 0")
    until_number(board, 64)
    stop(board)
    board.control("T").drag(1.0)
    until_live(board, "loss", "^64 of them")
    digit = board.picture("digit")
    board.control("sample").press("ArrowRight", 2)
    board.until_picture_changes("digit", digit)
    assert re.match(r"a \d; \d+ networks say \d, the whole says \d", board.live("digit"))
    for name, keep in (("p = 0.8", "0.80"), ("p = 0.5", "0.50")):
        board.button(name).click()
        board.control("keep").root.locator(".widget-readout").filter(has_text=keep).wait_for()
        board.until_state("running")
    stop(board)


def test_every_control_and_experiment_of_the_study(page):
    board = page.opened("study")
    for field, choose in (("samples", "500"), ("hidden", "256"), ("epochs", "20")):
        board.control(field).choose(choose)
    board.control("seeds").press("ArrowRight", 2)
    board.button("Reset").click()
    until_live(board, "loss", "0 of 80 runs")  # eight p from ten seeds
    for name in ("wide and long", "1,000 samples", "200 samples"):
        board.button(name).click()
        board.until_state("running")
    until_number(board, 16)
    board.pause()
    assert re.search(r"lowest median: 0\.\d+ at p = [\d.]+", board.live("loss"))
    assert "hurts: p = 0.3" in board.live("difference")
    low, high, middle = (board.traces("gap")[i]["y"] for i in (0, 1, 2))
    assert all(a <= b <= c for a, b, c in zip(low, middle, high, strict=True))


def test_all_boards_play_at_once_and_the_kernel_answers(page):
    cells = ("masks", "means", "aggregation", "study")
    for cell, name in zip(cells, ("half", "the bell", "p = 0.8", "200 samples"), strict=True):
        page.opened(cell).button(name).click()
    for cell, panel in zip(cells, ("mask", "off", "prediction", "loss"), strict=True):
        board = page.shown(cell)
        for _ in range(2):
            board.until_live_changes(panel, board.live(panel), or_done=True)  # the study has an end
    assert page.notebook.ask("print(6 * 7)") == "42"
    for cell in cells:
        stop(page.shown(cell))


def test_the_legend_of_the_controls_stands_below_and_folds(page):
    board = page.shown("masks")
    legend = board.within.locator("details.nn4-legend-of-controls")
    legend.locator("summary").click()
    assert legend.locator("tbody tr").count() == 5 and "at once" in legend.inner_text()


def test_predictions_are_kept_when_the_page_is_saved_closed_and_opened(page):
    board = page.shown("masks")
    kept = board.within.locator("[class^=nn4-snapshot]")
    kept.filter(has_text="you predicted: about half").wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    kept = page.cell("masks").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.wait_for()
    assert "How many pixels" in kept.inner_text() and "you predicted: about half" in kept.inner_text()
    page.run("find-the-lab", "masks")
    board = page.shown("masks")
    assert board.within.get_by_role("button", name="Commit").count() == 0
    assert "you predicted: about half" in board.within.locator(SEEN).first.inner_text()
    board.button("Step").click()
    board.until_round(1)
    before = board.live("mask")
    board.control("keep").drag(0.9)
    board.until_live_changes("mask", before)
