"""The live board on a real page, measured: python -m tests.benchmarks.board [--data mnist] [--json FILE].

A JupyterLab of its own, Chromium without a window, the real dashboard. How a slider's latency is taken stands in
`tests.benchmarks.moves`. Shares of the bare speed are medians of interleaved pairs: the same run iterated in a cell,
then played on the board.
"""

import argparse

from tests.benchmarks.desk import desk, write_json
from tests.benchmarks.moves import PAUSED, PLAYING, Moved, row
from tests.browser.boards import IMPORT

# From a cell's start until the first chart is on the screen, in ms.
FIRST_CHART = """async index => {
  const app = window.jupyterapp || window.jupyterlab, panel = app.shell.currentWidget;
  panel.content.activeCellIndex = index;
  const cell = panel.content.widgets[index].node, start = performance.now();
  app.commands.execute('notebook:run-cell');
  await new Promise(resolve => {
    const look = () => {
      const ink = cell.querySelector('.nn4-plot .mlayer path, .nn4-plot .mlayer image');
      ink ? setTimeout(resolve) : requestAnimationFrame(look);
    };
    look();
  });
  return performance.now() - start;
}"""
BARE = """
import time
d = {dashboard}
run = d.start(d.values, d.seed)
run = getattr(run, 'run', run)
[next(run) for _ in range(200)]
step, start = run.step, time.perf_counter()
while time.perf_counter() - start < {seconds}:
    next(run)
print((run.step - step) / (time.perf_counter() - start))
run.close()
"""


def main():
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist", help="mnist needs LAB_DATA, or a network")
    parser.add_argument("--starts", type=int, default=5, help="fresh kernels and pages for the time to the first chart")
    parser.add_argument("--moves", type=int, default=100, help="moves of a slider, paused and playing")
    parser.add_argument("--pairs", type=int, default=7, help="pairs of (bare, board) at each speed")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each half of a pair")
    parser.add_argument("--workers", type=int, help="P; the dashboard's own if none is given")
    parser.add_argument("--json")
    asked = parser.parse_args()
    workers = f", P={asked.workers}" if asked.workers else ""
    cell = f"d = MnistDashboard(data={asked.data!r}{workers})\nd"
    rows = []
    with desk() as open_notebook:
        rows += first_charts(open_notebook, f"{IMPORT}\n{cell}", asked)
        notebook = open_notebook([IMPORT, cell])
        notebook.run(0, 1)
        board = notebook.board(1).until_drawn()
        rows += latencies(board, asked.moves)
        rows += speeds(notebook, board, asked)
        complaints = notebook.complaints
    for each in rows:
        print(f"{each['what']:58} {each['found']:>22}   goal {each['goal']}")
    write_json(asked.json, board=rows, data=asked.data, workers=asked.workers, complaints=list(complaints))


def first_charts(open_notebook, cell, asked):
    """Time and bytes until the first chart, in a fresh kernel and a fresh page; then a second board beside it."""
    times, second_times, first, second = [], [], [], []
    for _ in range(asked.starts):
        notebook = open_notebook(
            [cell, cell.replace("(", "(key='second', ", 1).replace("d =", "e =").replace("\nd", "\ne")]
        )
        counted = Bytes(notebook.page)
        times.append(notebook.page.evaluate(FIRST_CHART, 0))
        first.append(counted.take())
        second_times.append(notebook.page.evaluate(FIRST_CHART, 1))
        second.append(counted.take())
        notebook.close()
        notebook.page.context.close()
    return [
        row("cell started -> first chart, warm caches (s)", [t / 1e3 for t in times], "< 3", ".2f"),
        row("bytes from the kernel until the first chart (MB)", [b / 1e6 for _, b in first], "<= 1.7", ".2f"),
        row("  and with all files that the front end loads (MB)", [b / 1e6 for b, _ in first], "-", ".2f"),
        row("bytes from the kernel for a second board (kB)", [b / 1e3 for _, b in second], "<= 40", ".1f"),
        row("cell started -> second board (s)", [t / 1e3 for t in second_times], "-", ".2f"),
    ]


class Bytes:
    """What a page receives: messages of the kernel, and files of the server (the front end's own parts included)."""

    def __init__(self, page):
        self.kernel = self.files = 0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", lambda event: self._received(event["response"]))
        session.on("Network.loadingFinished", lambda event: self._loaded(event["encodedDataLength"]))

    def take(self):
        """(all bytes, those from the kernel) since the last time."""
        taken, self.kernel, self.files = (self.kernel + self.files, self.kernel), 0, 0
        return taken

    def _received(self, frame):
        binary = frame["opcode"] == 2  # given in base64
        self.kernel += len(frame["payloadData"]) * 3 / 4 if binary else len(frame["payloadData"].encode())

    def _loaded(self, size):
        self.files += size


def latencies(board, moves):
    """Slider moved -> chart repainted, paused and playing."""
    board.play().until_frames(20)
    board.pause()
    keep = Moved(board, "keep", "mask", "p = ([0-9.]+)", step=0.01, turns=30)
    found = keep.rows("paused", moves, PAUSED)
    board.play()
    found += keep.rows("playing", moves, PLAYING)
    board.pause()
    return found


def speeds(notebook, board, asked, dashboard="d"):
    """Frames a second, and the share of the bare speed that is kept, at the board's own speed and at the fastest.

    dashboard: what the kernel knows the board by.
    """
    found, frames = [], []
    for speed, goal in ((board.speed_now, ">= 0.6"), (board.speeds[-1], ">= 0.85")):
        board.speed(speed)
        shares = []
        for _ in range(asked.pairs):
            bare = float(notebook.ask(BARE.format(seconds=asked.seconds, dashboard=dashboard)).splitlines()[-1])
            board.play().until_frames(5)
            rounds, drawn = notebook.page.evaluate(PLAYED, asked.seconds * 1e3)
            board.pause()
            shares.append(rounds / bare)
            if goal == ">= 0.6":
                frames.append(drawn)
        found.append(row(f"share of the bare speed kept, {speed}", shares, goal, ".2f"))
    return [row("frames a second while training", frames, ">= 15", ".1f"), *found]


# Rounds and drawn frames a second while the board plays for so many ms.
PLAYED = """async ms => {
  seen.drawn.length = 0;
  await new Promise(resolve => setTimeout(resolve, ms));
  const [first, last] = [seen.drawn.at(0), seen.drawn.at(-1)], seconds = (last.at - first.at) / 1e3;
  return [(last.k - first.k) / seconds, (seen.drawn.length - 1) / seconds];
}"""


if __name__ == "__main__":
    main()
