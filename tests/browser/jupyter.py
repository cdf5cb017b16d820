"""One notebook in a real JupyterLab page: run cells, interrupt, restart, save, close, reopen.

What a user does to a board is done with the mouse and the keyboard; the rest goes by the application's own commands
(`window.jupyterapp`), which are the same in JupyterLab 3.6 and 4.
"""

import nbformat

from tests.browser.boards import PATIENCE, Board

# What a front end says of itself on a healthy page; everything else fails the test.
NOT_OURS = (
    *("WebSocket connection to", "Connection lost, reconnecting"),  # closed by a test, with its page or its kernel
    "cdn.jsdelivr.net",  # an icon font that Voila fetches where there is a network
    # older or newer than an extension was built for, as Voila and JupyterLab 3.6 are
    *("of shared singleton module", "of shared module", "Language pack", "jupyter.widget.control"),
    "[anywidget] Failed to initialize model",  # within 2 s; the board hears the kernel all the same
    *("Access to font at", "net::ERR_FAILED (about:blank)", "components/MathJax/fonts"),  # MathJax, of JupyterLab 3.6
)
# A promise that is never kept would hang a test without a word: every call has an end.
CALL = """argument => {
  const app = window.jupyterapp, panel = app?.shell.currentWidget, kernel = panel?.sessionContext?.session?.kernel;
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error('no answer from JupyterLab')), %d));
  return Promise.race([(async () => { %s })(), late]);
}"""
READY = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.context?.isReady && panel.sessionContext.isReady
    && panel.sessionContext.session?.kernel?.status === 'idle';
}"""
HERE = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def write_notebook(path, *cells):
    """A notebook of code cells; its name."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path.name


class Complaints(list):
    """What a page says on its console, but for what a front end says of itself."""

    def __init__(self, page):
        super().__init__()
        self._forgiven = list(NOT_OURS)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._hear(f"uncaught: {error.stack or error}"))

    def _said(self, message):
        if message.type in ("error", "warning"):
            self._hear(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _hear(self, said):
        if not any(part in said for part in self._forgiven):
            self.append(said)

    def forgive(self, *parts):
        """From now on a test brings such complaints about on purpose."""
        self._forgiven += parts


class Notebook:
    """A notebook in a page.

    Args:
        page: of Playwright. server: a `JupyterLab`. name: the file, in the server's folder.
    """

    def __init__(self, page, server, name):
        self.page, self.server, self.name = page, server, name
        page.set_default_timeout(PATIENCE)
        self.complaints = Complaints(page)
        self.reopen()

    def _call(self, script, argument=None):
        """What a script returns that knows `app`, `panel`, `kernel` and `argument`."""
        return self.page.evaluate(CALL % (PATIENCE, script), argument)

    # -- cells -----------------------------------------------------------------------------------------------

    def cell(self, index):
        """The locator of a cell, in notebooks that take cells out of the page and in those that do not."""
        windowed = self.page.locator(f"{HERE} [data-windowed-list-index='{index}']")
        return windowed.or_(self.page.locator(f"{HERE} .jp-Notebook-cell").nth(index)).first

    def board(self, index, which=0):
        """The board below a cell."""
        return Board(self.page, self.cell(index), which)

    def start(self, index):
        """Begin to run a cell, and do not wait for it."""
        self._call("panel.content.activeCellIndex = argument; app.commands.execute('notebook:run-cell');", index)

    def run(self, *indices):
        """Run cells, one after the other, and wait until they are done."""
        for index in indices:
            self._call(
                "panel.content.activeCellIndex = argument; await app.commands.execute('notebook:run-cell')", index
            )

    def run_all(self):
        """Run every cell."""
        self.run(*range(self._call("return panel.content.widgets.length")))

    def run_until_board(self):
        """Run cells from the top until one has shown a dashboard; its index."""
        source = "return (({sharedModel, value}) => sharedModel?.getSource?.() ?? value.text)"
        for index in range(self._call("return panel.content.widgets.length")):
            self.run(index)
            if "Dashboard(" in self._call(f"{source}(panel.content.widgets[argument].model)", index):
                return index
        raise AssertionError(f"{self.name} shows no dashboard")

    def write(self, index, source):
        """Put source into a cell."""
        where = "const model = panel.content.widgets[argument[0]].model;"
        how = "if (model.sharedModel?.setSource) model.sharedModel.setSource(argument[1]);"
        self._call(f"{where} {how} else model.value.text = argument[1];", [index, source])

    # -- the kernel ------------------------------------------------------------------------------------------

    def ask(self, code):
        """What code prints in the kernel, asked beside the notebook's cells."""
        return self._call(
            """let said = '';
            const future = kernel.requestExecute({code: argument, store_history: false});
            future.onIOPub = ({content}) => { said += content.text ?? content.traceback?.join('\\n') ?? ''; };
            await future.done;
            return said.trim();""",
            code,
        )

    def interrupt(self):
        self._call("await kernel.interrupt()")

    def restart(self):
        """Restart the kernel, as the menu does once one has said yes."""
        self._call("await kernel.restart()")
        self.page.wait_for_function(READY)

    def kernel_process(self):
        """The kernel's process id."""
        return int(self.ask("import os; print(os.getpid())"))

    # -- the file --------------------------------------------------------------------------------------------

    def save(self):
        self._call("await panel.context.save()")

    def close(self, end_kernel=True):
        """Close the notebook's tab, and end its kernel."""
        self._call("if (argument) await panel.sessionContext.shutdown(); panel.dispose();", end_kernel)

    def reopen(self):
        """Open the notebook, in a page loaded anew; wait until it is shown and its kernel idle."""
        self.page.goto(self.server.lab_address(self.name))
        self.page.wait_for_selector(f"{HERE} .jp-Cell")
        self.page.wait_for_function(READY)

    # -- the page --------------------------------------------------------------------------------------------

    def theme(self, dark):
        """Switch JupyterLab's theme."""
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self._call("await app.commands.execute('apputils:change-theme', {theme: argument})", name)
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{'false' if dark else 'true'}'")

    def side_bar(self, shown):
        """Show JupyterLab's file browser, or hide it as one does in a narrow window."""
        self._call(f"app.shell.{'expandLeft' if shown else 'collapseLeft'}()")
