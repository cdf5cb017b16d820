"""The page on speed as a learner has it: predict, let it measure, press every control of every board.

No time is asserted.
"""

import re

import pytest

from lab.bench.rungs import BLAS, names
from tests.browser.pages import SEEN, CoursePage, reset, tried

pytestmark = pytest.mark.browser

NAME = "07_speed.ipynb"


@pytest.fixture(scope="module")
def page(workplace, root):
    """The page with its boards shown; what is under More is opened."""
    page = CoursePage(workplace(NAME), root / "notebooks" / NAME)
    page.run("find-the-lab", "ladder", "roofline", "fusing", "threads")
    page.unfold("threads")
    return page


def measured(board):
    """Play a short measurement to its end."""
    board.control("seconds").press("Home")
    reset(board)
    board.play()
    board.until_state("done")


def needs_reset(board, field, label, words):
    """A choice that acts after Reset says so."""
    board.control(field).choose(label)
    board.within.get_by_text(f"{words} (needs a reset)").wait_for()


def lengths(board, panel, trace=0):
    return [float(value) for value in board.traces(panel)[trace]["x"]]


def pressed(board, *experiments):
    """Press experiments: what to look for is said, and it begins to measure."""
    for name in experiments:
        tried(board, name)


def test_the_ladder_waits_for_predictions_and_measures_every_rung(page):
    assert page.shown("ladder").button("Play").is_disabled()
    board = page.opened("ladder")
    needs_reset(board, "shape", "64 × 64 × 64", "a (m × k) times b (k × n)")
    needs_reset(board, "dtype", "float64", "numbers")
    measured(board)
    rates = lengths(board, "rate")
    assert len(rates) == len((*names(), BLAS)) and min(rates) > 0
    peak = lengths(board, "rate", trace=2)
    assert peak[0] == peak[1] >= max(rates)
    assert max(lengths(board, "share")) <= 100
    assert re.search(r"\d cores?, ", board.live("rate")) and re.search("quiet|restless|noisy", board.live("noise"))
    told = board.within.locator(SEEN)
    assert all("not seen yet" in each for each in told.all_inner_texts())  # they ask about another product
    board.control("shape").choose("256 × 784 × 512")
    board.control("dtype").choose("float32")
    measured(board)
    assert all("· seen: " in each for each in told.all_inner_texts())


def test_every_experiment_of_the_ladder(page):
    pressed(page.opened("ladder"), "layer 1 of NN4", "b of 16 MB", "float64", "64 × 64 × 64")


def test_every_control_of_the_roofline(page):
    board = page.opened("roofline")
    needs_reset(board, "size", "tiny", "net")
    needs_reset(board, "batch", "64", "batch B")
    measured(board)
    assert min(lengths(board, "time")) > 0 and "products" in board.live("time") and "GFLOP/s" in board.live("share")
    points = [trace for trace in board.traces("roof") if not trace["name"].startswith("roof")]
    assert len(points) == 7
    before = board.live("time")
    board.control("layer").choose("layer 4")  # acts at once, though the run is at its end
    board.until_live_changes("time", before)


def test_every_experiment_of_the_roofline(page):
    pressed(page.opened("roofline"), "B = 256", "B = 64", "wide, B = 1024", "tiny")


def test_every_control_of_fusing(page):
    board = page.opened("fusing")
    needs_reset(board, "shape", "64 × 784 → 512", "layer N × d_in → d_out")
    board.control("keep").press("ArrowLeft", 4)
    measured(board)
    assert re.search(r"fusing (saves|costs) \d+%", board.live("moved"))
    assert min(lengths(board, "time")) > 0
    board.control("product").switch()
    board.until("""(root, panel) => {
      const chart = root.querySelector(`.nn4-card[data-panel="${panel}"] .js-plotly-plot`);
      return Array.from(chart.data[0].x).every(value => value === 0);
    }""", "time")  # fmt: skip


def test_every_experiment_of_fusing(page):
    pressed(page.opened("fusing"), "layer 1 of NN4", "without the product", "4 MB arrays", "no masks")


def test_every_control_of_the_threads_and_more_workers_than_cores_is_said(page):
    board = page.opened("threads")
    needs_reset(board, "size", "tiny", "net")
    needs_reset(board, "K", "2", "mini-batches K")
    needs_reset(board, "batch", "64", "batch B")
    board.control("most").press("End")
    board.within.get_by_text(re.compile("more than the .* cores? here|cores? here")).first.wait_for()
    measured(board)
    assert re.search("more workers than the|idle", board.live("speedup"))
    assert "can be split" in board.live("time")
    ideal = board.traces("speedup")[-1]
    assert ideal["x"] == ideal["y"] and len(ideal["x"]) == 16


def test_every_experiment_of_the_threads(page):
    pressed(page.opened("threads"), "K = 4", "small steps", "one mini-batch", "more than cores")
