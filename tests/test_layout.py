"""What no file of the lab may say, whoever writes it."""

import ast

import pytest


def parallel_parts(source):
    """Lines of a source that ask numba for threads of its own: `parallel=...` but False, and `prange`."""
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _asks_for_threads(node)})


def _asks_for_threads(node):
    match node:
        case ast.Name(id="prange") | ast.Attribute(attr="prange") | ast.alias(name="prange"):
            return True
        case ast.keyword(arg="parallel", value=value):
            return not (isinstance(value, ast.Constant) and value.value is False)
        case ast.Dict(keys=keys):  # options that are passed on with **
            return any(isinstance(key, ast.Constant) and key.value == "parallel" for key in keys)
    return False


def test_no_kernel_starts_threads_of_its_own(root):
    """Two threads of Python that meet in numba's own end the process; shards run on the lab's workers instead."""
    sources = sorted((root / "lab").rglob("*.py"))
    assert len(sources) > 100
    found = {
        str(path.relative_to(root)): lines
        for path in sources
        if (lines := parallel_parts(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("@njit(parallel=True)\ndef f(): ...", [1]),
        ("g = numba.njit(nogil=True, parallel=flag)(f)", [1]),
        ("options = {'parallel': True}\nnjit(**options)", [1]),
        ("import numba\nfor i in numba.prange(3): ...", [2]),
        ("from numba import prange as r", [1]),
        ("@njit(parallel=False)\ndef f():\n    return parallel  # prange, parallel=True", []),
    ],
)
def test_the_guard_sees_what_it_looks_for(source, lines):
    assert parallel_parts(source) == lines
