"""What small windows save: several in a row instead of a large one, and 1x1 convolutions before the large ones."""

from dataclasses import dataclass

from lab.analysis.cost.count import Cost, count
from lab.analysis.cost.presets import inception
from lab.checks import check_count


@dataclass(frozen=True)
class Stack:
    """N convolutions F x F, one after the other, beside one that sees as much; C channels everywhere, no biases.

    sees         N (F - 1) + 1 = N F - N + 1, squared
    weights      N F^2 C^2          beside   (N (F - 1) + 1)^2 C^2
    multiplications are those for one output pixel: as many as weights

    Attributes:
        n, size: N and F. sees: side of the receptive field. stacked, single: weights. fields: by depth, from 0.
    """

    n: int
    size: int
    sees: int
    stacked: int
    single: int
    fields: tuple[int, ...]


def stack(n: int = 3, size: int = 3, channels: int = 64) -> Stack:
    """Count a stack and its equal; nothing here is taken from the formula: both are networks that are counted.

    Raises:
        SettingError: a number is below 1, or so large that no picture is as wide.

    Source: Simonyan & Zisserman 2015, section 2.3.
    """
    n, size = check_count("n", n, 1, 100), check_count("size", size, 1, 100)
    channels = check_count("channels", channels, 1, 100_000)
    wide = n * size  # a picture that is wide enough for both
    stacked = count(f"input {wide}x{wide}x{channels}\nrepeat {n} {{ conv {channels} {size}x{size} nobias }}")
    fields = tuple(row.field[0] for row in stacked.rows if row.field is not None)
    sees = fields[-1]
    single = count(f"input {wide}x{wide}x{channels}\nconv {channels} {sees}x{sees} nobias")
    return Stack(n, size, sees, stacked.parameters, single.parameters, fields)


@dataclass(frozen=True)
class Inception:
    """The naive module beside the reduced one.

    Attributes:
        naive, reduced: what they cost. paths: by window, multiplications of the naive and of the reduced one: the
            reduced one's are (of the 1x1 before it, of the window itself).
    """

    naive: Cost
    reduced: Cost
    paths: dict[str, tuple[int, tuple[int, int]]]

    @property
    def saving(self) -> float:
        """Multiplications of the naive one over those of the reduced one."""
        return self.naive.forward / self.reduced.forward


PATHS = ("1x1", "3x3", "5x5", "pool")


def inceptions(reduce: int = 64, size: int = 32, channels: int = 256, projection: int = 64) -> Inception:
    """Count both modules: filters 128 of 1x1, 192 of 3x3, 96 of 5x5.

    Args:
        reduce: channels before the large windows. size, channels: of the input. projection: channels after pooling.

    Raises:
        SettingError: a number is below 1.

    Source: COMS6998, homework 3, problem 3.4; Szegedy et al. 2015, figure 2.
    """
    for name, value in (("reduce", reduce), ("size", size), ("channels", channels), ("projection", projection)):
        check_count(name, value, 1, 100_000)
    naive = count(inception(None, size, channels))
    reduced = count(inception(reduce, size, channels, projection))
    big = [row.forward for row in naive.rows if row.kind == "conv"]
    small = [row.forward for row in reduced.rows if row.kind == "conv"]
    pairs = ((0, small[0]), (small[1], small[2]), (small[3], small[4]), (small[5], 0))
    return Inception(naive, reduced, dict(zip(PATHS, zip((*big, 0), pairs, strict=True), strict=True)))
