"""The page on initialization as a learner has it: predict, press every control of every board, save, come back."""

import pytest

from tests.browser.pages import SEEN, CoursePage, numbers, pressed, reset, stop, tried, until_live, until_number

pytestmark = pytest.mark.browser

NAME = "11_initialization.ipynb"
OPEN = ("variance", "layers", "training")
FOLDED = ("sweep", "saturation", "study")


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    course = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    course.run("find-the-lab", *OPEN, *FOLDED)
    for name in FOLDED:
        course.unfold(name)
    return course


def seen(board, words):
    """What a question says that is seen now."""
    board.within.locator(SEEN).filter(has_text=words).wait_for()


def played(board, name, steps):
    """Press an experiment, and stop it after so many steps at least: of its own run, not of the one before."""
    pressed(board, name)
    until_number(board, steps)
    stop(board)


def test_play_waits_for_a_prediction(page):
    board = page.shown("variance").until_state("ready")
    assert board.button("Play").is_disabled() and board.button("σ = √(2/128)").is_disabled()
    board.within.get_by_placeholder("a number from 0.001 to 2").fill("0.1")
    board.within.get_by_role("button", name="Commit").first.click()
    board.within.locator(SEEN).filter(has_text="you predicted: 0.1").wait_for()
    assert board.button("Play").is_disabled()  # the second question holds it still
    board.within.get_by_role("radio", name="the same: d·σ²/2").check()
    board.within.get_by_role("button", name="Commit").click()
    board.until("root => !root.querySelector('.nn4-play').disabled")
    played(board, "σ = √(2/128)", 25)
    seen(board, "you predicted: 0.1 · seen: 0.12")


def test_every_control_and_experiment_of_one_layer(page):
    board = page.opened("variance")
    variance, error, *_, law = numbers(board.live("variance"))
    assert law == 1 and abs(variance - law) < 5 * error
    sigma = board.control("sigma").press("ArrowRight", 4)
    until_live(board, "variance", f"= {128 * sigma**2 / 2:.3f}")
    for name, expected in (("twice the σ", 4), ("64 inputs", 0.5)):
        if not board.button(name).count():
            board.button("More").click()
        tried(board, name)
        assert numbers(board.live("variance"))[-1] == expected
    played(board, "one fixed w", 25)
    until_live(board, "y", "^w 170")
    seen(board, "seen: less: about two thirds of it (otherwise)")
    before = board.picture("y")
    which = board.control("which").press("ArrowLeft", 3)
    until_live(board, "y", f"^w {which:.0f}")
    board.until_picture_changes("y", before)
    board.control("fixed").switch()
    until_live(board, "y", "^fresh w")
    dots, line = (board.traces("fixed")[i]["y"] for i in (0, 1))
    assert len(dots) == 256 and dots == pytest.approx(line, rel=0.15)
    board.control("d").choose("16")
    reset(board)
    sigma = board.control("sigma").value
    until_live(board, "variance", f"= {16 * sigma**2 / 2:.3f}")


def test_every_control_and_experiment_of_the_layers(page):
    board = page.opened("layers")
    played(board, "Xavier: √(1/d)", 3)
    seen(board, "seen: more than ten thousand times smaller")
    assert board.live("sizes").startswith("layer 32:") and "e-0" in board.live("sizes")
    tried(board, "He: √(2/d)")
    assert 0.1 < numbers(board.live("nets"))[0] < 10
    for control, value in (("scale", None), ("activation", "linear"), ("weights", "uniform")):
        before = board.live("nets")
        board.control(control).press("ArrowRight", 5) if value is None else board.control(control).choose(value)
        board.until_live_changes("nets", before)
    tried(board, "too large")
    assert numbers(board.live("nets"))[0] > 1e8
    board.button("More").click()
    played(board, "batchnorm", 3)
    seen(board, "seen: they grow more than a hundredfold")
    deltas = board.traces("deltas")[2]["y"]
    assert 100 < deltas[0] / deltas[-1] < 1000
    board.control("batchnorm").root.locator("input").uncheck()
    until_live(board, "deltas", r"layer 1: 0\.")
    played(board, "zeros", 2)
    until_live(board, "sizes", "layer 32: 0 ")
    for name in ("sigmoid", "tanh"):
        tried(board, name)
    for control, value in (("depth", "8"), ("width", "32")):
        board.control(control).choose(value)
    board.within.get_by_text("(needs a reset)").nth(1).wait_for()
    reset(board)
    board.button("Step").click()
    until_live(board, "sizes", "^layer 8: ")


def test_every_control_and_experiment_of_the_training(page):
    board = page.opened("training")
    tried(board, "10 % off")
    board.button("More").or_(board.button("large steps")).first.click()
    for name in ("shallow", "large steps"):
        tried(board, name)
    board.control("seeds").choose("1")
    board.control("depth").choose("8")
    board.control("factor").press("ArrowRight", 2)
    board.within.get_by_text("(needs a reset)").nth(2).wait_for()
    reset(board)
    board.button("Step").click()
    board.until_round(1)
    assert len(board.traces("gradient")[2]["y"]) == 8
    board.control("delta").drag(0.5)
    board.control("depth").choose("12")
    board.control("seeds").choose("1")
    board.control("factor").press("ArrowLeft", 2)
    board.control("delta").drag(0.5)
    reset(board)
    board.play()
    until_number(board, 101)
    stop(board)
    until_live(board, "without", "σ too large lost at round")
    assert board.within.locator(SEEN).filter(has_text="seen: ").count() == 2
    tried(board, "half, He, twice")


def test_every_control_and_experiment_of_the_sweep(page):
    board = page.opened("sweep")
    played(board, "linear", 3)
    assert abs(numbers(until_live(board, "activations", "1 at d"))[-1] - 1) < 0.1
    seen(board, "seen: ")
    for name in ("ReLU", "tanh"):
        tried(board, name)
    played(board, "batchnorm", 1)
    until_live(board, "deltas", "nowhere")
    board.control("batchnorm").switch()
    board.control("activation").choose("sigmoid")
    board.button("Step").click()
    until_live(board, "factor", r"0\.3\d backward")
    for control, value in (("depth", "8"), ("width", "32")):
        board.control(control).choose(value)
    reset(board)
    board.button("Step").click()
    board.until_round(1)


def test_every_control_and_experiment_of_the_saturation(page):
    board = page.opened("saturation")
    tried(board, "saturated")
    seen(board, "seen: 5")
    for name in ("Xavier: √(1/d)", "sigmoid", "batchnorm"):
        if not board.button(name).count():
            board.button("More").click()
        tried(board, name)
    layer = board.control("layer").press("ArrowLeft", 6)
    until_live(board, "chosen", f"layer {layer:.0f}:")
    for control in ("scale", "batchnorm", "activation"):
        before = board.picture("deltas")
        if control == "scale":
            board.control("scale").drag(0.5)
        elif control == "batchnorm":
            board.control("batchnorm").switch()
        else:
            board.control("activation").choose("sigmoid")
        board.until_picture_changes("deltas", before)


def test_every_control_and_experiment_of_the_study(page):
    board = page.opened("study")
    for name in ("16 layers", "4 layers", "12 layers"):
        tried(board, name)
    for control, value in (("depth", "4"), ("rounds", "50"), ("seeds", "3")):
        board.control(control).choose(value)
    reset(board)
    board.play()
    until_live(board, "loss", r"^([4-9]|[1-6]\d) of 60 runs")  # one of them may be too short for a frame
    stop(board)


def test_two_boards_play_at_once_and_the_kernel_answers(page):
    names = ("variance", "layers")
    for name in names:
        page.opened(name).play()
    for name in names:
        board = page.shown(name)
        until_number(board, board.round + 1)
    assert page.notebook.ask("print(6 * 7)") == "42"
    for name in names:
        stop(page.shown(name))


def test_saved_closed_and_opened_the_page_has_its_predictions_and_goes_on(page):
    board = page.shown("variance")
    kept = board.within.locator("[class^=nn4-snapshot]")
    kept.filter(has_text="you predicted: 0.1").wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    kept = page.cell("variance").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.wait_for()
    assert "Which standard deviation" in kept.inner_text()
    page.run("find-the-lab", *OPEN, "sweep")
    board = page.shown("variance")
    assert board.within.get_by_role("button", name="Commit").count() == 0
    board.button("Step").click()
    board.until_round(1)
    sigma = board.control("sigma").press("ArrowRight", 2)
    until_live(board, "variance", f"= {128 * sigma**2 / 2:.3f}")
    page.unfold("sweep")
    page.opened("sweep").button("Step").click()
    page.shown("sweep").until_round(1)
