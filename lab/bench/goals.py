"""What is aimed at, workload by workload: a goal to reach everywhere, and a stretch to go for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A figure to reach. `less`: small is good, as for seconds."""

    value: float
    stretch: float | None = None
    less: bool = False

    def reached(self, measured: float) -> bool:
        return measured <= self.value if self.less else measured >= self.value


# How many times slower than the lab's step a peer is at least, on one thread; with a batch: only that one.
_STEPS: dict[tuple[str, str], dict[str, Goal]] = {
    ("mnist10", "float32"): {
        "torch": Goal(3.0, 4.0),
        "torch.compile": Goal(3.5, 5.0),
        "jax": Goal(1.4, 1.6),
        "numpy": Goal(2.0, 2.3),
    },
    ("mnist10", "float64"): {"torch": Goal(1.5, 2.5)},
    ("wide", "float32"): {"torch": Goal(2.0, 2.7), "jax": Goal(1.05, 1.4)},
    ("tiny", "float32"): {"torch": Goal(10.0, 20.0), "jax": Goal(3.0, 6.0), "numpy": Goal(4.0, 8.0)},
}
_BATCHES = {"mnist10": (64, 256, 1024), "tiny": (64,)}

FLOOR = Goal(0.75, 0.88)  # share of a step that its products need at the best rate of this machine
THREADS = Goal(1.6, 1.9)  # two workers over one, K = 2
LARGE = 256  # the two above are aimed at from this batch on
EPOCH = {"torch": Goal(3.0, 4.0)}
DDP = Goal(3.0, 4.5)
EFFICIENCY = Goal(0.8, 0.9)
MASKS = {"torch": Goal(30.0), "numpy": Goal(5.0)}
IMPORT = Goal(0.3, less=True)  # seconds
READY = Goal(0.5, less=True)


def step_goals(size: str, batch: int, threads: int, dtype: str) -> dict[str, Goal]:
    """The goals of a training step, by peer; empty where none is set."""
    if threads != 1 or batch not in _BATCHES.get(size, (batch,)):
        return {}
    return _STEPS.get((size, dtype), {})
