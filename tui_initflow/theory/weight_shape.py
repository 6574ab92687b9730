"""What the shape of the weights' distribution, beyond mean and variance, does at finite width.

With the excess kurtosis k of the weights, and to order 1/n,

    z given h          has the fourth cumulant k v^2 sum h^4
    W^T delta given z  has the fourth cumulant k v^2 sum delta^4, and at unit j
                       the variance v sum delta^2 + k v^2 h_j^2 / (2 q) sum delta^2 (u^2 - 1)

and W^T delta has a part k v^2 h_j^3 / (6 q^3/2) sum delta He_3(u) beside the one proportional to h_j.

An average E g(z) moves with a fourth cumulant c by c / 24 E g'''', which is what a variance c / 3 of q would do.
So all three are told as variances of the state (m, q, M, a, V): c / 3 for q and V, and for the last one of a, since
a variance x of a adds x h_j^2 to that of the signal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_initflow.theory.averages import (
    DELTA_SQUARE,
    PULL_G,
    SQUARE,
    TILT,
    VARIANCE_G,
    VARIANCE_Z,
    Averages,
    share_of_weights,
)
from tui_initflow.theory.laws import INPUT_FOURTH_MOMENT, INPUT_SECOND_MOMENT, LayerLaw
from tui_initflow.theory.neuron import Neuron
from tui_initflow.theory.quadrature import Array


def layer_shape(
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


def cubic_pull(law: LayerLaw, averages: Averages, below: Neuron) -> float:
    """The part of W^T delta that goes with f^3, relative to what the average of u delta gives along f."""
    bend: float = averages.gradient[TILT, VARIANCE_Z]
    return law.excess_kurtosis * share_of_weights(below, law) * bend / (3.0 * law.fan_in)


def _kurtosis(averages: Averages, average: int, width: int) -> float:
    """E x^4 / (E x^2)^2 of one neuron, from the noise of the layer's average of x^2."""
    mean: float = averages.expectation[average]
    return 1.0 + width * float(averages.noise[average, average]) / mean**2
