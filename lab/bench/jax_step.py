"""The same training step in JAX: one jitted function whose state is donated, so that nothing is copied.

XLA chooses its threads once, when its CPU client starts: one by its flags, else as many as the process has cores.
So a process measures JAX with one number of threads only.
"""

import os
import sys
from collections.abc import Callable

import numpy as np

from lab.bench.workloads import Task

EPSILON = 1e-5
MOMENTUM = 0.1
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def jax_step(task: Task) -> Callable[[], None]:
    """A function that takes one step of SGD on the rows of the task and waits for its end."""
    if "jax" not in sys.modules:
        _choose_threads(task.workload.threads)
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", task.workload.dtype == "float64")
    cpu = jax.devices("cpu")[0]
    hidden, dtype = task.workload.widths[1:-1], task.workload.dtype
    params = {
        "W": [jnp.asarray(w) for w in task.weights],
        "gamma": [jnp.ones(d, dtype) for d in hidden],
        "beta": [jnp.zeros(d, dtype) for d in hidden],
    }
    running = [(jnp.zeros(d, dtype), jnp.ones(d, dtype)) for d in hidden]
    key = jax.random.key(0, impl="threefry2x32")  # on a CPU a third faster a step than "unsafe_rbg"
    x, labels = jax.device_put((jnp.asarray(task.x), jnp.asarray(task.y)), cpu)
    state = jax.device_put((params, running, key), cpu)
    update = jax.jit(_update(task), donate_argnums=0)

    def step() -> None:
        nonlocal state
        state = jax.block_until_ready(update(state, x, labels))

    return step


def _choose_threads(threads: int) -> None:
    """Set XLA's flags for one thread, or leave them alone; a parent process may have set them for itself."""
    if threads == 1:
        os.environ.setdefault("XLA_FLAGS", ONE_THREAD)
    elif os.environ.get("XLA_FLAGS") == ONE_THREAD:
        del os.environ["XLA_FLAGS"]


def _update(task: Task) -> Callable:
    """The pure function (state, x, labels) -> state."""
    import jax
    import jax.numpy as jnp

    delta, n = task.workload.delta, task.workload.batch
    keep = task.workload.keep
    threshold = np.float32(keep)  # masks from 32 random bits, also in float64

    def drop(y, key):
        return jnp.where(jax.random.bernoulli(key, threshold, y.shape), y / keep, 0)

    def loss(params, x, labels, key):
        keys = jax.random.split(key, len(params["W"]))
        y, stats = x, []
        for i, (gamma, beta) in enumerate(zip(params["gamma"], params["beta"], strict=True)):
            relu = jax.nn.relu(drop(y, keys[i]) @ params["W"][i])
            mean, variance = relu.mean(axis=0), relu.var(axis=0)
            y = gamma * (relu - mean) * jax.lax.rsqrt(variance + EPSILON) + beta
            stats.append((mean, variance * n / (n - 1)))
        z = drop(y, keys[-1]) @ params["W"][-1]
        if z.shape[1] == 1:
            z = z[:, 0]
            return (jnp.maximum(z, 0) - z * labels + jnp.log1p(jnp.exp(-jnp.abs(z)))).mean(), stats
        return -jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], 1).mean(), stats

    def update(state, x, labels):
        params, running, key = state
        key, now = jax.random.split(key)
        gradient, stats = jax.grad(loss, has_aux=True)(params, x, labels, now)
        params = jax.tree.map(lambda p, g: p - delta * g, params, gradient)
        running = jax.tree.map(lambda old, new: old + MOMENTUM * (new - old), running, stats)
        return params, running, key

    return update
