"""L layers of width K, a batch of n: multiplications and memory in closed form, roughly and exactly."""

from dataclasses import dataclass

from lab.checks import check_count


@dataclass(frozen=True)
class ClosedForm:
    """Of x -> x W_1 ... W_L with every W_i (K, K) and x (n, K): matrix products only, no biases, no activations.

        multiplications   forward n K^2 L,    training 3 n K^2 L;       exactly (3 L - 1) n K^2
        numbers           inference L K^2 + 2 n K,   training 2 L K^2 + L n K;   exactly + 2 n K (+ n K where L = 1)

    Exactly: nobody needs the gradient by x, so the first layer has one product less; and while a layer is on its way
    back, delta by its output and delta by its input stand beside the activations.

    Attributes:
        forward, training, training_exact: multiplications. inference, training_memory: numbers.
        deltas: numbers of the deltas that training needs beside.

    Source: EPFL Machine Learning, exercise 8, problem 4.
    """

    forward: int
    training: int
    training_exact: int
    inference: int
    training_memory: int
    deltas: int


def closed_form(L: int, K: int, n: int) -> ClosedForm:
    """Raises `SettingError`: a number is below 1."""
    L, K, n = check_count("L", L), check_count("K", K), check_count("n", n)
    product = n * K * K
    return ClosedForm(
        forward=product * L, training=3 * product * L, training_exact=(3 * L - 1) * product,
        inference=L * K * K + 2 * n * K, training_memory=2 * L * K * K + L * n * K, deltas=min(L, 2) * n * K,
    )  # fmt: skip


def training_alive(L: int, K: int, n: int, operation: int) -> int:
    """Numbers that a step holds after so many of its operations: weights, gradients, activations, deltas.

    Operations: 0 is the start, with weights, gradients and x; 1 .. L the forward pass; L + 1 the loss, whose gradient
    takes the place of the output; then, for each layer from L to 1, the gradient by its weights and the one by its
    input, after which its input and its old delta go. Layer 1 has the first of them only.

    Raises:
        SettingError: there is no such operation.
    """
    L, K, n = check_count("L", L), check_count("K", K), check_count("n", n)
    operation = check_count("operation", operation, 0, 3 * L)
    fixed = 2 * L * K * K
    if operation <= L + 1:
        return fixed + (min(operation, L) + 1) * n * K
    layer = L - (operation - L - 2) // 2  # that is on its way back
    at_input = (operation - L - 2) % 2 == 1
    return fixed + (layer + 1 + at_input) * n * K
