"""The Jupyter server's extension: what a kernel says goes out at once, in the server's own way otherwise."""

import asyncio
import inspect
import json
import os
import socket
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from widgets import server


@pytest.fixture
def unset(monkeypatch):
    """The server's environment, as it was before."""
    monkeypatch.setenv(server.PROMPT, "")
    monkeypatch.delenv(server.PROMPT)


def app(**settings):
    return SimpleNamespace(web_app=SimpleNamespace(settings=settings))


class Connection:
    """As much of Jupyter's way from a kernel to a page as is needed: what it was told goes out."""

    def __init__(self, handler):
        self.websocket_handler = handler

    def connect(self):
        return "connected"

    def handle_outgoing_message(self, stream, message):
        self.websocket_handler.write_message(message)
        return stream


def test_a_real_connection_keeps_nothing_back_and_is_the_usual_one_otherwise(unset):
    """Asked of the socket itself, and after the answer to the page's request is out, when Tornado resets it."""
    assert not server.is_prompt()
    started = app(kernel_websocket_connection_class=Connection)
    server._load_jupyter_server_extension(started)
    made = started.web_app.settings["kernel_websocket_connection_class"]
    assert issubclass(made, Connection) and made.__name__ == "Connection" and server.is_prompt()
    seen = {}

    class Handler(WebSocketHandler):
        def open(self):
            self.connection = made(self)
            seen["connected"] = self.connection.connect()

        def on_message(self, message):
            seen["stream"] = self.connection.handle_outgoing_message("iopub", message.upper())
            seen["prompt"] = self.ws_connection.stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0

        def on_close(self):
            assert self.ws_connection is None
            self.write_message = lambda message: None
            seen["closed"] = self.connection.handle_outgoing_message("iopub", "too late")

    async def talk():
        served = Application([("/", Handler)]).listen(0, "127.0.0.1")
        (port,) = (listening.getsockname()[1] for listening in served._sockets.values())
        page = await websocket_connect(f"ws://127.0.0.1:{port}/")
        answers = []
        for word in ("one", "two"):
            await page.write_message(word)
            answers.append(await page.read_message())
        page.close()
        for _ in range(200):
            if "closed" not in seen:
                await asyncio.sleep(0.01)
        served.stop()
        return answers

    assert asyncio.run(talk()) == ["ONE", "TWO"]
    assert seen == {"connected": "connected", "stream": "iopub", "prompt": True, "closed": "iopub"}


@pytest.mark.parametrize("settings", [{}, {"kernel_websocket_connection_class": None}])
def test_a_server_that_has_no_such_class_is_left_alone(unset, settings):
    started = app(**settings)
    server._load_jupyter_server_extension(started)
    assert started.web_app.settings == settings and not server.is_prompt()


def test_jupyters_own_class_sends_so():
    assert "self.handle_outgoing_message" in inspect.getsource(ZMQChannelsWebsocketConnection.connect)


def test_a_wheel_brings_the_file_by_which_a_server_finds_it(wheel, root):
    (name,) = (each for each in zipfile.ZipFile(wheel).namelist() if each.endswith("nn4_lab.json") and ".data/" in each)
    assert name.endswith(".data/data/etc/jupyter/jupyter_server_config.d/nn4_lab.json")
    with zipfile.ZipFile(wheel) as opened:
        (extension,) = json.loads(opened.read(name))["ServerApp"]["jpserver_extensions"]
    points = subprocess.run(
        [sys.executable, "-c", f"import {extension} as e; print(e._jupyter_server_extension_points())"],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert points.stdout.strip() == str([{"module": extension}])


def test_it_costs_a_server_next_to_nothing(root):
    """No NumPy, no numba, no widgets: a server starts as fast as before."""
    loads = "import sys, widgets.server; print(sorted({'numpy', 'numba', 'ipywidgets', 'lab'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", loads], cwd=root, env=os.environ, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
