"""The heaviest page of the course on a real page, measured: python -m tests.benchmarks.page [--json FILE].

All boards of 02_batchnorm. Told are, from fresh kernels and fresh pages: the time from the page's address until the
first chart, with all cells run as soon as that can be; from the start of the first board's cell, on a kernel that
runs; and from that chart until a moved slider has redrawn it. Then, with all boards open beside each other: how long a
moved slider takes until it is painted, paused and playing, frames a second, and the share of the bare speed that the
board keeps which trains most. Clock and method are those of `tests.benchmarks.board` and `moves`.
"""

import argparse
import os

from tests.benchmarks.board import FIRST_CHART, Bytes, speeds
from tests.benchmarks.desk import ROOT, desk, write_json
from tests.benchmarks.moves import PAUSED, PLAYING, Moved, row
from tests.benchmarks.opening import from_the_address
from tests.browser.pages import CoursePage, reset

NAME = "02_batchnorm.ipynb"
OPEN, FOLDED = ("batches", "race", "shift"), ("terms", "drift", "scale", "shards")
BOARD, SLIDER, PANEL = "batches", "gamma", "after"
GAMMA = {"pattern": "deviation ([0-9.]+)", "step": 0.1, "turns": 20, "says": abs}  # what batchnorm makes of gamma
# The board that trains most: two networks at once, on MNIST; with digits the run would end within a measurement.
TRAINS, STEADY = "race", "usual steps: δ = 0.1"
DASHBOARD = "next(shown for shown in Out.values() if type(shown).__name__ == 'BatchnormRace')"
FRAMES = """async ms => {
  seen.drawn.length = 0;
  await new Promise(resolve => setTimeout(resolve, ms));
  return (seen.drawn.length - 1) / ((seen.drawn.at(-1).at - seen.drawn.at(0).at) / 1e3);
}"""


def main():
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=5, help="fresh kernels and pages for the first chart")
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=5, help="pairs of (bare, board) at each speed")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each half of a pair")
    parser.add_argument("--json")
    asked = parser.parse_args()
    with desk() as open_notebook:
        rows = from_the_address(open_notebook, NAME, BOARD, asked.starts)
        rows += first_moves(open_notebook, asked.starts)
        page = course_page(open_notebook)
        rows += first_charts(page)
        board = page.opened(BOARD)
        rows += latencies(page, board, asked.moves)
        rows += training(page, asked)
        complaints = list(page.notebook.complaints)
    for each in rows:
        print(f"{each['what']:58} {each['found']:>22}   goal {each['goal']}")
    write_json(asked.json, page=rows, complaints=complaints)


def course_page(open_notebook):
    """The page with its kernel, which has found the lab."""
    page = CoursePage(open_notebook(NAME), ROOT / "notebooks" / NAME)
    page.run("find-the-lab")
    return page


def first_moves(open_notebook, starts):
    """Seconds from the first chart to the first redraw by a slider, on fresh kernels."""
    first, moved = [], []
    for _ in range(starts):
        page = course_page(open_notebook)
        browser = page.notebook.page
        first.append(browser.evaluate(FIRST_CHART, page.places[BOARD]) / 1e3)
        there = browser.evaluate("() => performance.now()")
        at, _ = Moved(page.notebook.board(page.places[BOARD]), SLIDER, PANEL, **GAMMA).press()
        moved.append((at - there) / 1e3)
        page.notebook.close()
        browser.context.close()
    return [
        row("cell started on a running kernel -> first chart (s)", first, "< 3", ".2f"),
        row("first chart -> redrawn by the first moved slider (s)", moved, "< 1", ".2f"),
    ]


def training(page, asked):
    """The share of the bare speed that the board keeps which trains most, with all the others open."""
    if not os.environ.get("LAB_DATA"):
        print(f"{TRAINS} was left out: it trains on MNIST, and LAB_DATA names no folder.")
        return []
    board = page.opened(TRAINS)
    board.button(STEADY).click()
    board.until_state("running")
    board.pause()
    board.control("data").choose("MNIST")
    reset(board)
    board.speed("normal")
    found = speeds(page.notebook, board, asked, DASHBOARD)
    return [each | {"what": f"{TRAINS}: {each['what']}"} for each in found]


def first_charts(page):
    """Time and bytes from the start of each board's cell to its first chart; those under More are opened after that."""
    counted, times, sizes = Bytes(page.notebook.page), {}, {}
    for name in OPEN:
        times[name] = page.notebook.page.evaluate(FIRST_CHART, page.places[name]) / 1e3
        sizes[name] = counted.take()[1] / 1e3
    page.run(*FOLDED)
    for name in FOLDED:
        page.unfold(name)
        page.shown(name)
    first, *others = OPEN
    return [
        row("cell started -> first chart of the next boards (s)", [times[name] for name in others], "-", ".2f"),
        row("bytes from the kernel until the first chart (MB)", [sizes[first] / 1e3], "<= 1.7", ".2f"),
        row("bytes from the kernel for the next boards (kB)", [sizes[name] for name in others], "<= 40", ".1f"),
    ]


def latencies(page, board, moves):
    """A slider of one board, with all the others open."""
    board.speed("normal")  # the page itself begins slowly
    gamma = Moved(board, SLIDER, PANEL, **GAMMA)
    found = gamma.rows("paused", moves, PAUSED)
    board.play().until_frames(20)
    found += gamma.rows("playing", moves, PLAYING)
    frames = [page.notebook.page.evaluate(FRAMES, 3000) for _ in range(5)]
    board.pause()
    return [*found, row("frames a second while it plays", frames, ">= 15", ".1f")]


if __name__ == "__main__":
    main()
