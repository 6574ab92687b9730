"""How deep a network may be before the gradient is lost, and which gain holds it at a given depth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

from tui_initflow.functions.activations import Activation
from tui_initflow.theory.laws import LayerLaw, Start, check_chain, network_laws
from tui_initflow.theory.mean_field import backward, forward
from tui_initflow.theory.neuron import Neuron, OutOfRangeError
from tui_initflow.theory.signal import log_mean_absolute

_LN_10 = math.log(10.0)
_GAIN_STEP = 1.25
_GAIN_STEPS = 60
_PRECISION = 1e-9


@dataclass(frozen=True, slots=True)
class DepthBudget:
    """The deepest networks whose first layer still gets at least `threshold`, and at most 1 / `threshold`.

    None where every depth up to the largest one asked about does. A network that vanishes is not asked whether it
    explodes further on.
    """

    threshold: float
    vanishing: int | None
    exploding: int | None


def depth_budget(
    first: LayerLaw,
    hidden: LayerLaw,
    activation: Activation,
    start: Start = "ones",
    threshold: float = 1e-3,
    max_depth: int = 1000,
) -> DepthBudget:
    """Predict how deep networks of one first and any number of equal hidden layers may be, at infinite width.

    The gradient is E |delta_1| for a backward signal that starts at 1.
    """
    check_chain(network_laws(first, hidden, 2))
    networks = _GrowingNetwork(first, hidden, activation, start, max_depth)
    limit = -math.log(threshold)
    beyond = _some_depth(networks, limit)
    if beyond is None:
        return DepthBudget(threshold, None, None)
    if networks.log_gradient(beyond) < 0:
        return DepthBudget(threshold, _last(networks, beyond, lambda gradient: gradient >= -limit), None)
    return DepthBudget(threshold, None, _last(networks, beyond, lambda gradient: gradient <= limit))


class _GrowingNetwork:
    """Networks of every depth share their forward pass: it is continued as deep as anyone asks."""

    def __init__(self, first: LayerLaw, hidden: LayerLaw, activation: Activation, start: Start, max_depth: int) -> None:
        self.max_depth = max_depth
        self._laws = network_laws(first, hidden, max_depth)
        self._start: Start = start
        self._coming = forward(self._laws, activation)
        self._neurons: list[Neuron] = []

    def log_gradient(self, depth: int) -> float:
        """ln E |delta_1| at this depth. Raises OutOfRangeError where theory has no number."""
        for _ in repeat(None, depth - len(self._neurons)):
            self._neurons.append(next(self._coming))
        neurons = self._neurons[:depth]
        *_, signal = backward(self._laws[:depth], neurons, self._start)
        return log_mean_absolute(neurons[0], signal)


def _some_depth(networks: _GrowingNetwork, limit: float) -> int | None:
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


def _last(networks: _GrowingNetwork, beyond: int, passes: Callable[[float], bool]) -> int:
    """The last depth at which `passes` holds, below one at which it does not."""
    good, bad = beyond // 2, beyond
    while bad - good > 1:
        middle = (good + bad) // 2
        if passes(networks.log_gradient(middle)):
            good = middle
        else:
            bad = middle
    return good


def preserving_gain(
    laws: Sequence[LayerLaw], activation: Activation, start: Start = "ones", log10_target: float = 0.0
) -> float | None:
    """The factor on all weights at which the first layer gets the gradient 10^log10_target, nearest to 1.

    None if there is none between 1e-5 and 1e5, as in a tanh network of one layer, whose slopes are below 1.
    """
    check_chain(laws)

    def excess(log_gain: float) -> float:
        scaled = [law.scaled(math.exp(log_gain)) for law in laws]
        neurons = list(forward(scaled, activation))
        *_, signal = backward(scaled, neurons, start)
        return log_mean_absolute(neurons[0], signal) - log10_target * _LN_10

    try:
        here, value = 0.0, excess(0.0)
        if value == 0.0:
            return 1.0
        step = -math.copysign(math.log(_GAIN_STEP), value)
        for _ in repeat(None, _GAIN_STEPS):
            there = here + step
            value_there = excess(there)
            if (value > 0) != (value_there > 0):
                return math.exp(_root(excess, here, value, there, value_there))
            here, value = there, value_there
    except OutOfRangeError:
        pass
    return None


def _root(function: Callable[[float], float], a: float, at_a: float, b: float, at_b: float) -> float:
    """A root between a and b, by regula falsi in the Illinois variant (Dowell & Jarratt 1971)."""
    while abs(b - a) > _PRECISION and at_b != 0.0:
        c = b - at_b * (b - a) / (at_b - at_a)
        at_c = function(c)
        if (at_c > 0) == (at_b > 0):
            at_a /= 2.0
        else:
            a, at_a = b, at_b
        b, at_b = c, at_c
        if abs(at_c) < _PRECISION:
            break
    return b
