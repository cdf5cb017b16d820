"""The pictures of README's gallery, taken anew: python -m tests.benchmarks.gallery [--page 01_dropout] [--folder F].

One board of every page, light and dark as on a projector, and narrow as on a phone held upright. They are WebP: a
quarter of a PNG's size.
"""

import argparse
import base64
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.desk import ROOT, desk
from tests.browser.pages import CoursePage, tried, unasked

LIGHT, DARK, NARROW = "light", "dark", "narrow"
SIZES = {LIGHT: (1280, 1000), DARK: (1280, 1000), NARROW: (560, 1000)}
QUALITY = 82
SETTLED = 900  # ms, for the eye: the layout follows the size and the theme


@dataclass(frozen=True)
class Shown:
    """What is shown of a page: a board by its cell's name, an experiment pressed, and so many frames or steps of it."""

    cell: str
    experiment: str | None = None
    frames: int = 0
    steps: int = 0


PAGES = {
    "01_dropout": Shown("means", "the bell", frames=40),
    "02_batchnorm": Shown("batches", "it learns", frames=60),
    "03_nn4": Shown("phases", "one round", steps=19),
    "05_mnist_nn4": Shown("dashboard", frames=120),
    "07_speed": Shown("ladder", "layer 1 of NN4", frames=400),
    "10_dropout_least_squares": Shown("descent", "1,024 masks a step", frames=60),
    "11_initialization": Shown("layers", "He: √(2/d)", frames=60),
    "12_softmax": Shown("stability", "overflow", frames=60),
    "13_cost": Shown("calculator", "VGG19", frames=5000),
}


def main():
    """Open each page, play its board, take its three pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", action="append", choices=list(PAGES), help="its name; all if none is named")
    parser.add_argument("--folder", type=Path, default=ROOT / "notebooks" / "pictures")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with desk() as open_notebook:
        for page in asked.page or PAGES:
            notebook = open_notebook(f"{page}.ipynb", *SIZES[LIGHT])
            board = _played(notebook, page, PAGES[page])
            for kind, size in SIZES.items():
                place = asked.folder / f"{page}_{kind}.webp"
                place.write_bytes(_picture(notebook, board, kind, size))
                print(f"{place} {place.stat().st_size / 1024:.0f} kB", flush=True)
            notebook.page.context.close()


def _played(notebook, page, shown):
    """The board, its questions passed over, where it shows most."""
    course = CoursePage(notebook, ROOT / "notebooks" / f"{page}.ipynb")
    first = ["find-the-lab"] + (["data"] if "data" in course.places else [])
    course.run(*first, shown.cell)
    board = unasked(course.shown(shown.cell))
    if shown.experiment:
        tried(board, shown.experiment, state="ready" if shown.steps else "running")
    if shown.frames:
        board.play()
        board.page.wait_for_function(
            "([root, frames]) => nn4.frames >= frames || root.querySelector('.nn4-status').dataset.state === 'done'",
            arg=[board.root.element_handle(), board.frames + shown.frames],
            timeout=300_000,
        )
        if board.state == "running":
            board.pause()
    for _ in range(shown.steps):
        before = board.says
        board.button("Step").click()
        board.until("(root, before) => root.querySelector('.nn4-status').innerText !== before", before)
    return board


def _picture(notebook, board, kind, size):
    """The dashboard as WebP, in one theme and size; JupyterLab's own bars stay out of it."""
    page = notebook.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    notebook.side_bar(False)
    notebook.theme(kind == DARK)
    dashboard = board.root.locator("xpath=ancestor::*[contains(@class, 'nn4-dashboard')]").first
    dashboard.evaluate("e => e.scrollIntoView()")
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLED)
    box = dashboard.bounding_box()
    clip = {"x": box["x"] - 2, "y": box["y"] - 2, "width": box["width"] + 4, "scale": 1}
    clip["height"] = min(box["height"] + 4, size[1] - box["y"] - 40)  # the rest lies below the window
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    main()
