"""The page on softmax as a learner has it: predict first, then press every control of every board; save, come back."""

import math
import re

import pytest

from tests.browser.boards import TRACES
from tests.browser.pages import SEEN, CoursePage, numbers, pressed, reset, stop, tried, until_live, until_number

pytestmark = pytest.mark.browser

NAME = "12_softmax.ipynb"
# Whether the bars of the gradient are (z - y) / T: to three digits, as T is read from its slider.
GRADIENT_FITS = f"""(root, T) => {{
  const [gradient] = ({TRACES})(root, 'gradient'), [z, y] = ({TRACES})(root, 'shares');
  return gradient.y.every((g, i) => Math.abs(T * g - (z.y[i] - y.y[i])) < 2e-3);
}}"""


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    page = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    page.run("find-the-lab", "probabilities", "stability", "smoothing", "temperature", "two-classes")
    page.unfold("temperature")
    page.unfold("two-classes")
    return page


def test_what_gives_the_answer_away_is_hidden_until_there_is_one(page):
    board = page.shown("stability").until_state("ready")
    look = "root => ['words', 'share', 'now'].map(name => getComputedStyle(root.querySelector("
    look += "`.nn4-card[data-panel=${name}] :is(.nn4-plot, .nn4-words)`)).visibility)"
    assert board.root.evaluate(look) == ["hidden", "hidden", "visible"]
    page.opened("stability")
    board.until(f"root => ({look})(root).every(each => each === 'visible')")


def test_play_waits_for_a_prediction_and_the_constant_for_its_own(page):
    board = page.shown("probabilities").until_state("ready")
    assert board.button("Play").is_disabled() and "Predict first" in board.says
    board.within.get_by_role("radio", name="all four fall").click()
    board.within.get_by_role("button", name="Commit").first.click()
    board.until("root => !root.querySelector('.nn4-play').disabled")
    board.button("Step").click()
    board.until_round(1)
    board.within.locator(SEEN).filter(has_text="seen: all four fall (as you predicted)").wait_for()
    page.opened("probabilities")
    shares = board.picture("shares")
    logits = board.picture("logits")
    board.control("constant").drag(0.9)
    board.until_picture_changes("logits", logits)
    board.within.locator(SEEN).filter(has_text="seen: they stay as they are").wait_for()
    assert board.picture("shares") == shares


def test_every_control_of_the_probabilities(page):
    board = page.opened("probabilities")
    for i in range(1, 6):
        before = board.live("logits")
        board.control(f"x{i}").drag(0.1 * i)
        board.until_live_changes("logits", before)
    board.until(GRADIENT_FITS, board.control("temperature").drag(0.8))
    gradient, differences = (trace["y"] for trace in board.until_quiet().traces("gradient"))
    assert gradient == pytest.approx(differences, abs=1e-6)
    before = board.picture("shares")
    board.control("label").choose("4")
    board.until_picture_changes("shares", before)
    assert board.traces("shares")[1]["y"] == [0, 0, 0, 1, 0]
    board.control("dtype").choose("float16")
    until_live(board, "gradient", "float16$")
    board.control("dtype").choose("float64")
    board.control("delta").drag(0.7)
    before = numbers(board.live("loss"))[0]
    board.speed("normal")
    board.play()
    until_number(board, 50)
    board.pause()
    assert numbers(board.live("loss"))[0] < before
    reset(board)


def test_every_experiment_of_the_probabilities(page):
    board = page.opened("probabilities")
    tried(board, "all equal", "ready")
    until_live(board, "loss", r"^1\.609$")  # log 5
    tried(board, "sure and wrong")
    tried(board, "cold", "ready")
    until_live(board, "shares", "sum 1$")
    board.button("More").first.click()
    tried(board, "hot", "ready")
    tried(board, "half precision", "ready")
    until_live(board, "gradient", "float16$")


def test_every_control_and_experiment_of_the_stability(page):
    board = page.opened("stability")
    board.control("dtype").choose("float16")
    board.control("shape").choose("0.6 to 1")
    board.control("label").choose("smallest logit")
    board.control("growth").choose("5 %")
    board.speed("fastest")
    board.button("Reset").click()
    until_live(board, "share", "naive ends at scale 10.67")
    board.button("Play").click()
    board.until_state("done")
    assert "float16: exp(x) is inf for x above log(largest number) = 11.0899" in board.root.inner_text()
    board.button("More").first.click()
    for name in ("half precision", "log of 0", "underflow", "nothing fails", "overflow"):
        pressed(board, name)
        board.within.locator(".nn4-look").filter(has_text="Look:").wait_for()
        board.until_state("done").until_quiet()
    assert "log of naive softmax: NaN from scale" in board.root.inner_text()
    assert "naive ends at scale 88.723" in board.live("share")
    naive = board.traces("share")[0]
    assert all(y is None or x < 88.73 for x, y in zip(naive["x"], naive["y"], strict=True) if y == y)
    board.within.locator(SEEN).first.filter(has_text="seen: 88.72").wait_for()


def test_every_control_and_experiment_of_the_smoothing(page):
    board = page.opened("smoothing")
    tried(board, "ε = 0.1")
    until_live(board, "gap", "closed form 4.5109$")
    board.play()
    until_number(board, 500)
    stop(board)
    assert abs(numbers(board.live("gap"))[0] - math.log(91)) < 0.01
    board.control("convention").choose("ε/(d−1) on the others")
    until_live(board, "gap", "closed form 4.3944$")
    eps = board.control("eps").drag(0.5)
    gap = math.log((1 - eps) * 9 / eps)
    until_live(board, "gap", f"closed form {gap:.4f}$")
    before = board.live("gap")
    board.control("delta").drag(0.9)
    board.button("Step").click()
    board.until_live_changes("gap", before)
    board.control("classes").drag(0.3)
    board.control("spread").drag(0.6)
    board.within.get_by_text("(needs a reset)").nth(1).wait_for()
    reset(board)
    tried(board, "the other convention")
    tried(board, "no smoothing")
    until_live(board, "gap", re.escape("log(δ d t)") + "$")
    tried(board, "100 classes")
    assert len(board.until_quiet().traces("shares")[0]["y"]) == 100


def test_every_control_and_experiment_of_the_temperature(page):
    board = page.opened("temperature")
    board.control("samples").choose("50")
    board.control("epochs").choose("10")
    board.within.get_by_text("(needs a reset)").nth(1).wait_for()
    reset(board)
    for name in ("stopped early", "few samples", "by heart"):
        pressed(board, name)
        until_number(board, 1)
        board.until_state("done")
    board.within.locator(SEEN).filter(has_text="seen: too sure of itself").wait_for()
    misread = board.live("error").split(";")[0]
    loss, digit = board.live("loss"), board.live("digit")
    board.control("temperature").drag(0.7)
    board.until_live_changes("loss", loss)
    assert board.live("error").split(";")[0] == misread
    board.control("sample").drag(0.5)
    board.until_live_changes("digit", digit)


def test_every_control_and_experiment_of_the_two_classes(page):
    board = page.opened("two-classes")
    board.control("delta").drag(0.6)
    board.control("gap").drag(0.2)
    reset(board)
    for name in ("undecided", "large steps", "wrong at first"):
        tried(board, name)
    board.within.locator(SEEN).filter(has_text="seen: the two logits of softmax").wait_for()
    softmax, _, twice = (trace["y"] for trace in board.traces("gap"))
    assert softmax == pytest.approx(twice, abs=1e-4) and len(softmax) > 2


def test_predictions_are_kept_when_the_page_is_saved_closed_and_opened(page):
    board = page.shown("probabilities")
    kept = board.within.locator("[class^=nn4-snapshot]")
    kept.filter(has_text="you predicted: all four fall").wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    kept = page.cell("probabilities").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.wait_for()
    assert "you predicted: all four fall" in kept.inner_text()
    page.run("find-the-lab", "probabilities")
    board = page.shown("probabilities")
    assert "you predicted: all four fall" in board.within.locator(SEEN).first.inner_text()
    before = board.live("shares")
    board.control("x1").drag(0.9)
    board.until_live_changes("shares", before)
    page.run("smoothing")
    board = page.opened("smoothing")
    board.button("Step").click()
    board.until_round(1)
    before = board.picture("optimum")
    board.control("eps").drag(0.8)
    board.until_picture_changes("optimum", before)
