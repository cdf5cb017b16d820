"""What the end of a round does to whole vectors, one pass over the memory each."""

from lab.kernels.cpu.cache import exact, reordered


@exact
def descend(params, grad, delta):
    """params <- params - delta grad: the product is rounded, then the difference, as in `lab.optim.sgd.sgd`."""
    for i in range(len(params)):
        params[i] -= delta * grad[i]


@reordered
def squares(grad):
    """Sum of the squares of a slice of a gradient, in as many partial sums as a vector holds."""
    total = grad.dtype.type(0)
    for i in range(len(grad)):
        total += grad[i] * grad[i]
    return total


@exact
def blend(old, new, share):
    """old <- old + share (new - old), rounded as in `lab.optim.sgd.blend`."""
    for i in range(len(old)):
        old[i] += share * (new[i] - old[i])
