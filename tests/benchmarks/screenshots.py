"""Pictures of every notebook's dashboards: python -m tests.benchmarks.screenshots FOLDER [--frames 40].

Light and dark at 1280x720 and 1920x1080, and 900 pixels wide: to be looked at by a person.
"""

import argparse
from pathlib import Path

from tests.benchmarks.desk import ROOT, desk
from tests.browser.pages import unasked

# There were so many frames, or the run ended before.
PLAYED = "(root, frames) => nn4.frames >= frames || root.querySelector('.nn4-status').dataset.state !== 'running'"
SIZES = {"1280x720": (1280, 720), "900": (900, 900), "1920x1080": (1920, 1080)}


def main():
    """Run every notebook that shows a board, play a little, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=40, help="frames to play before the picture")
    parser.add_argument("--notebook", action="append", help="its file's name; all if none is named")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with desk() as open_notebook:
        for name in asked.notebook or sorted(path.name for path in ROOT.glob("notebooks/*.ipynb")):
            notebook = open_notebook(name, 1920, 1080)
            notebook.run_all()
            for number in range(notebook.page.locator(".nn4-board").count()):
                _pictures(notebook, number, asked)
            notebook.page.context.close()


def _pictures(notebook, number, asked):
    """All pictures of one board."""
    page, root = notebook.page, notebook.page.locator(".nn4-board").nth(number)
    index = root.evaluate("e => [...document.querySelectorAll('.jp-Notebook .jp-Cell')].indexOf(e.closest('.jp-Cell'))")
    board = unasked(notebook.board(index).until_drawn())
    board.play()
    board.until(PLAYED, board.frames + asked.frames)
    if board.state == "running":
        board.pause()
    notebook.side_bar(False)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for dark in (False, True):
            notebook.theme(dark)
            root.evaluate("e => e.closest('.jp-Cell').querySelector('.jp-Cell-outputWrapper').scrollIntoView()")
            page.wait_for_timeout(700)  # the layout settles: this is for the eye, no test depends on it
            stem = f"{Path(notebook.name).stem}-{number}-{size}-{'dark' if dark else 'light'}"
            page.screenshot(path=asked.folder / f"{stem}.png")
            print(asked.folder / f"{stem}.png")


if __name__ == "__main__":
    main()
