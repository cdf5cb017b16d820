"""What a look at a network means: alarms, each with its likely cause, what to do, and the control that does it.

Limits stand here with their reasons. A cause is chosen by what is the case: how long the steps are beside the weights,
how large the weights were at the start, whether batchnorm is on, and what masks alone explain.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.analysis.nn4.health import Health

# CS231n ("Commonly used activation functions") reports as much as 40 % dead ReLUs where the step is too large. A random
# start has some, too: pixels are never below 0, so that a unit of layer 1 with small weights is below 0 for all digits.
DEAD = 0.4
# Of a step to the weights it changes. A step at right angles to w turns it by about so many radians; after 1/r^2 steps
# in random directions, 100 at 0.1, the unit has forgotten where it was. CS231n: "somewhere around 1e-3".
RATIO_HIGH = 0.1
RATIO_LOW = 1e-4  # a decade below that rule of thumb: 10,000 steps in one direction would make one weight
# Of a gradient to the error that is left. |dz_4| of a sample is at most sqrt(2), and inputs of variance 1 have a length
# of sqrt(d): a gradient of W is at most about sqrt(2 d) unless the layers above enlarge it (Pascanu et al. 2013) ...
EXPLODED = math.sqrt(2)
# ... and where it is a thousandth of the error, three layers have each taken nine tenths (Glorot & Bengio 2010).
VANISHED = 1e-3
# RMS distance of x_hat in test mode from x_hat with the sample's own statistics, whose standard deviation is 1.
# Sampling alone makes sqrt(3/2 (1/n + 0.053/B)) of it, 0.1 for n = 256 and B = 128, as 0.1/1.9 of a batch's variance
# is left by a running mean with momentum 0.1.
DRIFTED = 0.5
SMALL, LARGE = 0.5, 2.0  # of the start's scale: twice that of He et al. 2015 in three layers is eight times the output
NOISY = 0.5  # of p: below it, masks add more variance, (1-p)/p times the mean square, than a sum has without them
LEARNED = 0.1  # of the error that is left: below it, steps may be short


@dataclass(frozen=True)
class Alarm:
    """Something is probably wrong in a layer.

    Attributes:
        sign: "dead ReLUs", "gradient exploded", "gradient vanished", "step too large", "step too small", "drift".
        layer: from 1. value: what was seen. limit: what it should not pass. cause: the likely one.
        cure: what to do, at once or "then Reset". control: what does it: "delta", "keep", "gain" or "batchnorm".
    """

    sign: str
    layer: int
    value: float
    limit: float
    cause: str
    cure: str
    control: str

    def __str__(self) -> str:
        return f"Layer {self.layer}, {self.sign}: {self.value:.2g} (limit {self.limit:.2g}). {self.cause} {self.cure}"


Why = tuple[str, str, str]  # cause, cure, control
_BEGIN = "Set the start's scale to 1"


def alarms(seen: "Health") -> tuple[Alarm, ...]:
    """All alarms of a look, by sign and layer."""
    return (*_dead(seen), *_gradients(seen), *_steps(seen), *_drift(seen))


def _dead(seen: "Health") -> Iterator[Alarm]:
    for i, share in enumerate(seen.dead, start=1):
        if share > DEAD:
            yield Alarm("dead ReLUs", i, share, DEAD, *_why_dead(seen, i))


def _why_dead(seen: "Health", layer: int) -> Why:
    if seen.keep <= NOISY and seen.dead_masked[layer - 1] < seen.dead[layer - 1] / 2:
        return "Masks wake them; without masks their sums are below 0.", "Raise keep p, then Reset.", "keep"
    if seen.start > LARGE and not seen.batchnorm:
        cause = "Large first weights enlarge the first gradients: their step threw the sums below 0."
        return cause, f"{_BEGIN} or switch batchnorm on, then Reset.", "gain"
    if seen.start < SMALL and seen.batchnorm:
        cause = "Beside such small weights the first steps were large: they threw the sums below 0."
        return cause, f"{_BEGIN}, then Reset.", "gain"
    cause = "A large step threw their sums below 0 for every sample, and ReLU has no gradient there."
    return cause, "Lower δ, then Reset.", "delta"


def _gradients(seen: "Health") -> Iterator[Alarm]:
    for i, (norm, d) in enumerate(zip(seen.gradient, seen.widths, strict=False), start=1):
        if norm > _most(d):
            yield Alarm("gradient exploded", i, norm, _most(d), *_why_exploded(seen))
        elif norm < (limit := VANISHED * seen.left):
            yield Alarm("gradient vanished", i, norm, limit, *_why_vanished(seen))


def _most(inputs: int) -> float:
    return EXPLODED * math.sqrt(inputs)


def _exploded(seen: "Health") -> bool:
    return any(norm > _most(d) for norm, d in zip(seen.gradient, seen.widths, strict=False))


def _why_exploded(seen: "Health") -> Why:
    if seen.start > LARGE and not seen.batchnorm:
        cause = "The layers above multiply what comes back by their large weights."
        return cause, f"{_BEGIN} or switch batchnorm on, then Reset.", "gain"
    return "Steps as long as the weights have enlarged them.", "Lower δ, then Reset.", "delta"


def _why_vanished(seen: "Health") -> Why:
    if (seen.dead > DEAD).any():
        layer, share = 1 + int(seen.dead.argmax()), seen.dead.max()
        return f"{share:.0%} of layer {layer} is dead, and lets nothing through.", *_why_dead(seen, layer)[1:]
    if seen.start < SMALL and not seen.batchnorm:
        cause = "The layers above multiply what comes back by their small weights."
        return cause, f"{_BEGIN} or switch batchnorm on, then Reset.", "gain"
    cause = "The layers above let next to nothing through."
    if seen.batchnorm:
        return cause, f"{_BEGIN}, then Reset.", "gain"
    return cause, "Switch batchnorm on, then Reset.", "batchnorm"


def _steps(seen: "Health") -> Iterator[Alarm]:
    for i, r in enumerate(seen.ratio, start=1):
        if r > RATIO_HIGH:
            cause = f"Each step turns the weights by some {math.degrees(math.atan(r)):.0f} degrees."
            yield Alarm("step too large", i, r, RATIO_HIGH, cause, *_shorter(seen))
        elif r < RATIO_LOW and seen.left > LEARNED:
            yield Alarm("step too small", i, r, RATIO_LOW, *_why_small(seen, i))


def _shorter(seen: "Health") -> tuple[str, str]:
    """Cure and control where steps are long beside the weights; what has exploded does not come back."""
    if seen.start < SMALL and seen.batchnorm:
        return f"{_BEGIN}, then Reset.", "gain"
    return "Lower δ, then Reset." if _exploded(seen) else "Lower δ.", "delta"


def _why_small(seen: "Health", layer: int) -> Why:
    if (seen.dead > DEAD).any() or seen.gradient[layer - 1] < VANISHED * seen.left:
        cause, cure, control = _why_vanished(seen)
        return f"There is no gradient to step with. {cause}", cure, control
    if _exploded(seen):
        return "The weights are far too long for their steps.", *_why_exploded(seen)[1:]
    if seen.start > LARGE and seen.batchnorm:
        cause = "With batchnorm behind them, weights that are c times as long have gradients that are c times smaller."
        return cause, f"{_BEGIN}, then Reset.", "gain"
    return "The weights hardly move.", "Raise δ.", "delta"


def _drift(seen: "Health") -> Iterator[Alarm]:
    """What goes away when the sample has masks, too, is the masks' doing."""
    for i, (d, masked) in enumerate(zip(seen.drift, seen.drift_masked, strict=True), start=1):
        if d > DRIFTED and masked < d / 2 and not _exploded(seen):
            cause = "The running statistics are of inputs with masks; test mode has none, and less variance."
            yield Alarm("drift", i, d, DRIFTED, cause, "Raise keep p.", "keep")
        elif d > DRIFTED:
            cause = "The weights run ahead of their running statistics: test mode is another network."
            yield Alarm("drift", i, d, DRIFTED, cause, *_shorter(seen))


def told(found: tuple[Alarm, ...]) -> str:
    """Alarms in words, one line for all layers with the same sign and cure; "None." without any."""
    lines: dict[tuple[str, str], list[Alarm]] = {}
    for alarm in found:
        lines.setdefault((alarm.sign, alarm.cure), []).append(alarm)
    said = []
    for (sign, cure), same in lines.items():
        layers = ", ".join(f"{alarm.layer} ({alarm.value:.2g})" for alarm in same)
        said.append(f"{sign}: layer {layers}; limit {same[0].limit:.2g}. {same[0].cause} {cure}")
    return "\n".join(said) or "None."
