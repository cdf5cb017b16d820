"""Play for a long time and look at the memory: python -m tests.benchmarks.soak MINUTES [--data mnist] [--json FILE].

After the first minute (imports, kernels, charts, the bounded history filling up) nothing may grow any more.
"""

import argparse
import time

from tests.benchmarks.desk import desk, heap, resident_megabytes, write_json
from tests.browser.boards import IMPORT

COUNT = "import gc, ipywidgets; gc.collect(); print(sum(isinstance(o, ipywidgets.Widget) for o in gc.get_objects()))"

COLUMNS = {"minute": "7.1f", "kernel": "10.1f", "page": "8.1f", "nodes": "7d", "listeners": "9d", "widgets": "7d"}
COLUMNS |= {"frames": "8d", "live": ""}
LINE = "  ".join(f"{{{name}:{form}}}" for name, form in COLUMNS.items())
HEAD = f"{'minute':>7}  {'kernel MB':>10}  {'page MB':>8}  {'nodes':>7}  listeners  widgets  {'frames':>8}  live"


def main():
    """Play, look once a minute, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("minutes", type=float, nargs="?", default=10.0)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--speed", default=None, help="the label of a speed; the board's own if none is named")
    parser.add_argument("--json")
    asked = parser.parse_args()
    with desk() as open_notebook:
        looks = _soak(open_notebook([IMPORT, f"d = MnistDashboard(data={asked.data!r})\nd"]), asked)
    write_json(asked.json, soak={"minutes": asked.minutes, "data": asked.data, "looks": looks})


def _soak(notebook, asked):
    """One look a minute: what is used, and what was done until then."""
    notebook.run(0, 1)
    board, pid = notebook.board(1).until_drawn(), notebook.kernel_process()
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    if asked.speed:
        board.speed(asked.speed)
    print(HEAD)
    looks, start = [], time.monotonic()
    while True:
        minute = (time.monotonic() - start) / 60
        looks.append(_look(notebook, board, session, pid, minute))
        print(LINE.format_map(looks[-1]), flush=True)
        if minute >= asked.minutes:
            _forget_images(notebook, session)
            looks.append(_look(notebook, board, session, pid, minute))
            print(LINE.format_map(looks[-1]) + "   (the browser's store of images emptied)")
            return looks
        if board.state != "running":
            if board.state == "done":  # a run has an end; a soak has not
                board.button("Reset").click()
                board.until_state("ready")
            board.play()
        notebook.page.wait_for_timeout(min(60.0, (asked.minutes - minute) * 60 + 0.1) * 1000)


def _forget_images(notebook, session):
    """A browser keeps images that it drew, with all their nodes: the pictures of a run, one set every half minute."""
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Memory.simulatePressureNotification", {"level": "critical"})
    notebook.page.wait_for_timeout(2000)


def _look(notebook, board, session, pid, minute):
    kernel = resident_megabytes(pid)
    page, nodes, listeners = heap(session)
    widgets, frames, live = int(notebook.ask(COUNT)), board.frames, board.live(board.panels[0])
    return {
        "minute": minute, "kernel": kernel, "page": page, "nodes": nodes, "listeners": listeners,
        "widgets": widgets, "frames": frames, "live": live, "complaints": list(notebook.complaints),
    }  # fmt: skip


if __name__ == "__main__":
    main()
