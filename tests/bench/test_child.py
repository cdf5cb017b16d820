"""A process that is spoken to, and that is gone afterwards, whatever happens."""

import time

import pytest

from lab.bench.child import Child, ChildError
from tests.bench.processes import gone


@pytest.fixture
def talker(tmp_path, monkeypatch):
    """`talker(body)`: a module whose `main` is the body, as a child of the bench."""

    def start(body):
        (tmp_path / "talker.py").write_text("from lab.bench.child import answer, messages\n" + body, "utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return Child("talker", {"n": 1})

    return start


def test_a_child_is_spoken_to_and_ends_with_its_input(talker):
    body = "print('a library says hello')\nfor m in messages(): answer({'n': m['n'] + 1})"
    with talker(body) as child:
        assert child.hear() == {"n": 2}
        child.tell({"n": 5})
        assert child.hear() == {"n": 6}
    assert gone(child.process) and child.process.returncode == 0


def test_a_child_that_fails_is_quoted(talker):
    with talker("raise SystemError('no core left')") as child, pytest.raises(ChildError, match="no core left"):
        child.hear()
    assert gone(child.process)


def test_a_child_that_does_not_listen_is_ended_all_the_same(talker, monkeypatch):
    monkeypatch.setattr("lab.bench.child.GRACE", 0.2)
    body = "import time\nfor m in messages():\n    answer(m)\n    time.sleep(600)"
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), talker(body) as child:
        child.hear()
        with pytest.raises(ChildError, match=r"not answered for 0\.1 seconds"):
            child.hear(timeout=0.1)
        raise KeyboardInterrupt
    assert gone(child.process) and time.monotonic() - start < 60
