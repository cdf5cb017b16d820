"""The source lines behind an operation of NN4, found in the functions that run: what is shown is what is computed."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lab
from lab import layers, losses
from lab.models import nn4_reference
from lab.optim.sgd import sgd
from lab.optim.sync_sgd import update_running
from lab.workers.round import Round
from lab.workers.tree import TreeSum

_FOLDER = Path(lab.__file__).parent.parent
_LOSSES = (
    (losses.softmax_cross_entropy, losses.softmax_cross_entropy_grad),
    (losses.binary_cross_entropy, losses.binary_cross_entropy_grad),
)


@dataclass(frozen=True)
class Source:
    """Some lines of a file of the lab: where (file and line), and text, without indents."""

    file: str
    line: int
    text: str


@cache
def source_of(stage: str, operation: str, one_output: bool = False) -> tuple[Source, ...]:
    """The lines of the pass that ran, and below them the function that they call, without its text and its checks.

    Args:
        stage, operation: of a `PhaseDone`. one_output: whether the network has a sigmoid and no softmax.
    """
    if stage in ("forward", "backward") and operation != "rows":
        phases = nn4_reference.forward_phases if stage == "forward" else nn4_reference.backward_phases
        function = {"output": "sigmoid" if one_output else "softmax"}.get(operation, operation)
        called = getattr(layers, function if stage == "forward" else f"{function}_grad")
        return lines_before_yield(phases, operation), body_of(called)
    if stage == "loss":
        return body_of(nn4_reference.loss_and_grad), *map(body_of, _LOSSES[one_output])
    whole: dict[str, Callable[..., Any]] = {
        "rows": Round.shard, "mean": TreeSum.push, "step": sgd, "running": update_running,
    }  # fmt: skip
    return (body_of(whole[operation]),)


def body_of(function: Callable[..., Any]) -> Source:
    """A function's head and statements, without its docstring and without checks that only raise."""
    lines, start = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    for i, statement in reversed(list(enumerate(tree.body))):
        refuses = isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise)
        if refuses or (i == 0 and ast.get_docstring(tree) is not None):
            del lines[statement.lineno - 1 : statement.end_lineno]
    return Source(_file(function), start, textwrap.dedent("".join(lines)).strip())


def lines_before_yield(function: Callable[..., Any], name: str) -> Source:
    """The statements that run before a generator yields (name, ...), from the last yield on.

    Raises:
        LookupError: it yields no such name.
    """
    lines, start = inspect.getsourcelines(function)
    found = _block(ast.parse(textwrap.dedent("".join(lines))).body[0], name)
    if found is None:
        raise LookupError(f"{function.__name__} yields no {name!r}.")
    first, last = found
    return Source(_file(function), start + first - 1, textwrap.dedent("".join(lines[first - 1 : last])).strip("\n"))


def _block(node: Any, name: str) -> tuple[int, int] | None:
    """First and last line of the statements before `yield name, ...`, in this body or in one inside it."""
    first, last = 0, 0
    for statement in node.body:
        if _yielded(statement) == name:
            return (first, last) if first else None
        if _yielded(statement):
            first = last = 0
            continue
        if hasattr(statement, "body"):
            if inside := _block(statement, name):
                # An `if` around a yield is shown with it: it says when the operation runs at all.
                return (first or statement.lineno, inside[1]) if isinstance(statement, ast.If) else inside
            if any(isinstance(each, ast.Yield) for each in ast.walk(statement)):
                first = last = 0
                continue
        first, last = first or statement.lineno, statement.end_lineno or statement.lineno
    return None


def _yielded(statement: ast.stmt) -> str | None:
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Yield) and isinstance(value.value, ast.Tuple):
        head = value.value.elts[0]
        return str(head.value) if isinstance(head, ast.Constant) else None
    return None


def _file(function: Callable[..., Any]) -> str:
    return Path(inspect.getsourcefile(function) or "").resolve().relative_to(_FOLDER.resolve()).as_posix()
