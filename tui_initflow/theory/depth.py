"""How deep a network may be before its gradient is lost, and the gain that preserves it at a given depth."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, repeat

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import LayerLaw, backward, check_chain, forward, log_mean_absolute, network_laws
from tui_initflow.theory.neuron import Neuron, OutOfRangeError
from tui_initflow.theory.solve import brackets, interpolate

_LN_10 = math.log(10.0)
_GAIN_STEP = 1.25
_GAIN_STEPS = 60


@dataclass(frozen=True, slots=True)
class TrainableDepth:
    """The deepest networks whose first layer still gets at least `threshold`, and at most 1 / `threshold`.

    None where every depth up to the largest one asked about does. Where the gradient vanishes first, `exploding` is
    None.
    """

    threshold: float
    vanishing: int | None
    exploding: int | None


def trainable_depth(
    first: LayerLaw,
    hidden: LayerLaw,
    activation: Activation,
    output_gradient: OutputGradient = "ones",
    threshold: float = 1e-3,
    max_depth: int = 1000,
    checkpoint: Checkpoint = unstopped,
) -> TrainableDepth:
    """Predict how deep networks of one first and any number of equal hidden layers may be, at infinite width.

    The gradient is E |delta_1| for an output gradient of magnitude 1.
    """
    laws = network_laws(first, hidden, max_depth)
    check_chain(laws[:2])
    neurons: list[Neuron] = []
    deeper = forward(laws, activation, checkpoint)  # networks of every depth share one forward pass

    def log_gradient(depth: int) -> float:
        """ln E |delta_1| at this depth. Raises OutOfRangeError where theory has no number."""
        neurons.extend(islice(deeper, max(depth - len(neurons), 0)))
        *_, signal = backward(laws[:depth], neurons[:depth], output_gradient, checkpoint)
        return log_mean_absolute(neurons[0], signal)

    limit = -math.log(threshold)
    beyond = 1
    try:
        while abs(log_gradient(beyond)) <= limit:
            if beyond == max_depth:
                return TrainableDepth(threshold, None, None)
            beyond = min(2 * beyond, max_depth)
    except OutOfRangeError:
        return TrainableDepth(threshold, None, None)
    vanishes = log_gradient(beyond) < 0
    sign = -1 if vanishes else 1
    within = beyond // 2
    within += bisect_left(range(within + 1, beyond), True, key=lambda depth: sign * log_gradient(depth) > limit)
    return TrainableDepth(threshold, within, None) if vanishes else TrainableDepth(threshold, None, within)


def preserving_gain(
    laws: Sequence[LayerLaw],
    activation: Activation,
    output_gradient: OutputGradient = "ones",
    log10_target: float = 0.0,
    checkpoint: Checkpoint = unstopped,
) -> float | None:
    """The factor on all weights at which the first layer gets the gradient 10^log10_target, nearest to 1.

    None if there is none between 1e-5 and 1e5, as in a tanh network of one layer, whose slopes are below 1.
    """
    check_chain(laws)

    def excess(log_gain: float) -> float:
        scaled = [law.scaled(math.exp(log_gain)) for law in laws]
        neurons = list(forward(scaled, activation, checkpoint))
        *_, signal = backward(scaled, neurons, output_gradient, checkpoint)
        return log_mean_absolute(neurons[0], signal) - log10_target * _LN_10

    try:
        first = (0.0, excess(0.0))
        if first[1] == 0.0:
            return 1.0
        step = -math.copysign(math.log(_GAIN_STEP), first[1])
        further = accumulate(repeat(step, _GAIN_STEPS - 1), initial=step)
        bracket = next(brackets(chain([first], ((gain, excess(gain)) for gain in further))), None)
        return None if bracket is None else math.exp(interpolate(excess, bracket))
    except OutOfRangeError:
        return None
