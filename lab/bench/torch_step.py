"""The same training step in PyTorch: dropout, linear, ReLU, batchnorm by its own modules; eager or compiled.

The loop over the parameters is the fastest form of its SGD on a CPU, or as fast as `foreach` and `fused`.
"""

from collections.abc import Callable
from typing import Any

from lab.bench.workloads import Task


def torch_step(task: Task) -> Callable[[], None]:
    """A function that takes one step of SGD on the rows of the task."""
    step, x, target = torch_training(task)
    return lambda: step(x, target)


def torch_compiled_step(task: Task) -> Callable[[], None]:
    """The same with network and loss through `torch.compile`, forward and backward; it needs a C++ compiler."""
    step, x, target = torch_training(task, compiled=True)
    return lambda: step(x, target)


def torch_training(task: Task, compiled: bool = False, wrap: Callable[[Any], Any] = lambda net: net) -> Any:
    """(step, x, target): `step(x, target)` takes a step on some rows of x and target, the task's data as tensors.

    Args:
        wrap: what stands around the network, as DistributedDataParallel does.
    """
    import torch
    from torch import nn

    torch.set_num_threads(task.workload.threads)
    torch.manual_seed(0)
    x, labels = torch.from_numpy(task.x), torch.from_numpy(task.y)
    net = wrap(torch_net(task))
    optimizer = torch.optim.SGD(net.parameters(), lr=task.workload.delta, foreach=False)
    binary = task.workload.widths[-1] == 1
    criterion: Any = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()

    def loss(x: Any, target: Any) -> Any:
        return criterion(net(x), target)

    if compiled:
        torch._dynamo.reset()  # a limit on recompilations counts all nets of this process
        loss = torch.compile(loss, dynamic=False)

    def step(x: Any, target: Any) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss(x, target).backward()
        optimizer.step()

    return step, x, labels.to(x.dtype)[:, None] if binary else labels


def torch_net(task: Task) -> Any:
    """NN4 as a sequence of modules, with the task's weights."""
    import torch
    from torch import nn

    drop, layers = 1 - task.workload.keep, []
    for i, w in enumerate(task.weights):
        weight = torch.from_numpy(w)
        linear = nn.Linear(*w.shape, bias=False, dtype=weight.dtype)
        with torch.no_grad():
            linear.weight.copy_(weight.T)
        layers += [nn.Dropout(drop), linear]
        if i < len(task.weights) - 1:
            layers += [nn.ReLU(), nn.BatchNorm1d(w.shape[1], dtype=weight.dtype)]
    return nn.Sequential(*layers)
