"""Boards without a page: what they send is caught, and what is open is closed."""

import math

import numpy as np
import pytest

from tests.widgets.counting import CountingDashboard
from widgets import nn4_run
from widgets.board.board import Board
from widgets.dashboard import Dashboard
from widgets.grammar import answers
from widgets.nn4.mnist import MnistDashboard

TYPES = {"f4": np.float32, "u1": np.uint8, "i4": np.int32}


def decoded(dtype, shape, buffer):
    """What a page makes of a buffer."""
    if dtype == "b1":
        return np.unpackbits(np.frombuffer(buffer, np.uint8), count=math.prod(shape), bitorder="little").reshape(shape)
    return np.frombuffer(buffer, TYPES[dtype]).reshape(shape)


class Page:
    """What a page would have heard and can say.

    Attributes:
        heard: every message, in order, with its buffers decoded: `arrays[(chart, trace, key)]`.
    """

    def __init__(self, dashboard, heard):
        self.dashboard, self._all = dashboard, heard

    @property
    def heard(self):
        return [message for board, message in self._all if board is self.dashboard.board]

    @property
    def frames(self):
        return [message for message in self.heard if "n" in message]

    def tell(self, **message):
        """Send a message; what the kernel answered."""
        before = len(self.heard)
        self.dashboard.board._asked(None, message, [])
        return self.heard[before:]

    def ask(self, steps=0, **more):
        """Ask for the next frame."""
        (frame,) = self.tell(**{"ask": self.dashboard.board.n + 1, "q": "a", "steps": steps, "ms": 40} | more)
        return frame


@pytest.fixture
def heard(monkeypatch):
    """Every message of every board: (board, message)."""
    said = []

    def send(board, content, buffers=None):
        arrays = {}
        for (chart, trace, key, dtype, shape), buffer in zip(content.get("a", ()), buffers or (), strict=False):
            arrays[chart, trace, key] = decoded(dtype, shape, buffer)
        said.append((board, content | {"arrays": arrays, "buffers": [bytes(b) for b in buffers or ()]}))

    monkeypatch.setattr(Board, "send", send)
    return said


@pytest.fixture
def open_page(heard):
    """`open_page(key="b", by=3)`: a page with the counting dashboard."""
    yield lambda **fields: Page(CountingDashboard(**fields), heard)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def make(heard):
    """Boards without questions; they are closed at the end."""
    yield lambda kind, **fields: kind(**{"ask": False} | fields)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


@pytest.fixture
def board():
    """The first dashboard on the small digits; its run has done two rounds."""
    board = MnistDashboard(key="0", data="digits")
    board.run(2)
    yield board
    board.close()


@pytest.fixture
def no_mnist(monkeypatch):
    """MNIST is not here: neither in a folder, nor kept in memory by a board of an earlier test."""
    monkeypatch.delenv("LAB_DATA", raising=False)
    nn4_run._loaded.cache_clear()


@pytest.fixture(autouse=True)
def nothing_is_left_open():
    """What a test opened is closed, and what it answered is forgotten."""
    yield
    answers.forget()
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()
