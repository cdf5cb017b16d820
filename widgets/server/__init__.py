"""For the Jupyter server that serves the pages: it sends at once what a kernel says.

TCP keeps a small part back until the one before was acknowledged (Nagle's algorithm), which the other side does after
40 ms, or sooner together with something that it has to say itself. A moved slider is answered by three small parts, and
the one that matters is the second. Jupyter's server leaves it so; what is installed beside it loads this extension (the
folder etc/jupyter/jupyter_server_config.d), and a kernel hears of it by its environment. Where another server stands
between, as on Colab, the page helps itself (`touched` in board.js).
"""

import os
from typing import Any

PROMPT = "LAB_SERVER_IS_PROMPT"  # set for kernels that this server starts
_CLASS = "kernel_websocket_connection_class"


def is_prompt() -> bool:
    """Whether the server that started this kernel sends at once."""
    return PROMPT in os.environ


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "widgets.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    usual = app.web_app.settings.get(_CLASS)
    if usual is None or not hasattr(usual, "handle_outgoing_message"):  # an older server, or one of another kind
        return

    def handle_outgoing_message(connection: Any, *message: Any) -> Any:
        # With every message, a microsecond each: after a connection was opened, Tornado takes it back once.
        if connection.websocket_handler.ws_connection is not None:
            connection.websocket_handler.set_nodelay(True)
        return usual.handle_outgoing_message(connection, *message)

    prompt = {"handle_outgoing_message": handle_outgoing_message}
    app.web_app.settings[_CLASS] = type(usual.__name__, (usual,), prompt)
    os.environ[PROMPT] = "1"
