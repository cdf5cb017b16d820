"""A network as a text of one layer a line, to be typed.

    input 32x32x3                       height x width x channels; or `input 784`: units
    conv 64 3x3 stride 2 pad 1          also: groups 2, nobias
    bn; relu                            a semicolon is as good as a new line
    maxpool 2x2                         also avgpool; its stride is its size unless it is given
    branch { conv 8 1x1 | conv 8 3x3 pad 1 }          paths whose channels are concatenated
    residual { conv 16 3x3 pad 1 | conv 16 1x1 }      body | shortcut: nothing (x itself), layers, or optionA
    repeat 3 { conv 16 3x3 pad 1; relu }
    globalpool                          the mean over height and width; flatten keeps all numbers
    linear 10                           also: nobias

and sigmoid, tanh, softmax, dropout. What follows a # is a remark.
"""

import re
from functools import partial

from lab.analysis.cost.blocks import Branch, Network, Residual
from lab.analysis.cost.layers import Layer, size_words
from lab.analysis.cost.statements import MAKERS, PLAIN, WORDS, bare, number, sizes
from lab.errors import SettingError

MOST_LAYERS = 5000
DEEPEST = 20  # braces in braces


def parse_network(text: str) -> Network:
    """The network that a text describes.

    Raises:
        SettingError: names the line, what stands there, and what may.
    """
    if not isinstance(text, str):
        raise SettingError(f"a network is given as {type(text).__name__}. Give a text of one layer a line.")
    reader = _Reader(text)
    first = reader.statement()
    if first is None or first[0] != "input" or len(first) != 2:
        raise reader.wrong(first, "Begin with the shape of the input: input 224x224x3, or input 784")
    shape = sizes(first, partial(reader.wrong, first), 1, (1, 3))
    layers = reader.layers("")
    if not layers:
        raise SettingError("the network has no layer. Write one a line below the input: linear 10.")
    return Network(shape, layers)


def network_text(network: Network) -> str:
    """The text of a network, one layer a line: `parse_network` gives the same network again."""
    return "\n".join((f"input {size_words(network.shape)}", *map(str, network.layers)))


class _Reader:
    """Statements one after the other; braces and bars are statements of their own."""

    def __init__(self, text: str) -> None:
        self._parts: list[tuple[int, str]] = []
        for at, line in enumerate(text.splitlines(), start=1):
            parts = re.split(r"([;{}|])", line.partition("#")[0])
            self._parts += [(at, part.strip()) for part in parts if part.strip() and part != ";"]
        self._at = self._depth = 0

    def peek(self) -> str:
        return self._parts[self._at][1] if self._at < len(self._parts) else ""

    def statement(self) -> list[str] | None:
        """The words of the next one; None at the end."""
        if self._at >= len(self._parts):
            return None
        self._at += 1
        return self._parts[self._at - 1][1].split()

    def wrong(self, words: list[str] | None, rule: str) -> SettingError:
        """An error that names the line of the last statement."""
        if words is None:
            return SettingError(f"the network ends too early. {rule}.")
        return SettingError(f"line {self._parts[self._at - 1][0]}: {' '.join(words)!r} is not allowed. {rule}.")

    def layers(self, ends: str) -> tuple[Layer, ...]:
        """Layers up to one of these signs, which is left standing, or to the end of the text."""
        made: list[Layer] = []
        while self.peek() and self.peek() not in ("{", "}", "|"):
            made += self.layer()
            if len(made) > MOST_LAYERS:
                raise SettingError(f"the network has more than {MOST_LAYERS:,} layers. Repeat less often.")
        if (self.peek() or "") not in ends or (ends and not self.peek()):
            words = self.statement()
            signs = " or ".join(ends) or "the next layer"
            raise self.wrong(words, f"Here {signs} is needed: braces go in pairs")
        return tuple(made)

    def layer(self) -> list[Layer]:
        """The next layer; several where it is repeated."""
        words = self.statement() or [""]
        kind, wrong = words[0], partial(self.wrong, words)
        if kind in PLAIN:
            bare(words, wrong, 1)
            return [PLAIN[kind]]
        if kind == "repeat":
            times = number(words, wrong, 1, "repeat 3 { ... }")
            bare(words, wrong, 2)
            (inside,) = self.block(words, 1)
            if times * len(inside) > MOST_LAYERS:
                raise SettingError(f"the network has more than {MOST_LAYERS:,} layers. Repeat less often.")
            return list(inside) * times
        if kind == "branch":
            bare(words, wrong, 1)
            return [Branch(self.block(words, 64))]
        if kind == "residual":
            bare(words, wrong, 1)
            return [self.residual(words)]
        make = MAKERS.get(kind)
        if make is None:
            raise wrong(f"A line begins with one of: {', '.join(WORDS)}")
        return [make(words, wrong)]

    def block(self, words: list[str], most: int) -> tuple[tuple[Layer, ...], ...]:
        """{ path | path | ... }, at most so many."""
        self.open(words)
        paths = [self.layers("|}")]
        while self.peek() == "|":
            self.statement()
            paths.append(self.layers("|}"))
        self.close()
        if len(paths) > most:
            raise self.wrong(words, f"It takes {most} path{'s' if most > 1 else ''} between braces, not {len(paths)}")
        return tuple(paths)

    def open(self, words: list[str]) -> None:
        if self.peek() != "{":
            raise self.wrong(words, f"After {words[0]} layers stand between braces: {words[0]} {{ ... }}")
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.wrong(words, f"Braces stand in more than {DEEPEST} others. Take fewer")
        self.statement()

    def close(self) -> None:
        self._depth -= 1
        self.statement()

    def residual(self, words: list[str]) -> Residual:
        self.open(words)
        body, shortcut = self.layers("|}"), None
        if self.peek() == "|":
            self.statement()
            if self.peek() == "optionA":
                self.statement()
                after = self.layers("}")
                if after:
                    raise self.wrong([str(after[0])], "optionA is the whole shortcut")
            else:
                shortcut = self.layers("}")
        else:
            shortcut = ()
        self.close()
        if not body:
            raise self.wrong(words, "Its body is empty. Write its layers between the braces")
        return Residual(body, shortcut)
