"""The Jupyter server's extension: what a kernel says goes out at once, in the server's own way otherwise."""

import json
import os
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from widgets import server


@pytest.fixture
def unset(monkeypatch):
    """The server's environment, as it was before."""
    monkeypatch.setenv(server.PROMPT, "")
    monkeypatch.delenv(server.PROMPT)


def app(**settings):
    return SimpleNamespace(web_app=SimpleNamespace(settings=settings))


class Connection:
    """A way from a kernel to a page that tells what it was asked for."""

    def __init__(self, handler):
        self.websocket_handler = handler

    def connect(self):
        self.websocket_handler.asked.append("connect")
        return "connected"


def test_a_connection_keeps_nothing_back_and_is_the_usual_one_otherwise(unset):
    asked = []
    handler = SimpleNamespace(asked=asked, set_nodelay=lambda on: asked.append(on))
    started = app(kernel_websocket_connection_class=Connection)
    assert not server.is_prompt()
    server._load_jupyter_server_extension(started)
    made = started.web_app.settings["kernel_websocket_connection_class"]
    assert issubclass(made, Connection) and made.__name__ == "Connection"
    assert made(handler).connect() == "connected" and asked == [True, "connect"]
    assert server.is_prompt()


@pytest.mark.parametrize("settings", [{}, {"kernel_websocket_connection_class": None}])
def test_a_server_that_has_no_such_class_is_left_alone(unset, settings):
    started = app(**settings)
    server._load_jupyter_server_extension(started)
    assert started.web_app.settings == settings and not server.is_prompt()


def test_jupyters_own_class_is_asked_for_a_connection_so():
    assert hasattr(ZMQChannelsWebsocketConnection, "connect")


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
