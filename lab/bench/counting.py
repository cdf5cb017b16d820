"""What every kernel of a training step has to do: operations, bytes, and their ratio.

    arithmetic intensity = operations / bytes that must move at least (every array once)

Operations are additions, multiplications and comparisons of numbers with a point, as the kernels do them; the integer
operations of the masks' random bits are not among them.

Source: Williams, Waterman & Patterson 2009, "Roofline: an insightful visual performance model", CACM 52(4).
"""

from dataclasses import dataclass
from itertools import pairwise

PRODUCTS = ("product", "weights", "inputs")
KERNELS = ("gather", *PRODUCTS, "hidden forward", "hidden backward", "update")


@dataclass(frozen=True)
class Count:
    """Operations and bytes of something; counts can be added."""

    flops: float
    bytes: float

    @property
    def intensity(self) -> float:
        """Operations a byte."""
        return self.flops / self.bytes

    def __add__(self, other: "Count") -> "Count":
        return Count(self.flops + other.flops, self.bytes + other.bytes)


def product(m: int, k: int, n: int, itemsize: int) -> Count:
    """c (m, n) = a (m, k) b (k, n), in any of the three forms: 2 m k n operations on m k + k n + m n numbers."""
    return Count(2.0 * m * k * n, float(itemsize * (m * k + k * n + m * n)))


def entries(number: int, operations: int, moves: int, itemsize: int) -> Count:
    """A pass that does the same for each of some entries, and moves so many numbers for each."""
    return Count(float(number * operations), float(number * moves * itemsize))


def step_counts(widths: tuple[int, ...], batch: int, itemsize: int = 4) -> dict[tuple[str, int], Count]:
    """Of every kernel of a step of NN4 with batchnorm and dropout, by (name, layer); see `lab.kernels.cpu.passes`.

    gather           1 for each input: its mask; it is read and written
    product          z = a W;  weights  dW = a^T dz;  inputs  da = dz W^T (not of the first layer)
    hidden forward   9 for each unit: offset, ReLU, mean, variance 3, batchnorm 2, mask; z read, z and a written
    hidden backward  11 for each unit: mask, sums 5, dz 4, ReLU; z and da read and written
    update           2 for each parameter, in two passes: g <- delta g, then w <- w - g
    """
    last = len(widths) - 1
    made = {("gather", 1): entries(batch * widths[0], 1, 2, itemsize)}
    for layer, (d_in, d_out) in enumerate(pairwise(widths), start=1):
        made["product", layer] = made["weights", layer] = product(batch, d_in, d_out, itemsize)
        if layer > 1:
            made["inputs", layer] = product(batch, d_in, d_out, itemsize)
        if layer < last:
            made["hidden forward", layer] = entries(batch * d_out, 9, 3, itemsize)
            made["hidden backward", layer] = entries(batch * d_out, 11, 4, itemsize)
    parameters = sum(a * b for a, b in pairwise(widths)) + 2 * sum(widths[1:-1])
    made["update", 0] = entries(parameters, 2, 5, itemsize)
    return made


def total(counts: dict[tuple[str, int], Count], name: str) -> Count:
    """Of a kernel in all layers."""
    found = [count for (kernel, _), count in counts.items() if kernel == name]
    return sum(found[1:], found[0])
