"""What the measuring scripts share: a JupyterLab with a browser before it, and tables on paper and as JSON."""

import json
import os
import shutil
import statistics
import tempfile
from contextlib import contextmanager
from pathlib import Path

from lab.bench.machine import machine, versions
from tests.browser.chromium import HOW, QUIET, find_chromium
from tests.browser.jupyter import Notebook, write_notebook
from tests.browser.server import JupyterLab

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def desk():
    """Yields `open_notebook(cells_or_name, width, height)`; the server and the browser end with the block."""
    from playwright.sync_api import sync_playwright

    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(HOW)
    with tempfile.TemporaryDirectory(prefix="lab-desk-") as own, sync_playwright() as playwright:
        folder = Path(own) / "notebooks"
        folder.mkdir()
        for notebook in (ROOT / "notebooks").glob("*.ipynb"):
            shutil.copy2(notebook, folder)
        data = {"LAB_DATA": str(Path(os.environ["LAB_DATA"]).resolve())} if os.environ.get("LAB_DATA") else {}
        with JupyterLab(folder, Path(own) / "own", ROOT, **data) as server:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
            numbers = iter(range(10_000))

            def open_notebook(cells, width=1280, height=720):
                name = cells if isinstance(cells, str) else f"desk-{next(numbers)}.ipynb"
                if not isinstance(cells, str):
                    write_notebook(folder / name, *cells)
                page = browser.new_context(viewport={"width": width, "height": height}).new_page()
                return Notebook(page, server, name)

            yield open_notebook
            browser.close()


def median(values):
    return statistics.median(values) if values else float("nan")


def percentile(values, share):
    """The value below which a share of all lies (the nearest one)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def resident_megabytes(pid):
    """Memory of a process that is really in use (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def heap(session):
    """The page's JavaScript heap in MB, its DOM nodes and its listeners, after a garbage collection."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"] / 2**20, int(metrics["Nodes"]), int(metrics["JSEventListeners"])


def write_json(path, **found):
    """Results beside the machine they were found on."""
    if path:
        Path(path).write_text(
            json.dumps({"machine": machine(), "versions": versions(), **found}, indent=1) + "\n", encoding="utf-8"
        )
