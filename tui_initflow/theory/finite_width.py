"""Finite width: how far, and how much, ln mean |delta| of a real network strays from the infinitely wide one.

A network of n neurons is the mean-field recursion of two states,

    s = (m, q) forward        r = (M, p, V) backward,

with averages over n neurons where mean-field theory has expectations. Here it is expanded to first order in 1/n: noise
to first order for the variance of ln mean |delta|, the states to second order for its mean, the drift. Weights that are
not normal add their fourth cumulant. README.md has the derivation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.theory.averages import (
    ABSOLUTE,
    BACKWARD,
    DELTA,
    DELTA_SQUARE,
    FORWARD,
    PULL_G,
    SQUARE,
    TILT,
    VARIANCE_G,
    VARIANCE_Z,
    Averages,
    layer_averages,
    root_mean_square,
    share_of_weights,
)
from tui_initflow.theory.mean_field import (
    INPUT_COVARIANCE,
    INPUT_FOURTH_MOMENT,
    INPUT_SECOND_MOMENT,
    LayerLaw,
    Signal,
)
from tui_initflow.theory.neuron import Array, Neuron


@dataclass(frozen=True, slots=True)
class Spread:
    """ln mean |delta| of one layer is about Normal(ln E |delta| + drift, variance)."""

    drift: float
    variance: float


@dataclass(frozen=True, slots=True)
class Fluctuations:
    """The spread at layers 1, 2, ..., L, and how far the noise leaves the range where q -> q' is linear."""

    layers: list[Spread]
    tail: float
    """Relative growth of q by its own noise where q -> q' is convex (GELU, SiLU at small q), summed over layers: the
    larger, the heavier the tail of ln mean |delta|."""


def fluctuations(
    laws: Sequence[LayerLaw],
    neurons: Sequence[Neuron],
    signals: Sequence[Signal],
    checkpoint: Checkpoint = unstopped,
) -> Fluctuations:
    """What finite width does to ln mean |delta| at every layer."""
    averages, shapes = [], []
    for neuron, signal, law, above in zip(neurons, signals, laws, [*laws[1:], None], strict=True):
        checkpoint()
        averages.append(layer_averages(neuron, signal, law, above))
    for layer in range(len(laws)):
        checkpoint()
        shapes.append(_shape(laws, neurons, averages, layer, signals[layer].variance) - averages[layer].fixed)
    forward = _forward(laws, neurons, averages, shapes, checkpoint)
    backward = _LAST_SIGNAL
    spreads = []
    for layer in range(len(laws) - 1, -1, -1):
        checkpoint()
        joint = _Joint(forward[layer], forward[layer + 1], backward, shapes[layer])
        spreads.append(_spread_of_absolute(averages[layer], joint))
        if layer > 0:
            factors = _factors(laws[layer], neurons[layer], neurons[layer - 1], signals[layer], signals[layer - 1])
            backward = _pass_back(laws[layer], averages[layer], joint, factors, neurons[layer - 1])
    return Fluctuations(spreads[::-1], _tail(averages, forward))


def _tail(averages: Sequence[Averages], forward: Sequence[_ForwardState]) -> float:
    tail = 0.0
    for layer, state in zip(averages[:-1], forward, strict=False):
        bend = float(layer.hessian[SQUARE, VARIANCE_Z, VARIANCE_Z] / layer.expectation[SQUARE])
        tail += max(0.0, bend) * float(state.covariance[VARIANCE_Z, VARIANCE_Z]) / 2.0
    return tail


@dataclass(frozen=True, slots=True)
class _ForwardState:
    """Fluctuation of s = (m / sqrt q, q relative to its mean-field value) at one layer.

    s = carry s_below + gain (noise of the averages of f and f^2 below).
    """

    drift: Array
    covariance: Array
    carry: Array
    gain: Array


@dataclass(frozen=True, slots=True)
class _BackwardState:
    """Fluctuation of r = (M, p, V): response s_above + noise independent of s_above, the s one layer up."""

    drift: Array
    response: Array
    covariance: Array
    cubic: float = 0.0
    """A small part of the signal, proportional to f^3 in units of f."""


_AFTER_THE_LAST = _ForwardState(np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)))
_LAST_SIGNAL = _BackwardState(np.zeros(3), np.zeros((3, 2)), np.zeros((3, 3)))


def _forward(
    laws: Sequence[LayerLaw],
    neurons: Sequence[Neuron],
    averages: Sequence[Averages],
    shapes: Sequence[Array],
    checkpoint: Checkpoint,
) -> list[_ForwardState]:
    """The fluctuation of s at every layer, and a zero entry above the last one."""
    gain = _forward_gain(laws[0], neurons[0], 1.0)
    noise = np.array(INPUT_COVARIANCE) / laws[0].fan_in
    states = [_ForwardState(np.zeros(2), gain @ noise @ gain, np.zeros((2, 2)), gain)]
    for layer in range(1, len(laws)):
        checkpoint()
        below, state = averages[layer - 1], states[-1]
        gain = _forward_gain(laws[layer], neurons[layer], root_mean_square(neurons[layer - 1]))
        carry = gain @ below.gradient[FORWARD, FORWARD]
        curved = state.covariance + shapes[layer - 1][FORWARD, FORWARD]
        bent = np.einsum("kij,ij->k", below.hessian[FORWARD, FORWARD, FORWARD], curved) / 2.0
        covariance = carry @ state.covariance @ carry.T + gain @ below.noise[FORWARD, FORWARD] @ gain
        states.append(_ForwardState(carry @ state.drift + gain @ bent, covariance, carry, gain))
    return [*states, _AFTER_THE_LAST]


def _forward_gain(law: LayerLaw, neuron: Neuron, unit: float) -> Array:
    """d s / d (averages of f and f^2, in units of `unit` and its square)."""
    if neuron.variance == 0.0:
        return np.zeros((2, 2))
    return np.diag(
        [law.fan_in * law.mean * unit / neuron.nodes.deviation, law.sigma_w2 * unit * unit / neuron.variance]
    )


@dataclass(frozen=True, slots=True)
class _Joint:
    """What fluctuates at one layer: s, and r, which depends on s and on the layer's averages of f and f^2."""

    forward: _ForwardState
    above: _ForwardState
    backward: _BackwardState
    shape: Array
    """The variance of the state that stands for how z and g, at a given state, differ from normal."""

    @property
    def by_s(self) -> Array:
        """d r / d s."""
        return self.backward.response @ self.above.carry

    @property
    def by_noise(self) -> Array:
        """d r / d (averages of f and f^2)."""
        return self.backward.response @ self.above.gain

    def combine(self, gradient: Array, own: Array, noise: Array) -> tuple[Array, Array]:
        """Response to s, and covariance of the rest, of gradient (s, r) + own (averages)."""
        by_r = gradient[:, BACKWARD]
        response = gradient[:, FORWARD] + by_r @ self.by_s
        own = own.copy()
        own[:, FORWARD] += by_r @ self.by_noise
        return response, own @ noise @ own.T + by_r @ self.backward.covariance @ by_r.T

    def drifts(self, averages: Averages) -> Array:
        """By how much the expectation of every average moves, to order 1/n."""
        drift = np.concatenate([self.forward.drift, self.backward.drift])
        identity = np.eye(5)
        response, rest = self.combine(identity, np.zeros((5, 6)), averages.noise)
        covariance = response @ self.forward.covariance @ response.T + rest + self.shape
        bent = np.einsum("kij,ij->k", averages.hessian, covariance) / 2.0
        coupled = np.einsum("kij,ij->k", averages.coupling, self.by_noise)
        moved: Array = averages.gradient @ drift + bent + coupled
        moved += averages.cubic * self.backward.cubic
        moved[TILT] -= averages.fixed[VARIANCE_Z, VARIANCE_Z] * averages.gradient[TILT, VARIANCE_Z]
        return moved


def _spread_of_absolute(averages: Averages, joint: _Joint) -> Spread:
    mean = averages.expectation[ABSOLUTE]
    response, rest = joint.combine(averages.gradient[[ABSOLUTE]], np.eye(6)[[ABSOLUTE]], averages.noise)
    variance = (response @ joint.forward.covariance @ response.T + rest).item() / mean**2
    return Spread(joint.drifts(averages)[ABSOLUTE] / mean - variance / 2.0, max(variance, 0.0))


def _factors(law: LayerLaw, neuron: Neuron, below: Neuron, signal: Signal, passed: Signal) -> Array:
    """d (M, p, V of the layer below) / d (averages of delta, u delta and delta^2)."""
    scale = math.exp(signal.log_scale + neuron.log_unit - passed.log_scale)
    deviation = neuron.nodes.deviation or math.inf
    return np.array(
        [
            law.fan_out * law.mean * scale,
            law.fan_out * law.variance * scale * root_mean_square(below) / deviation,
            law.fan_out * law.variance * scale * scale,
        ]
    )


def _pass_back(law: LayerLaw, averages: Averages, joint: _Joint, factors: Array, below: Neuron) -> _BackwardState:
    """Fluctuation of the signal one layer down; V' loses share (q - sigma_b^2) tilt^2 if the matrix is orthogonal."""
    share = law.share_lost_along_z
    of_weights = share_of_weights(below, law)  # (q - sigma_b^2) / q
    rows = [DELTA, TILT, DELTA_SQUARE]
    gradient, own = averages.gradient[rows], np.eye(6)[rows]
    drift = joint.drifts(averages)[rows]
    if share:
        tilt = averages.expectation[TILT]
        response, rest = joint.combine(gradient[[1]], own[[1]], averages.noise)
        of_z = joint.forward.covariance
        variance = (response @ of_z @ response.T + rest).item()
        with_q = (response @ of_z)[0, VARIANCE_Z]
        lost = 2.0 * tilt * (of_weights * drift[1] + with_q) + tilt * tilt * joint.forward.drift[VARIANCE_Z]
        lost += of_weights * variance
        spared = averages.expectation[DELTA_SQUARE] - share * of_weights * tilt * tilt  # over one direction fewer
        drift[2] += spared / max(law.fan_in, law.fan_out) - share * lost
        gradient[2] -= share * of_weights * 2.0 * tilt * gradient[1]
        gradient[2, VARIANCE_Z] -= share * tilt * tilt
        own[2] -= share * of_weights * 2.0 * tilt * own[1]
    response, rest = joint.combine(gradient, own, averages.noise)
    cubic = factors[1] * _cubic_pull(law, averages, below)
    return _BackwardState(factors * drift, factors[:, None] * response, factors[:, None] * rest * factors, cubic)


def _shape(
    laws: Sequence[LayerLaw],
    neurons: Sequence[Neuron],
    averages: Sequence[Averages],
    layer: int,
    signal_variance: float,
) -> Array:
    """(5, 5): variance of the state that stands for the weights' kurtosis at one layer, counted from 0."""
    shape = np.zeros((5, 5))
    law, neuron = laws[layer], neurons[layer]
    if law.excess_kurtosis and neuron.variance:
        if layer:
            kurtosis = _kurtosis(averages[layer - 1], SQUARE, law.fan_in)
            below_square = neurons[layer - 1].output_square
        else:
            kurtosis = INPUT_FOURTH_MOMENT / INPUT_SECOND_MOMENT**2
            below_square = INPUT_SECOND_MOMENT
        share = law.sigma_w2 * below_square / neuron.variance
        shape[VARIANCE_Z, VARIANCE_Z] = law.excess_kurtosis * share**2 * kurtosis / (3.0 * law.fan_in)
    if layer + 1 < len(laws) and laws[layer + 1].excess_kurtosis:
        above, upper = laws[layer + 1], averages[layer + 1]
        kurtosis = _kurtosis(upper, DELTA_SQUARE, above.fan_out)
        bend = upper.gradient[DELTA_SQUARE, VARIANCE_Z] / upper.expectation[DELTA_SQUARE]
        share = share_of_weights(neuron, above)
        shape[VARIANCE_G, VARIANCE_G] = above.excess_kurtosis * signal_variance**2 * kurtosis / (3.0 * above.fan_out)
        shape[PULL_G, PULL_G] = above.excess_kurtosis * signal_variance * share * bend / above.fan_in
    return shape


def _cubic_pull(law: LayerLaw, averages: Averages, below: Neuron) -> float:
    """The part of W^T delta that goes with f^3, relative to what the average of u delta gives along f."""
    bend: float = averages.gradient[TILT, VARIANCE_Z]
    return law.excess_kurtosis * share_of_weights(below, law) * bend / (3.0 * law.fan_in)


def _kurtosis(averages: Averages, average: int, width: int) -> float:
    """E x^4 / (E x^2)^2 of one neuron, from the noise of the layer's average of x^2."""
    mean: float = averages.expectation[average]
    return 1.0 + width * float(averages.noise[average, average]) / mean**2
