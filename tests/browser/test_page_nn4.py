"""The page on NN4 as a learner has it: layers open by click and key, a round goes by phases; all controls; saved."""

import re

import pytest

from tests.browser.pages import CoursePage, stop, until_live

pytestmark = pytest.mark.browser

NAME = "03_nn4.ipynb"
WORDS = "(root, panel) => root.querySelector(`.nn4-card[data-panel='${panel}'] pre`).textContent"
SAYS = f"(root, [panel, words]) => ({WORDS})(root, panel).includes(words)"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    page = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    page.run("find-the-lab", "layers", "phases", "health", "gradient")
    page.unfold("gradient")
    return page


def words(board, panel):
    """The text of a card of words."""
    return board.root.evaluate(WORDS, panel)


def until_says(board, panel, text):
    """Wait until a card of words holds a text; all of it then."""
    board.until(SAYS, [panel, text])
    return words(board, panel)


def tried(board, name):
    """Press an experiment; what to look for is said."""
    board.button(name).click()
    board.within.locator(".nn4-look").filter(has_text="Look:").wait_for()


def test_a_layer_opens_by_click_and_by_arrow_keys(page):
    board = page.shown("layers").until_state("ready")
    boxes = board.root.locator("button.nn4-box")
    assert boxes.count() == 4 and boxes.nth(0).get_attribute("aria-pressed") == "true"
    assert "7,040 parameters" in board.live("net") and "4,224 parameters" in boxes.nth(0).inner_text()
    boxes.nth(2).click()
    until_live(board, "W", r"^W3 \(32 × 16\)")
    assert board.control("layer").root.locator("select").input_value() == "3"
    page.notebook.page.keyboard.press("ArrowRight")
    until_live(board, "W", r"^W4 \(16 × 10\)")
    assert page.notebook.page.evaluate("document.activeElement.innerText").startswith("Layer 4")
    page.notebook.page.keyboard.press("ArrowRight")  # there is no fifth; and it is no Step
    page.notebook.page.keyboard.press("ArrowLeft")
    until_live(board, "W", r"^W3")
    assert board.round == 0 and "gamma3" in words(board, "table")
    board.control("layer").choose("1")
    until_live(board, "W", r"^W1 \(64 × 64\)")
    board.until("root => root.querySelector('.nn4-box').getAttribute('aria-pressed') === 'true'")


def test_every_control_of_the_layers(page):
    board = page.shown("layers")
    assert not board.control("hidden").root.locator("select").is_enabled()  # a question holds it
    question = board.within.locator(".nn4-question")
    question.locator("input").fill("3904")
    board.within.get_by_role("button", name="Commit").click()
    question.filter(has_text="not seen yet").wait_for()  # the boxes say what another network learns
    board.control("hidden").choose("32, 32, 16")
    board.button("Reset").click()
    question.filter(has_text="seen: 3,904").filter(has_text="off by 0").wait_for()
    board.control("hidden").choose("64, 32, 16")
    board.button("Reset").click()
    until_live(board, "net", "^7,040 parameters")
    keep = board.control("keep").drag(0.4)
    share = float(re.search(r"kept ([\d.]+)%", until_live(board, "mask", f"times {1 / keep:.3g}"))[1]) / 100
    assert abs(share - keep) < 0.06
    board.control("mode").choose("test")
    until_live(board, "mask", "kept 100.0%")
    board.control("mode").choose("training")
    board.control("batchnorm").switch()
    board.until("(root, [panel, words]) => !root.querySelector('pre').textContent.includes(words)", ["table", "gamma1"])
    before = board.live("W")
    board.control("delta").drag(0.6)
    board.play()
    board.until_live_changes("W", before)
    board.pause()
    board.control("hidden").choose("256, 128, 64")
    board.control("classes").choose("even or odd: sigmoid")
    board.control("data").choose("MNIST if here")
    board.within.get_by_text("(needs a reset)").nth(2).wait_for()
    board.control("data").choose("small digits")
    board.button("Reset").click()
    board.until_round(0)
    until_live(board, "net", "57,408 parameters")  # without batchnorm: weights only
    assert "sigmoid" in board.root.locator(".nn4-box").nth(3).inner_text()
    board.control("hidden").choose("64, 32, 16")
    for name in ("even or odd", "test mode", "a layer of NN4"):
        tried(board, name)
    until_live(board, "W", "^W2")
    tried(board, "while it learns")
    board.until_state("running").until_frames(2)
    stop(board)


def test_a_round_in_phases_shows_lines_and_arrays(page):
    board = page.opened("phases")
    board.button("Step").click()
    until_live(board, "where", "phase 1 of 32")
    board.press("s")
    said = until_says(board, "source", "def dropout(")
    assert "dropped1 = y0 · mask1" in said and "lab/layers/dropout.py, line" in said and '"""' not in said
    assert "dropped1" in words(board, "arrays") and re.match(r"mask1|dropped1", board.live("first"))
    first = board.picture("first")
    board.press("ArrowRight")
    board.until_picture_changes("first", first)
    assert board.live("first").startswith("z1 (32 × 64)") and board.live("second") == "-"
    for number in range(4, 33):
        board.button("Step").click()
        board.until_round(number)
    until_live(board, "where", "phase 32 of 32: update")
    seen = board.within.locator(".nn4-question-told")
    seen.filter(has_text="batchnorm, relu, linear, dropout").wait_for()
    seen.filter(has_text="once, when the whole gradient is there").wait_for()
    marked = board.root.locator(".nn4-box[aria-current=true]")
    assert marked.inner_text().startswith("Update") and board.root.locator("button.nn4-box").count() == 0


def test_every_control_and_experiment_of_the_phases(page):
    board = page.opened("phases")
    tried(board, "one round")
    for number in range(1, 32):
        board.button("Step").click()
        board.until_round(number)
    until_live(board, "first", r"^W1 \(64 × 64\)")
    board.control("layer").choose("4")
    until_live(board, "first", r"^W4 \(16 × 10\)")
    board.control("K").press("ArrowRight", 1)
    board.control("keep").press("End")
    board.control("delta").press("ArrowRight", 3)
    for number in (32, 33, 34):
        board.button("Step").click()
        board.until_round(number)
    until_live(board, "where", "round 1, phase 2 of 63")
    until_says(board, "arrays", "mask1")
    board.control("batchnorm").switch()
    board.control("classes").choose("even or odd: sigmoid")
    board.within.get_by_text("(needs a reset)").nth(1).wait_for()
    board.button("Reset").click()
    board.until_round(0)
    for name in ("without batchnorm", "no dropout"):
        tried(board, name)
    tried(board, "two mini-batches")
    board.until_state("running").until_frames(5)
    stop(board)


def test_every_control_and_experiment_of_health(page):
    board = page.opened("health")
    tried(board, "healthy")
    until_live(board, "alarms", r"^0 at round [1-9]\d,")
    assert words(board, "alarms") == "None."
    board.control("delta").drag(0.05)
    board.button("Reset").click()  # a net that has learned may make small steps without an alarm
    board.until_round(0)
    board.play()
    until_says(board, "alarms", "step too small")
    board.control("keep").drag(0.1)
    until_says(board, "alarms", "drift: layer")
    board.control("batchnorm").switch()
    until_live(board, "drift", "no running statistics")
    stop(board)
    board.control("gain").press("ArrowRight", 2)
    board.within.get_by_text("(needs a reset)").first.wait_for()
    tried(board, "ReLUs die")
    until_says(board, "alarms", "dead ReLUs")
    board.until_state("running")
    tried(board, "start too small")
    until_says(board, "alarms", "gradient vanished")
    board.within.locator(".nn4-experiments").get_by_role("button", name="More").click()
    tried(board, "p = 0.3")
    until_says(board, "alarms", "drift")
    tried(board, "step too large")
    board.until_state("error")
    assert "NotFiniteError" in board.says and "smaller delta" in board.says


def test_every_control_and_experiment_of_the_gradient_check(page):
    board = page.opened("gradient")
    tried(board, "right")
    board.until_state("done")
    assert "WRONG" not in words(board, "table") and words(board, "table").count("right") == 10
    worst = float(re.search(r"worst ([\de.-]+)", board.live("error"))[1])
    assert worst < 1e-6
    board.within.locator(".nn4-experiments").get_by_role("button", name="More").click()
    for name, mistake in (
        ("1/p forgotten", "1/p forgotten"), ("ReLU left out", "ReLU left out"), ("sum for mean", "sum for mean"),
        ("another mask", "another mask"),
    ):  # fmt: skip
        tried(board, name)
        until_live(board, "table", mistake)
        board.until_state("done")
        assert "WRONG" in words(board, "table")
    board.control("mistake").choose("none")
    board.control("keep").press("End")
    board.control("batchnorm").switch()
    board.control("entries").press("Home")
    board.within.get_by_text("(needs a reset)").nth(3).wait_for()
    board.button("Reset").click()
    board.until_state("ready")
    board.button("Play").click()  # so short a run may be done before anybody sees it running
    board.until_state("done")
    assert [line.split()[0] for line in words(board, "table").splitlines()[1:]] == ["W1", "W2", "W3", "W4"]
    assert "WRONG" not in words(board, "table") and board.live("both").startswith("16 entries")


def test_words_are_in_the_saved_page_and_the_board_acts_again_when_it_is_opened(page):
    board = page.shown("layers")
    board.root.locator("button.nn4-box").nth(1).click()
    until_live(board, "W", "^W2")
    kept = board.within.locator("[class^=nn4-snapshot] figure")
    kept.filter(has_text="Numbers: layer 2").wait_for(state="attached")
    notebook = page.notebook
    notebook.save()
    notebook.complaints.forgive("widget model not found")
    notebook.close(end_kernel=True)
    notebook.reopen()
    kept = page.cell("layers").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.wait_for()
    assert "How many numbers does NN4 learn?" in kept.inner_text() and kept.locator("img").count() == 7
    assert kept.locator("img").evaluate_all("images => images.every(i => i.naturalWidth > 100)")
    page.run("find-the-lab", "layers")
    board = page.shown("layers")
    assert board.within.get_by_role("button", name="Commit").count() == 0
    board.root.locator("button.nn4-box").nth(3).click()
    until_live(board, "W", "^W4")
    board.button("Step").click()
    board.until_round(1)
