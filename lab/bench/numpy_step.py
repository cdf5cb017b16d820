"""The same training step in plain NumPy, as a careful programmer writes it: the peer that is always there.

Masks from the fastest generator that NumPy has, everything in one floating type, no needless copies.
"""

from collections.abc import Callable

import numpy as np

from lab.bench.workloads import Task

EPSILON = 1e-5
MOMENTUM = 0.1


def numpy_step(task: Task) -> Callable[[], None]:
    """A function that takes one step of SGD on the rows of the task."""
    workload, x = task.workload, task.x
    real = x.dtype.type
    n, hidden = len(x), workload.widths[1:-1]
    generator = np.random.Generator(np.random.SFC64(0))
    weights = [w.copy() for w in task.weights]
    gammas, betas = [np.ones(d, real) for d in hidden], [np.zeros(d, real) for d in hidden]
    means, variances = [np.zeros(d, real) for d in hidden], [np.ones(d, real) for d in hidden]
    scale, delta, unbiased = real(1 / workload.keep), real(workload.delta), real(n / (n - 1))

    def drop(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mask = (generator.random(y.shape, dtype=np.float32) < workload.keep) * scale
        return y * mask, mask

    def step() -> None:
        y, caches = x, []
        for i in range(len(hidden)):
            dropped, mask = drop(y)
            relu = dropped @ weights[i]
            np.maximum(relu, 0, out=relu)
            mean = relu.mean(axis=0)
            x_hat = relu - mean
            variance = np.einsum("ij,ij->j", x_hat, x_hat) / real(n)
            rstd = 1 / np.sqrt(variance + real(EPSILON))
            x_hat *= rstd
            y = gammas[i] * x_hat + betas[i]
            caches.append((dropped, mask, relu, x_hat, rstd))
            means[i] += real(MOMENTUM) * (mean - means[i])
            variances[i] += real(MOMENTUM) * (variance * unbiased - variances[i])
        dropped, mask = drop(y)
        dz = _loss_gradient(dropped @ weights[-1], task.y)

        dy = dz @ weights[-1].T
        dy *= mask
        weights[-1] -= delta * (dropped.T @ dz)
        for i in reversed(range(len(hidden))):
            dropped, mask, relu, x_hat, rstd = caches[i]
            dbeta, dgamma = dy.sum(axis=0), np.einsum("ij,ij->j", dy, x_hat)
            x_hat *= dgamma / real(n)
            dy -= dbeta / real(n)
            dy -= x_hat
            dy *= gammas[i] * rstd
            dy *= relu > 0
            gammas[i] -= delta * dgamma
            betas[i] -= delta * dbeta
            gradient = dropped.T @ dy
            if i > 0:
                dy = dy @ weights[i].T
                dy *= mask
            weights[i] -= delta * gradient

    return step


def _loss_gradient(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Gradient of the mean cross-entropy of sigmoid (one column) or softmax by the logits; changes z."""
    real, n = z.dtype.type, len(z)
    if z.shape[1] == 1:
        z = 1 / (1 + np.exp(-z))
        z[:, 0] -= labels
    else:
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        z[np.arange(n), labels] -= 1
    z /= real(n)
    return z
