"""The page on cost as a learner has it: predict first, then press every control of every board; save, come back."""

import csv
import io

import pytest

from tests.browser.pages import SEEN, CoursePage, numbers, tried, until_live

pytestmark = pytest.mark.browser

NAME = "13_cost.ipynb"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    page = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    page.run("find-the-lab", "calculator", "inception", "counted", "table", "windows")
    page.unfold("windows")
    return page


def test_play_waits_for_predictions_and_what_is_seen_stands_beside_them(page):
    board = page.shown("calculator").until_state("ready")
    assert board.button("Play").is_disabled() and "Predict first" in board.says
    asked = board.within
    asked.get_by_role("radio", name="the convolutions").check()
    asked.get_by_role("button", name="Commit").first.click()
    asked.get_by_role("radio", name="on its way forward").check()
    asked.get_by_role("button", name="Commit").first.click()
    board.until("root => !root.querySelector('.nn4-play').disabled")
    assert board.speed_now == "slow"  # every layer is to be read
    board.button("Step").click()
    board.until_round(1)
    asked.locator(SEEN).first.filter(has_text="the linear layers (otherwise)").wait_for()
    assert "conv1, forward" in board.live("memory")
    board.speed("normal")
    board.button("Play").click()
    asked.locator(SEEN).nth(1).filter(has_text="on its way back, while most is still kept (otherwise)").wait_for()
    board.until_state("done")


def test_every_control_of_the_calculator(page):
    board = page.opened("calculator")
    board.control("network").choose("ResNet-44")
    until_live(board, "layers", "^658,586 parameters")
    assert "residual {" in board.control("own").root.locator("textarea").input_value()
    for shown, said in (
        ("activations", "851,018 activations"),
        ("multiplications forward", "97,174,144 multiplications forward"),
        ("multiplications of training", "291,080,064 multiplications of training"),
    ):
        board.control("shown").choose(shown)
        until_live(board, "layers", said)
    before = board.picture("layers")
    board.control("log").switch()
    board.until_picture_changes("layers", before)
    for field, choose in (("batch", "64"), ("dtype", "float16"), ("optimizer", "Adam"), ("side", "64 x 64")):
        parts = board.live("parts")
        board.control(field).choose(choose)
        board.until_live_changes("parts", parts)
    assert board.live("parts").startswith("Adam")
    board.control("side").choose("as it is")


def test_a_network_is_typed_and_what_cannot_be_built_is_refused_by_its_layer(page):
    board = page.opened("calculator")
    box = board.control("own").root.locator("textarea")
    box.fill("input 8x8x4\nconv 6 3x3 groups 4")
    box.blur()
    wrong = board.root.locator(".nn4-wrong")
    wrong.filter(has_text="conv1 (conv 6 3x3 groups 4): 4 groups do not divide").wait_for()
    box.fill("input 8x8x4\nconv 8 3x3 groups 4\nflatten\nlinear 3")
    box.blur()
    until_live(board, "table", f"^{8 * 9 + 8 + 288 * 3 + 3} parameters")
    board.until("root => !root.querySelector('.nn4-wrong').textContent")
    assert board.control("network").root.locator("select").input_value() == "own, as typed"
    board.control("network").choose("AlexNet, two towers")
    until_live(board, "table", "60,965,224 parameters")
    board.control("side").choose("32 x 32")
    wrong.filter(has_text="pool2").wait_for()
    board.control("side").choose("as it is")
    board.until("root => !root.querySelector('.nn4-wrong').textContent")


def test_the_calculators_experiments_and_its_csv(page):
    board = page.opened("calculator")
    board.speed("slow")  # else a step is over before it is seen to run
    board.button("More").click()
    for name, state in (
        ("AlexNet", "running"), ("VGG19", "running"), ("NN4", "ready"), ("a larger picture", "ready"),
        ("ResNet-152 with Adam", "ready"),
    ):  # fmt: skip
        tried(board, name, state)
    until_live(board, "table", "^58,164,298 parameters")
    board.button("Export").click()
    with board.page.expect_download() as download:
        board.button("History as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    exact = {row["x"]: int(row["value"]) for row in rows if row["chart"] == "table" and row["trace"] == "parameters"}
    assert sum(exact.values()) == 58_164_298 and exact["fc1"] == 20_490
    assert {"layers", "memory", "parts", "table"} == {row["chart"] for row in rows}


def test_every_control_and_experiment_of_inception(page):
    board = page.opened("inception")
    until_live(board, "paths", r"1,115,684,864 / 354,418,688 = 3\.148")
    tried(board, "256: nothing reduced", "running")
    board.speed("fast")
    board.button("Play").click()
    board.until_state("done")
    board.within.locator(SEEN).first.filter(has_text="seen: 3.148 times").wait_for()
    board.within.locator(SEEN).nth(1).filter(has_text="seen: more").wait_for()
    width = board.control("reduce").drag(0.1)
    until_live(board, "widths", f"^at {width:.0f}: ")
    paths = board.live("paths")
    board.control("projection").drag(0.9)
    board.until_live_changes("paths", paths)
    board.control("module").choose("naive")
    until_live(board, "table", "naive: 32x32x256 becomes 32x32x672")
    for name in ("64, as in the course", "8 channels", "the naive module"):
        tried(board, name, "ready")


def test_every_control_and_experiment_of_paper_and_program(page):
    board = page.opened("counted")
    board.button("More").click()
    for name in ("four layers", "inference", "NN4, as it is read", "NN4 with all", "the product too many"):
        tried(board, name)
    board.button("four layers").click()
    board.speed("normal")
    board.until_state("done")
    board.within.locator(SEEN).first.filter(has_text="seen: n K² fewer").wait_for()
    board.within.locator(SEEN).nth(1).filter(has_text="seen: 2 arrays").wait_for()
    counted, exact = (board.traces("bytes")[i]["y"] for i in (0, 1))
    assert all(a == b for a, b in zip(counted, exact, strict=True) if a is not None)
    for field, fraction in (("L", 0.9), ("K", 0.3), ("n", 0.3)):
        before = board.picture("bytes")
        board.control(field).drag(fraction)
        board.until_picture_changes("bytes", before)
    board.control("mode").choose("inference")
    until_live(board, "sums", "^1.00 times")
    board.control("mode").choose("training")
    operations = board.live("operations")
    board.control("first").switch()
    board.until_live_changes("operations", operations)
    board.control("program").choose("NN4, the reference")
    until_live(board, "operations", "of 29$")  # batchnorm and dropout, as an experiment left them
    times = board.live("sums")
    board.control("keep").drag(1.0)
    assert numbers(board.until_live_changes("sums", times))[0] < numbers(times)[0]  # no bits, no masks
    board.control("batchnorm").switch()
    until_live(board, "operations", "of 23$")


def test_every_control_and_experiment_of_the_windows(page):
    board = page.opened("windows")
    for name in ("three 3x3, or a 7x7", "two 3x3, or a 5x5", "eight 3x3", "three 5x5"):
        if name == "eight 3x3" and board.button("More").count():
            board.button("More").click()
        board.button(name).click()
        board.until_state("running", "done")
    board.until_state("done")
    until_live(board, "field", "= 13$")
    board.within.locator(SEEN).first.filter(has_text="seen: 13 pixels").wait_for()
    for field, key in (("n", "ArrowRight"), ("size", "ArrowLeft"), ("channels", "ArrowRight")):
        board.control(field).press(key)
        board.within.get_by_text("(needs a reset)").first.wait_for()
    board.button("Reset").click()
    until_live(board, "field", r"4 \(4 - 1\) \+ 1 = 13$")
    board.speed("fast")
    board.button("Play").click()
    board.until_state("done")
    until_live(board, "ways", "^layers 4: 13 x 13 pixels")


def test_the_table_is_filled_in_checked_and_kept(page):
    table = page.cell("table")
    table.get_by_text("0 of 30 cells are right.").wait_for()
    box = table.get_by_role("textbox", name="CONV3-128 (conv3), parameters")
    box.scroll_into_view_if_needed()
    box.fill("3*3*64")
    box.press("Enter")
    table.get_by_text("the number of its outputs is missing").wait_for()
    box.fill("3*3*64*128")
    box.press("Enter")
    table.get_by_text("1 of 30 cells are right.").first.wait_for()
    other = table.get_by_role("textbox", name="POOL2 (pool3), activations")
    other.fill("200K")
    other.blur()
    table.get_by_text("right, rounded").wait_for()


def test_what_was_said_and_typed_is_kept_when_the_page_is_saved_closed_and_opened(page):
    board = page.shown("calculator")
    kept = board.within.locator("[class^=nn4-snapshot]")
    kept.filter(has_text="you predicted: the convolutions").wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    kept = page.cell("table").locator("[class^=nn4-snapshot]")
    kept.evaluate("e => e.scrollIntoView()")
    kept.filter(has_text="2 of 30 cells are right.").wait_for()
    page.run("find-the-lab", "calculator", "table")
    board = page.shown("calculator")
    assert "you predicted: the convolutions" in board.within.locator(SEEN).first.inner_text()
    board.button("Step").click()
    board.until_round(1)
    page.cell("table").get_by_text("2 of 30 cells are right.").first.wait_for()
    box = page.cell("table").get_by_role("textbox", name="CONV3-128 (conv3), parameters")
    assert box.input_value() == "3*3*64*128"
