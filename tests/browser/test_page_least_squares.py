"""The page on dropout as least squares as a learner has it: every control of every board; save, come back."""

import re

import pytest

from tests.browser.pages import SEEN, CoursePage, numbers, reset, stop, tried, until_live, until_number

pytestmark = pytest.mark.browser

NAME = "10_dropout_least_squares.ipynb"
BOARDS = ("descent", "sweep", "ridge", "optimizers")


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    page = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    page.run("find-the-lab", *BOARDS)
    page.unfold("optimizers")
    return page


def until_says(board, words):
    """Wait until the status line says so."""
    board.until("(root, words) => root.querySelector('.nn4-status').innerText.includes(words)", words)


def test_play_waits_for_a_prediction_and_the_batch_for_another(page):
    board = page.shown("descent").until_state("ready")
    assert board.button("Play").is_disabled() and "Predict first" in board.says
    assert not board.control("batch").root.locator("select").is_enabled()
    board.within.get_by_role("radio", name="both give the same").check()
    board.within.get_by_role("button", name="Commit").first.click()
    board.until("root => !root.querySelector('.nn4-play').disabled")
    assert not board.control("batch").root.locator("select").is_enabled()
    assert "you predicted: both give the same" in board.within.locator(SEEN).first.inner_text()


def test_every_control_of_the_descent(page):
    board = page.opened("descent")
    board.button("Step").click()
    board.until_round(1)
    path = board.traces("map")[1]
    assert len(path["x"]) == len(path["y"]) == 2 and path["x"][0] == path["y"][0] == 0
    board.control("batch").choose("all masks, weighted")
    board.play()
    until_number(board, 20_000 // 4)
    board.pause()
    assert numbers(board.live("terms")) == [10, 1, 3.67, 2, 3.67]
    board.within.locator(SEEN).first.filter(has_text="as you predicted").wait_for()
    assert board.within.locator(SEEN).nth(1).filter(has_text="seen: 40.3").count() == 1
    before = board.picture("map")
    keep = board.control("keep").drag(0.9)
    board.until_picture_changes("map", before)
    p = round(keep, 2)
    until_live(board, "weights", rf"closed form \({1.1 * p / (1 + p):.3f}, {11 * p / (1 + p):.3f}\)")
    before = board.picture("map")
    board.control("dropout").switch()
    board.until_picture_changes("map", before)
    until_live(board, "weights", r"closed form \(1.089, 0.109\)")
    board.control("dropout").switch()
    board.control("inverted").switch()
    until_live(board, "weights", rf"closed form \({1.1 / (1 + p):.3f}, {11 / (1 + p):.3f}\)")
    board.control("delta").press("ArrowRight", 40)
    until_says(board, "step size cut to")
    board.control("optimizer").choose("Adam")
    board.until("root => !root.querySelector('.nn4-status').innerText.includes('step size')")
    reset(board)


def test_every_experiment_of_the_descent(page):
    board = page.opened("descent")
    tried(board, "no dropout")
    until_live(board, "terms", r"10 w1 = 10\.89, w2 = 0\.11")
    tried(board, "one mask a step")
    tried(board, "1,024 masks a step")
    until_live(board, "loss", "floor 40.33")
    board.button("More").click()
    tried(board, "a long step, p = 0.1")
    until_says(board, "step size cut to 8.9e-05")
    tried(board, "without 1/p")
    until_live(board, "weights", r"closed form \(0.733, 7.333\)")


def test_every_control_and_experiment_of_the_sweep(page):
    board = page.opened("sweep")
    tried(board, "expected gradient")
    board.play()
    until_number(board, 30_001)
    stop(board)
    board.within.locator(SEEN).nth(1).filter(has_text="more than 30,000").wait_for()
    assert "to 0.55" in board.within.locator(SEEN).first.inner_text()
    assert re.search(r"p = 1: \(1.089, 0.109\)", board.live("off"))
    p = board.control("keep").drag(0.2)
    until_live(board, "w1", rf"p = {p:.2f}: w1 = {1.1 * p / (1 + p):.3f}")
    board.control("inverted").switch()
    until_live(board, "w2", rf"w2 = {11 / (1 + p):.3f}")
    board.control("batch").choose("16 masks")
    before = board.live("folds")
    board.control("delta").press("ArrowRight", 2)
    board.until_live_changes("folds", before)
    board.control("optimizer").choose("Adam")
    until_live(board, "folds", "Adam knows no such law")
    for name in ("one mask a step", "Adam", "without 1/p"):
        tried(board, name)


def test_own_data_can_be_typed_and_bad_ones_are_named(page):
    board = page.opened("ridge")
    board.button("Step").click()
    board.until_round(1)
    board.control("data").write("1 2 = 3\n4 five = 6")
    until_says(board, "'five' in line 2 is no number. Write numbers such as")
    board.button("Reset").click()
    until_says(board, "Mend it first; nothing has begun anew.")
    assert board.round == 1
    board.control("data").write("1 2 = 3\n4 5 = 6\n7 8 = 10")
    board.within.get_by_text("data: x1 x2 ... = y (needs a reset)").wait_for()
    assert board.root.locator(".nn4-wrong").inner_text() == ""
    reset(board)
    board.button("Step").click()
    board.until_round(1)
    x = board.traces("norms")[0]["y"]
    assert x == pytest.approx([66**0.5, 93**0.5])


def test_every_other_control_and_every_experiment_of_the_ridge(page):
    board = page.opened("ridge")
    p = board.control("keep").drag(0.9)
    until_live(board, "norms", f"= {(p / (1 - p)) ** 0.5:.3f}$")
    board.control("inverted").switch()
    until_live(board, "weights", rf"ridge = p × learned, p = {p:.2f}")
    for name in ("three scales", "two columns alike", "without 1/p", "the course's row"):
        tried(board, name)
    assert board.control("data").root.locator("textarea").input_value() == "10 1 = 11"
    board.play()
    until_live(board, "objective", r"\d\d,\d{3} masks")
    board.pause()
    mean, error, exact = numbers(board.live("course"))
    assert abs(mean - exact) < 5 * error and exact == 40.333
    board.within.locator(SEEN).first.filter(has_text="by chance only").wait_for()
    assert "both are 1" in board.within.locator(SEEN).nth(1).inner_text()


def test_every_control_and_experiment_of_the_optimizers(page):
    board = page.opened("optimizers")
    tried(board, "one mask a step")
    tried(board, "p = 0.5")
    tried(board, "no dropout")
    board.play()
    until_live(board, "map", r"SGD \(1.089, 0.109\), Adam \(1.000, 1.000\)")
    board.pause()
    board.within.locator(SEEN).first.filter(has_text="Adam at (1, 1)").wait_for()
    p = round(board.control("keep").drag(0.4), 2)
    until_live(board, "weights", rf"closed form \({1.1 * p / (1 + p):.3f}")
    board.control("batch").choose("1 mask")
    board.control("delta").press("ArrowRight", 30)
    until_says(board, "step size cut to")
    before = board.live("map")
    board.button("Step").click()
    board.until_live_changes("map", before)


def test_all_boards_play_at_once_and_the_kernel_answers(page):
    names = ("one mask a step", "one mask a step", "the course's row", "p = 0.5")
    for cell, name in zip(BOARDS, names, strict=True):
        page.opened(cell).button(name).evaluate("button => button.click()")  # a hand would wait for the others' charts
    assert page.notebook.ask("print(6 * 7)") == "42"
    for cell, panel in zip(BOARDS, ("map", "w1", "objective", "map"), strict=True):
        board = page.shown(cell)
        board.until_live_changes(panel, board.live(panel))
        stop(board)


def test_predictions_and_boards_come_back_when_the_page_is_saved_closed_and_opened(page):
    kept = page.shown("descent").within.locator("[class^=nn4-snapshot]")
    kept.filter(has_text="you predicted: both give the same").wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    kept = page.cell("descent").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.wait_for()
    assert "you predicted: both give the same" in kept.inner_text()
    page.run("find-the-lab", "descent", "ridge")
    board = page.shown("descent")
    assert "you predicted: both give the same" in board.within.locator(SEEN).first.inner_text()
    board.button("Step").click()
    board.until_round(1)
    board = page.opened("ridge")
    board.control("data").write("3 4 = 5")
    reset(board)
    board.button("Step").click()
    board.until_round(1)
    assert board.traces("norms")[0]["y"] == [3, 4]
