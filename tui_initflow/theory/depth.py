"""How deep a network may be before its gradient is lost, and the gain that preserves it at a given depth."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, repeat

from tui_initflow.functions.activations import Activation
from tui_initflow.model.experiment import OutputGradient
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
) -> TrainableDepth:
    """Predict how deep networks of one first and any number of equal hidden layers may be, at infinite width.

    The gradient is E |delta_1| for an output gradient of magnitude 1.
    """
    check_chain(network_laws(first, hidden, 2))
    networks = _GrowingNetwork(first, hidden, activation, output_gradient, max_depth)
    limit = -math.log(threshold)
    beyond = _some_depth_beyond(networks, limit)
    if beyond is None:
        return TrainableDepth(threshold, None, None)
    vanishes = networks.log_gradient(beyond) < 0
    sign = -1 if vanishes else 1
    within = beyond // 2
    within += bisect_left(
        range(within + 1, beyond), True, key=lambda depth: sign * networks.log_gradient(depth) > limit
    )
    return TrainableDepth(threshold, within, None) if vanishes else TrainableDepth(threshold, None, within)


class _GrowingNetwork:
    """Networks of every depth share one forward pass, which is continued as deep as is asked for."""

    def __init__(
        self,
        first: LayerLaw,
        hidden: LayerLaw,
        activation: Activation,
        output_gradient: OutputGradient,
        max_depth: int,
    ) -> None:
        self.max_depth = max_depth
        self._laws = network_laws(first, hidden, max_depth)
        self._output_gradient: OutputGradient = output_gradient
        self._deeper = forward(self._laws, activation)
        self._neurons: list[Neuron] = []

    def log_gradient(self, depth: int) -> float:
        """ln E |delta_1| at this depth. Raises OutOfRangeError where theory has no number."""
        self._neurons += islice(self._deeper, max(depth - len(self._neurons), 0))
        neurons = self._neurons[:depth]
        *_, signal = backward(self._laws[:depth], neurons, self._output_gradient)
        return log_mean_absolute(neurons[0], signal)


def _some_depth_beyond(networks: _GrowingNetwork, limit: float) -> int | None:
    """The first of the depths 1, 2, 4, ... at which |ln gradient| exceeds the limit."""
    depth = 1
    try:
        while abs(networks.log_gradient(depth)) <= limit:
            if depth == networks.max_depth:
                return None
            depth = min(2 * depth, networks.max_depth)
    except OutOfRangeError:
        return None
    return depth


def preserving_gain(
    laws: Sequence[LayerLaw],
    activation: Activation,
    output_gradient: OutputGradient = "ones",
    log10_target: float = 0.0,
) -> float | None:
    """The factor on all weights at which the first layer gets the gradient 10^log10_target, nearest to 1.

    None if there is none between 1e-5 and 1e5, as in a tanh network of one layer, whose slopes are below 1.
    """
    check_chain(laws)

    def excess(log_gain: float) -> float:
        scaled = [law.scaled(math.exp(log_gain)) for law in laws]
        neurons = list(forward(scaled, activation))
        *_, signal = backward(scaled, neurons, output_gradient)
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
