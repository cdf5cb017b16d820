"""Generated IDX files and a small web server: loaders are tested without the real data and without a network."""

import gzip
import hashlib
import os
import socket
import threading
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from lab.data import mnist
from lab.data.idx_set import IdxSet

REAL = os.environ.get("LAB_DATA")
CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
TRAIN_X, TRAIN_Y = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def pack_idx(array):
    """An array as the bytes of an IDX file, written independently of the reader."""
    header = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim])
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@dataclass
class Made:
    """A made-up data set of four IDX files: its description, its arrays, and its unpacked bytes by name."""

    wanted: IdxSet
    arrays: dict
    contents: dict

    def write(self, folder, suffix=".gz", dotted=False):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents.items():
            stem = name.replace("-idx", ".idx") if dotted else name
            (folder / f"{stem}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
        return folder


def make_set(seed=0, train=40, test=12, train_labels=None, highest=9, shape=(28, 28), mirrors=()):
    """Random pictures and labels; sums that fit them, so that only what a test breaks is wrong."""
    rng = np.random.default_rng(seed)
    labels = train if train_labels is None else train_labels
    arrays = {
        TRAIN_X: rng.integers(0, 256, (train, *shape), np.uint8),
        TRAIN_Y: (np.arange(labels) % (highest + 1)).astype(np.uint8),
        "t10k-images-idx3-ubyte": rng.integers(0, 256, (test, *shape), np.uint8),
        "t10k-labels-idx1-ubyte": (np.arange(test) % 10).astype(np.uint8),
    }
    contents = {name: pack_idx(array) for name, array in arrays.items()}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return Made(IdxSet("mnist", "MNIST", sums, tuple(mirrors)), arrays, contents)


class Server:
    """Serves a folder on 127.0.0.1 and remembers what it was asked for."""

    def __init__(self, folder):
        self.asked = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *args):
                asked.append(f"{self.command} {self.path}")

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch, tmp_path):
    """No test sees the user's LAB_DATA, fills the user's cache, or takes a proxy to 127.0.0.1."""
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "mnist"


@pytest.fixture
def serve():
    """Start servers: serve(folder) -> Server."""
    servers = []

    def start(folder):
        servers.append(Server(folder))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def closed_port():
    """The address of a mirror at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="session")
def idx_bytes():
    return pack_idx


@pytest.fixture
def made():
    return make_set()


@pytest.fixture
def make():
    return make_set


@pytest.fixture
def made_up_mnist(monkeypatch, made, closed_port):
    """`lab.data.load` means the made-up files, and a mirror at which nobody listens."""
    monkeypatch.setattr(mnist, "MNIST", replace(made.wanted, mirrors=(closed_port,)))


@pytest.fixture
def mirrored(monkeypatch):
    """`mirrored(url, ...)`: the mirrors that are asked, in this order."""

    def use(*mirrors):
        monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, mirrors=mirrors))

    return use


@pytest.fixture
def real_mnist():
    """The user's folder with the real MNIST; where there is none, the skip is seen."""
    if not REAL or not (Path(REAL) / "mnist").is_dir():
        pytest.skip("needs MNIST: set LAB_DATA")
    return Path(REAL)
