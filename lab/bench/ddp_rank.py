"""One rank of a DDP training, as a process: `python -m lab.bench.ddp_rank`, see `lab.bench.ddp`."""

import os
import sys
import time
from datetime import timedelta
from typing import Any

from lab.bench.child import answer, messages
from lab.bench.torch_step import torch_training
from lab.bench.workloads import Workload, make_task

PATIENCE = timedelta(seconds=120)  # a rank whose partner is gone gives up after it


def main() -> None:
    """Join the others, then take as many steps as asked, until the bench ends."""
    asked = messages()
    me = next(asked)
    if me["core"] is not None:
        os.sched_setaffinity(0, {me["core"]})
    import torch.distributed as dist

    if sys.platform.startswith("linux"):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # by the host's name gloo may find no way to itself
    dist.init_process_group("gloo", init_method=me["store"], rank=me["rank"], world_size=me["ranks"], timeout=PATIENCE)
    try:
        task = make_task(Workload(me["size"], me["batch"]), seed=me["rank"])
        step, x, target = torch_training(task, wrap=_distributed)
        step(x, target)
        answer({"ready": True})
        for message in asked:
            dist.barrier()  # both start at once, as a training does
            start = time.perf_counter()
            for _ in range(message["steps"]):
                step(x, target)
            answer({"seconds": time.perf_counter() - start})
    finally:
        dist.destroy_process_group()


def _distributed(net: Any) -> Any:
    """DDP at its fastest: gradients live in its buckets, the graph is fixed, running statistics are not sent round."""
    from torch.nn.parallel import DistributedDataParallel

    return DistributedDataParallel(net, broadcast_buffers=False, gradient_as_bucket_view=True, static_graph=True)


if __name__ == "__main__":
    main()
