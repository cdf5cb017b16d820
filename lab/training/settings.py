"""How a run trains: checked once at the start; see `lab.training.changes` for what changes while it runs."""

from dataclasses import dataclass

from lab.checks import check_count, check_delta, check_shards
from lab.models.nn4 import NN4
from lab.workers import cores, make_workers


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of synchronous SGD and of the machinery.

    Args:
        delta: step size. K: mini-batches a round. batch: samples a round, None for the whole training set.
        workers: "serial" or "threads:P". epochs: passes over the training set.
        hold: gamma and beta stay as they are. evaluate_every: rounds between two `Evaluated` events, None for none.
    """

    delta: float
    K: int
    batch: int | None
    workers: str
    epochs: int
    hold: bool = False
    evaluate_every: int | None = None

    def round_size(self, samples: int) -> int:
        """Samples of a full round."""
        return samples if self.batch is None else self.batch


def check_settings(settings: Settings, net: NN4, samples: int) -> Settings:
    """Return the settings if they fit each other, the net and the data; see the errors of each check."""
    if settings.batch is not None:
        check_count("batch", settings.batch, high=samples)
    check_count("epochs", settings.epochs)
    if settings.evaluate_every is not None:
        check_count("evaluate_every", settings.evaluate_every)
    check_delta(settings.delta)
    check_shards(settings.K, settings.round_size(samples), net.batchnorm)
    make_workers(settings.workers).close()
    return settings


def notes(settings: Settings) -> list[str]:
    """What a learner should know about the workers, in whole sentences."""
    workers = make_workers(settings.workers)
    workers.close()
    said = []
    if workers.count > cores():
        said.append(
            f"{workers.count} workers share {cores()} cores: they take turns, so more of them save no time here."
        )
    if workers.count > settings.K:
        said.append(
            f"{workers.count} workers, but K = {settings.K} mini-batches: "
            f"{workers.count - settings.K} have nothing to do."
        )
    return said
