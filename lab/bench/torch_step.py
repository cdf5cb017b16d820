"""The same training step in PyTorch, eager, on one thread: dropout, linear, ReLU, batchnorm by its own modules."""

from collections.abc import Callable

from lab.bench.workloads import Task


def torch_step(task: Task) -> Callable[[], None]:
    """A function that takes one step of SGD on the rows of the task."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    workload = task.workload
    x, labels = torch.from_numpy(task.x), torch.from_numpy(task.y)
    net = _net(task).to(x.dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=workload.delta)
    binary = workload.widths[-1] == 1
    loss = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
    target = labels.to(x.dtype)[:, None] if binary else labels

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss(net(x), target).backward()
        optimizer.step()

    return step


def _net(task: Task):
    """NN4 as a sequence of modules, with the task's weights."""
    import torch
    from torch import nn

    drop, layers = 1 - task.workload.keep, []
    for i, w in enumerate(task.weights):
        linear = nn.Linear(*w.shape, bias=False, dtype=torch.from_numpy(w).dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w).T)
        layers += [nn.Dropout(drop), linear]
        if i < len(task.weights) - 1:
            layers += [nn.ReLU(), nn.BatchNorm1d(w.shape[1])]
    return nn.Sequential(*layers)
