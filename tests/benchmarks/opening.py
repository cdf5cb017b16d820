"""A page of the course, opened: how long until there is something to see, for one who runs all cells at once."""

from tests.benchmarks.desk import ROOT
from tests.benchmarks.moves import row
from tests.browser.boards import PATIENCE
from tests.browser.pages import CoursePage

# Run all cells as soon as the notebook and its kernel are there; when that was, and when there was a first chart: in
# ms from the beginning of the page, whose clock begins with it.
RUN_ALL = """async ([first, patience]) => {
  const until = async look => {
    for (let seen; performance.now() < patience; await new Promise(resolve => setTimeout(resolve, 5))) {
      if ((seen = look())) return seen;
    }
    throw new Error('no chart came');
  };
  const panel = await until(() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext?.isReady && panel.sessionContext.session?.kernel && panel;
  });
  const begun = performance.now();
  window.jupyterapp.commands.execute('notebook:run-all-cells');
  const cell = panel.content.widgets[first].node;
  await until(() => {
    cell.scrollIntoView();  // JupyterLab goes to the last cell that was run, and lays out no other
    return cell.querySelector('.nn4-plot .mlayer path, .nn4-plot .mlayer image');
  });
  await new Promise(resolve => setTimeout(resolve));
  return [begun, performance.now()];
}"""


def from_the_address(open_notebook, name, cell, starts):
    """Seconds from a page's address to the first chart below a cell, by name: a front end, a new kernel, every cell."""
    begun, drawn = [], []
    notebook = open_notebook(name)  # for its browser and its server; each page that is timed is a new one
    place = CoursePage(notebook, ROOT / "notebooks" / name).places[cell]
    for _ in range(starts):
        notebook.server.end_sessions()  # the page starts a kernel
        page = notebook.page.context.browser.new_context(viewport=notebook.page.viewport_size).new_page()
        page.goto(notebook.server.lab_address(name), wait_until="commit")
        times = page.evaluate(RUN_ALL, [place, 3 * PATIENCE])
        for found, time in zip((begun, drawn), times, strict=True):
            found.append(time / 1e3)
        page.context.close()
    notebook.server.end_sessions()
    notebook.page.context.close()
    waited = [last - first for first, last in zip(begun, drawn, strict=True)]
    return [
        row("page's address -> first chart, all cells run (s)", drawn, "-", ".2f"),
        row("  of it: the front end, and a new kernel (s)", begun, "-", ".2f"),
        row("  of it: the cells (s)", waited, "-", ".2f"),
    ]
