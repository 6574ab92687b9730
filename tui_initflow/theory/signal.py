"""The backward signal that arrives at a neuron, given the neuron's pre-activation.

Textbooks take the signal to be independent of the neuron. It is not: given z = W h, the signal W^T delta has a
component along h (Stein's lemma; the gradient-independence check of Yang, arXiv 1902.04760). So the signal is

    g = M + a f(z) + Normal(0, V)          delta = f'(z) g

and its absolute moments are those of a folded normal distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui_initflow.functions.special import erf
from tui_initflow.theory.laws import LayerLaw, Start
from tui_initflow.theory.neuron import Neuron, OutOfRangeError
from tui_initflow.theory.quadrature import Array


@dataclass(frozen=True, slots=True)
class Signal:
    """Law of g in units of exp(log_scale): mean + pull f(z) + Normal(0, variance).

    `signs` marks the one signal that is not normal: an independent +1 or -1 for every neuron.
    """

    mean: float
    pull: float
    variance: float
    log_scale: float = 0.0
    signs: bool = False

    def absolute(self, value: Array) -> Array:
        """E |g| given f(z) = value: the mean of the folded normal."""
        if self.signs:
            return np.ones_like(value)
        centre = self.mean + self.pull * value
        if self.variance == 0.0:
            return np.abs(centre)
        ratio = centre / math.sqrt(2.0 * self.variance)
        spread = math.sqrt(2.0 * self.variance / math.pi)
        folded: Array = spread * np.exp(-ratio * ratio) + centre * erf(ratio)
        return folded


def starting_signal(start: Start) -> Signal:
    """The signal at the last layer."""
    return Signal(1.0, 0.0, 0.0) if start == "ones" else Signal(0.0, 0.0, 1.0, signs=True)


def log_mean_absolute(neuron: Neuron, signal: Signal) -> float:
    """ln E |delta| of the neurons that receive the signal."""
    mean = float(neuron.absolute_slope_weight @ signal.absolute(neuron.value))
    return math.log(mean) + neuron.log_unit + signal.log_scale


def returned_variance_share(law: LayerLaw) -> float:
    """How much of the second moment along z an orthogonal matrix takes out of the random part of W^T delta.

    For a matrix with independent entries it is one direction among many and does not count.
    """
    return min(1.0, law.fan_out / law.fan_in) if law.orthogonal else 0.0


def pass_back(neuron: Neuron, law: LayerLaw, signal: Signal, below: Neuron) -> Signal:
    """The signal W^T delta that the layer below receives.

    With n = fan_out and the weights' mean mu and variance v,

        M' = n mu E delta        V' = n v E delta^2        a' = n v E d(delta)/dz
        E d(delta)/dz = E[f'' (M + a f) + a f'^2]  (f'' with the jumps of f' at kinks)

    An orthogonal matrix keeps lengths, so there the part along h is taken out of V'.
    """
    centre, pull = signal.mean, signal.pull
    delta_mean = centre * neuron.slope + pull * neuron.slope_value
    delta_square = (
        (centre * centre + signal.variance) * neuron.slope2
        + 2.0 * centre * pull * neuron.slope2_value
        + pull * pull * neuron.slope2_value2
    )
    delta_slope = (
        centre * neuron.mean_curvature
        + pull * neuron.curvature_value
        + pull * math.exp(neuron.log_unit) * neuron.slope2
    )
    along = returned_variance_share(law) * neuron.variance * delta_slope * delta_slope
    mean = law.fan_out * law.mean * delta_mean
    pull = law.fan_out * law.variance * delta_slope
    variance = max(law.fan_out * law.variance * (delta_square - along), 0.0)
    size = math.sqrt(variance + mean * mean + pull * pull * below.output_square)
    if size == 0.0:
        raise OutOfRangeError("the weights of a layer are all zero, no gradient passes")
    return Signal(
        mean / size, pull / size, variance / (size * size), signal.log_scale + neuron.log_unit + math.log(size)
    )
