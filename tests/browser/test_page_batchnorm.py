"""The page on batchnorm as a learner has it: predict, press every control of every board, save, come back."""

import pytest

from tests.browser.pages import SEEN, CoursePage, numbers, reset, stop, tried, until_live, until_number

pytestmark = pytest.mark.browser

NAME = "02_batchnorm.ipynb"
OPEN = ("batches", "race", "shift")
FOLDED = ("terms", "drift", "scale", "shards")


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    course = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    course.run("find-the-lab", *OPEN, *FOLDED)
    for name in FOLDED:
        course.unfold(name)
    return course


def test_play_waits_for_a_prediction(page):
    board = page.shown("batches").until_state("ready")
    assert board.button("Play").is_disabled() and board.button("two samples").is_disabled()
    board.within.get_by_role("radio", name="all values between −1 and 1").check()
    board.within.get_by_role("button", name="Commit").click()
    board.until("root => !root.querySelector('.nn4-play').disabled")
    board.button("two samples").click()
    told = board.within.locator(SEEN).filter(has_text="seen: +1 and −1")
    told.wait_for()
    assert "you predicted: all values between −1 and 1" in told.inner_text() and "(otherwise)" in told.inner_text()
    stop(board)


def test_every_control_of_the_batches(page):
    board = page.opened("batches")
    tried(board, "64 samples")
    assert board.live("after") == "mean 0.00, deviation 1.00"
    beta = board.control("beta").drag(0.75)
    until_live(board, "after", f"mean {beta:.2f}")
    gamma = board.control("gamma").drag(0.25)
    until_live(board, "after", f"mean {beta:.2f}, deviation {abs(gamma):.2f}")
    board.control("eps").drag(1.0)
    assert numbers(until_live(board, "after", r"deviation 0\."))[1] < 0.5 * abs(gamma)
    for field in ("unit", "layer", "values"):
        before = board.live("before")
        if field == "unit":
            board.control(field).press("ArrowRight", 4)
        else:
            board.control(field).choose({"layer": "2", "values": "all units"}[field])
        board.until_live_changes("before", before)
    board.control("batch").drag(0.0)
    assert board.control("batch").press("ArrowLeft", 3) == 1
    board.until("root => root.innerText.includes('at least 2 samples')")
    board.control("batch").press("ArrowRight")
    board.control("delta").choose("fast: δ = 0.5")
    before = board.live("mean")
    board.button("Step").click()
    board.until_live_changes("mean", before)
    board.control("data").choose("MNIST")
    board.within.get_by_text("data (needs a reset)").wait_for()
    board.button("Reset").click()
    board.until_state("error")
    assert "MNIST is not on this machine" in board.says
    board.control("data").choose("small digits")
    reset(board)


def test_every_experiment_of_the_batches(page):
    board = page.opened("batches")
    for name in ("two samples", "it learns", "64 samples"):
        tried(board, name)
    board.button("More").click()
    tried(board, "large ε")
    assert numbers(board.live("after"))[1] < 0.9
    tried(board, "all units")


def test_every_control_and_experiment_of_the_race(page):
    board = page.opened("race")
    tried(board, "usual steps: δ = 0.1")
    board.button("too large: δ = 5").click()
    until_live(board, "loss", "without gone at round")
    stop(board)
    board.control("data").choose("small digits")
    board.control("batch").choose("32")
    board.button("large steps: δ = 1").click()
    until_number(board, 66)
    stop(board)
    error_with, error_without = numbers(board.live("error"))
    assert error_with < error_without
    board.within.locator(SEEN).filter(has_text="seen: ").wait_for()
    board.control("delta").drag(0.5)
    board.control("keep").drag(0.5)
    before = board.live("gradient")
    board.play()
    board.until_live_changes("gradient", before)
    board.pause()
    assert len(board.traces("silent")[0]["y"]) == 3


def test_every_control_and_experiment_of_the_shift(page):
    board = page.opened("shift")
    board.button("p = 0.3").click()
    board.until_state("done")
    assert "without masks" not in board.live("accuracy")
    board.control("recompute").switch()
    running, without = numbers(until_live(board, "accuracy", "without masks"))
    assert without > running + 5
    board.within.locator(SEEN).filter(has_text="seen: it rises").wait_for()
    assert numbers(board.live("ratio"))[1] < 0.3
    for field, move in (("keep", "ArrowRight"), ("delta", "ArrowRight")):
        board.control(field).press(move, 2)
    board.control("epochs").choose("5")
    board.within.get_by_text("(needs a reset)").nth(2).wait_for()
    reset(board)
    tried(board, "p = 0.7")
    tried(board, "without dropout")


def test_every_control_and_experiment_of_the_terms(page):
    board = page.opened("terms")
    tried(board, "two samples", "ready")
    for _ in range(8):
        board.button("Step").click()
    board.until_round(8)
    board.within.locator(SEEN).filter(has_text="seen: next to nothing").wait_for()
    tried(board, "32 samples", "ready")
    tried(board, "eight samples", "ready")
    for number in range(1, 8):
        board.button("Step").click()
        board.until_round(number)
    assert max(numbers(board.live("sum"))) < 1e-6
    total, differences = (board.traces("sum")[i]["y"] for i in (0, 1))
    assert differences == pytest.approx(total, rel=1e-3, abs=1e-3 * max(map(abs, total)))
    for field, move in (("unit", "ArrowRight"), ("batch", "ArrowLeft")):
        before = board.live("values")
        board.control(field).press(move, 2)
        board.until_live_changes("values", before)
    before = board.live("values")
    board.control("layer").choose("3")
    board.until_live_changes("values", before)


def test_every_control_and_experiment_of_the_drift(page):
    board = page.opened("drift")
    tried(board, "two samples")
    tried(board, "large steps")
    board.control("batch").choose("64")
    board.button("tiny steps").click()
    until_number(board, 101)
    stop(board)
    board.within.locator(SEEN).filter(has_text="seen: the running one").wait_for()
    board.control("layer").choose("2")
    board.control("unit").press("ArrowRight")
    board.control("delta").drag(0.9)
    before = board.live("lag")
    board.button("Step").click()
    assert board.until_live_changes("lag", before).startswith("layer 2")


def test_every_control_and_experiment_of_the_scale(page):
    board = page.opened("scale")
    tried(board, "right angles")
    board.button("Step").click()  # a busy machine may have stopped it before its first one
    board.within.locator(SEEN).filter(has_text="seen: it stays as it is").wait_for()
    board.control("layer").choose("3")
    until_live(board, "loss", "layer 3")
    tried(board, "layer 4")
    low, high = numbers(board.live("loss"))[1:]
    assert high > low + 0.5
    tried(board, "large ε")
    seen, law = (trace["y"] for trace in board.traces("angle")[:2])
    assert seen == pytest.approx(law, abs=1e-3)
    for field, fraction in (("eps", 0.3), ("delta", 0.9), ("keep", 0.4)):
        board.control(field).drag(fraction)
    done = board.round
    board.button("Step").click()
    board.until_round(done + 1)
    board.control("batchnorm").switch()
    reset(board)
    tried(board, "right angles")
    board.button("More").or_(board.button("without batchnorm")).first.click()
    tried(board, "without batchnorm")


def test_every_control_and_experiment_of_the_shards(page):
    board = page.opened("shards")
    for name, K in (("8 shards", 8), ("64 shards", 64), ("2 shards", 2)):
        board.button(name).click()
        until_live(board, "mean", f"K = {K}, {128 // K} samples each")
        until_live(board, "gradient", "K = 64: ")  # all the splits up to that into the smallest shards
        stop(board)
    board.within.locator(SEEN).filter(has_text="seen: by several times its length").wait_for()
    before = board.live("variance")
    board.control("unit").press("ArrowRight", 3)
    board.until_live_changes("variance", before)
    board.control("K").choose("4")
    until_live(board, "mean", "K = 4")
    board.control("batch").choose("256")
    reset(board)
    board.play()
    until_live(board, "mean", "K = 4, 64 samples each")
    stop(board)


def test_all_boards_play_at_once_and_the_kernel_answers(page):
    panels = {"batches": "after", "race": "loss", "drift": "mean", "scale": "cosine", "shards": "spread"}
    for name in panels:
        page.opened(name).play()
    for name, panel in panels.items():
        board = page.shown(name)
        before = board.picture(panel)
        board.until_picture_changes(panel, before)
    assert page.notebook.ask("print(6 * 7)") == "42"
    for name in panels:
        stop(page.shown(name))


def test_what_was_folded_is_folded_again_and_keeps_its_run(page):
    board = page.shown("terms")
    done = board.round
    button = page.cell("terms").locator(".nn4-more")
    button.click()
    board.root.wait_for(state="hidden")
    button.click()
    assert page.shown("terms").round == done


def test_saved_closed_and_opened_the_page_has_its_predictions_and_goes_on(page):
    board = page.shown("batches")
    kept = board.within.locator("[class^=nn4-snapshot]")
    kept.filter(has_text="you predicted: all values between").wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    kept = page.cell("batches").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.wait_for()
    assert "Which values can a unit have" in kept.inner_text()
    page.run("find-the-lab", *OPEN, "terms")
    board = page.shown("batches")
    assert board.within.get_by_role("button", name="Commit").count() == 0
    board.button("Step").click()
    board.until_round(1)
    beta = board.control("beta").drag(0.9)
    until_live(board, "after", f"mean {beta:.2f}")
    page.unfold("terms")
    page.opened("terms").button("Step").click()
    page.shown("terms").until_round(1)
