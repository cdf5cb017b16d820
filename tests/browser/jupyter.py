"""One notebook in a real JupyterLab page: run cells, interrupt, restart, save, close, reopen.

What a user does with the mouse and the keyboard is done so; the rest goes by the application's own commands
(`window.jupyterapp`), which are the same in JupyterLab 3.6 and 4.
"""

import nbformat

from tests.browser.boards import PATIENCE, Board

# What JupyterLab itself says on a healthy page; everything else fails the test.
NOT_OURS = (
    "Download the React DevTools",
    "The value of the attribute",
    "WebSocket connection to",  # closed by us, with the page or the kernel
    "Starting WebSocket",
    "Connection lost, reconnecting in",
    "cdn.jsdelivr.net",  # an icon font that Voila fetches where there is a network
    # a front end older or newer than an extension was built for, as Voila and JupyterLab 3.6 are
    "of shared singleton module",
    "of shared module",
    "Language pack",
    *("Access to font at", "net::ERR_FAILED (about:blank)"),  # MathJax, of JupyterLab 3.6
    "jupyter.widget.control",
)
PANEL = "const panel = (window.jupyterapp || window.jupyterlab)?.shell.currentWidget;"
KERNEL = PANEL + "const kernel = panel.sessionContext.session.kernel;"

# Whether a cell's output has a widget or more: a progress bar is one, too, but a board comes with its controls.
SHOWN = f"""index => {{ {PANEL}
  const outputs = panel.content.widgets[index].model.outputs?.toJSON() ?? [];
  return outputs.some(output => output.data?.['application/vnd.jupyter.widget-view+json'])
    && panel.content.widgets[index].model.sharedModel.getSource().includes('Dashboard(');
}}"""


def write_notebook(path, *cells, first=None):
    """A notebook of code cells; `first`: the source of the cell that finds the lab."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in (*([first] if first else []), *cells)]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path.name


class Complaints(list):
    """What a page says on its console, but for what JupyterLab says of itself."""

    def __init__(self, page):
        super().__init__()
        self._forgiven = list(NOT_OURS)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.append(f"uncaught: {error.stack or error}"))

    def _said(self, message):
        said = f"{message.type}: {message.text} ({message.location.get('url', '')})"
        if message.type in ("error", "warning") and not any(part in said for part in self._forgiven):
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
        page.goto(server.lab_address(name))
        self._ready()

    def _ready(self):
        """Wait until the notebook is shown and its kernel idle."""
        self.page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        ready = "panel && panel.context && panel.context.isReady && panel.sessionContext.isReady"
        self.page.wait_for_function(
            f"() => {{ {PANEL} return {ready} && panel.sessionContext.session?.kernel?.status === 'idle'; }}"
        )

    # -- cells -----------------------------------------------------------------------------------------------

    def cell(self, index):
        """The locator of a cell."""
        return (
            self.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) [data-windowed-list-index='{index}']")
            .or_(self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-cell").nth(index))
            .first
        )

    def board(self, index, which=0):
        """The board below a cell."""
        return Board(self.page, self.cell(index), which)

    def start(self, index):
        """Begin to run a cell, and do not wait for it."""
        self.page.evaluate(
            f"""index => {{ {PANEL}
                panel.content.activeCellIndex = index;
                (window.jupyterapp || window.jupyterlab).commands.execute('notebook:run-cell'); }}""",
            index,
        )

    def run(self, *indices):
        """Run cells, one after the other, and wait until they are done."""
        for index in indices:
            self.page.evaluate(
                f"""async index => {{ {PANEL}
                    panel.content.activeCellIndex = index;
                    await (window.jupyterapp || window.jupyterlab).commands.execute('notebook:run-cell'); }}""",
                index,
            )

    def run_all(self):
        """Run every cell."""
        self.run(*range(self.page.evaluate(f"() => {{ {PANEL} return panel.content.widgets.length; }}")))

    def run_until_board(self):
        """Run cells from the top until one has shown a board; its index."""
        for index in range(self.page.evaluate(f"() => {{ {PANEL} return panel.content.widgets.length; }}")):
            self.run(index)
            if self.page.evaluate(SHOWN, index):
                return index
        raise AssertionError(f"{self.name} shows no board")

    def scroll_to(self, index):
        """Bring a cell into view, as a windowed notebook needs it."""
        self.page.evaluate(f"index => {{ {PANEL} panel.content.scrollToItem?.(index); }}", index)
        self.cell(index).scroll_into_view_if_needed()

    def write(self, index, source):
        """Put source into a cell."""
        self.page.evaluate(
            f"""([index, source]) => {{ {PANEL}
                const model = panel.content.widgets[index].model;
                if (model.sharedModel?.setSource) model.sharedModel.setSource(source); else model.value.text = source;
            }}""",
            [index, source],
        )

    def text(self, index):
        """What a cell printed."""
        return self.page.evaluate(
            f"""index => {{ {PANEL}
                const outputs = panel.content.widgets[index].model.outputs.toJSON();
                const words = output => output.text ?? output.data?.['text/plain'] ?? output.traceback ?? [];
                return outputs.map(words).flat().join('');
            }}""",
            index,
        )

    # -- the kernel ------------------------------------------------------------------------------------------

    def ask(self, code):
        """What code prints in the kernel, asked beside the notebook's cells."""
        return self.page.evaluate(
            f"""async code => {{ {KERNEL}
                let said = '';
                const future = kernel.requestExecute({{code, store_history: false}});
                future.onIOPub = ({{content}}) => {{ said += content.text ?? content.traceback?.join('\\n') ?? ''; }};
                await future.done;
                return said;
            }}""",
            code,
        ).strip()

    def interrupt(self):
        self.page.evaluate(f"async () => {{ {KERNEL} await kernel.interrupt(); }}")

    def restart(self):
        """Restart the kernel, as the menu does once one has said yes."""
        self.page.evaluate(f"async () => {{ {KERNEL} await kernel.restart(); }}")
        self._ready()

    def kernel_process(self):
        """The kernel's process id."""
        return int(self.ask("import os; print(os.getpid())"))

    # -- the file --------------------------------------------------------------------------------------------

    def save(self):
        self.page.evaluate(f"async () => {{ {PANEL} await panel.context.save(); }}")

    def close(self, end_kernel=True):
        """Close the notebook's tab, and end its kernel."""
        self.page.evaluate(
            f"""async end => {{ {PANEL}
                if (end) await panel.sessionContext.shutdown();
                panel.dispose(); }}""",
            end_kernel,
        )

    def reopen(self):
        """Open the notebook again, in a page loaded anew."""
        self.page.goto(self.server.lab_address(self.name))
        self._ready()

    # -- the page --------------------------------------------------------------------------------------------

    def theme(self, dark):
        """Switch JupyterLab's theme."""
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate(
            "theme => (window.jupyterapp || window.jupyterlab).commands.execute('apputils:change-theme', {theme})", name
        )
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{'false' if dark else 'true'}'")

    def side_bar(self, shown):
        """Show JupyterLab's file browser, or hide it as one does in a narrow window."""
        how = "expandLeft()" if shown else "collapseLeft()"
        self.page.evaluate(f"() => (window.jupyterapp || window.jupyterlab).shell.{how}")
