"""A JupyterLab or a Voila of a test's own: the user's settings, kernels and notebooks are neither seen nor touched."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

START = 120  # seconds until a server must answer
QUIET_SETTINGS = {  # no pop-up covers what a test clicks on, and nothing is saved unless a test says so
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class Server:
    """A started server, closed as a context manager.

    Attributes:
        url, folder: where it answers, and the folder of its notebooks.
        token: what opens it.
        settled: whether it is JupyterLab (a page with an application) or Voila.
    """

    def __init__(self, command, folder, own, root, python=sys.executable, **environment):
        self.folder, self.token, self._log = Path(folder), secrets.token_hex(16), Path(own) / "server.log"
        self._runtime = Path(own) / "runtime"
        self._runtime.mkdir(parents=True)
        env = _environment(Path(own), root, python) | environment
        env["JUPYTER_TOKEN"] = self.token
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [python, "-m", *command], cwd=self.folder, env=env, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def log(self):
        """What the server wrote so far."""
        return self._log.read_text(errors="replace")

    def wait(self, seconds, what, ask):
        """The first true answer of `ask()`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended before {what}:\n{self.log}")
            answer = ask()
            if answer:
                return answer
            time.sleep(0.05)
        raise TimeoutError(f"{what}: not within {seconds} s\n{self.log}")

    def stop(self):
        """End the server, and with it its kernels."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class JupyterLab(Server):
    """A real JupyterLab on 127.0.0.1, on a free port, with a token of its own."""

    def __init__(self, folder, own, root, python=sys.executable, **environment):
        command = [
            "jupyter",
            "lab",
            "--no-browser",
            "--ip=127.0.0.1",
            "--port=0",
            "--LabApp.expose_app_in_browser=True",
        ]
        command += ["--ServerApp.root_dir=" + str(folder)]
        command += ["--allow-root"] if os.geteuid() == 0 else []
        for name, values in QUIET_SETTINGS.items():
            path = Path(own) / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
        super().__init__(command, folder, own, root, python, **environment)
        self.url = self.wait(START, "JupyterLab listens", self._address)
        self.wait(START, "JupyterLab answers", lambda: self._rest("GET", "api/status"))

    def _address(self):
        """Written by the server once it knows its port (named jpserver-<pid>.json)."""
        for path in self._runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text(encoding="utf-8"))["url"].rstrip("/")
            except ValueError:  # half written
                return None
        return None

    def _rest(self, method, path):
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}/{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.loads(answer.read() or "{}") or True
        except OSError:
            return None

    def lab_address(self, name):
        """The page of one notebook, in a fresh workspace."""
        return f"{self.url}/lab/tree/{name}?reset&token={self.token}"

    def end_sessions(self):
        """Shut down every kernel."""
        sessions = self._rest("GET", "api/sessions")
        for session in sessions if isinstance(sessions, list) else ():
            self._rest("DELETE", f"api/sessions/{session['id']}")


class Voila(Server):
    """A Voila that serves the notebooks of a folder as pages."""

    def __init__(self, folder, own, root, python=sys.executable, **environment):
        self.port = _free_port()
        command = ["voila", str(folder), "--no-browser", f"--port={self.port}", "--Voila.ip=127.0.0.1"]
        command += ["--show_tracebacks=True"]
        super().__init__(command, folder, own, root, python, **environment)
        self.url = f"http://127.0.0.1:{self.port}"
        self.wait(START, "Voila answers", self._answers)

    def _answers(self):
        try:
            with urllib.request.urlopen(self.url, timeout=20):
                return True
        except OSError:
            return False

    def page_address(self, name):
        return f"{self.url}/voila/render/{name}"


def _environment(own, root, python):
    """Of a server: folders of its own, and this project importable in its kernels."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_", "LAB_DATA"))}
    for name in ("config", "data", "runtime"):
        env[f"JUPYTER_{name.upper()}_DIR"] = str(own / name)
    return env | {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
        "PYTHONPATH": str(root),
        "PATH": os.pathsep.join((str(Path(python).parent), env.get("PATH", ""))),
        # A kernel reaches nothing outside: with real MNIST not at hand, every machine sees the embedded digits.
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
    }


def _free_port():
    """A port nobody listens on: Voila does not say which one it took."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
