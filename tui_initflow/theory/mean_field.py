"""The infinitely wide network: weights as a mean and a variance per layer, z forward, the signal g backward.

    forward    z_l ~ Normal(m_l, q_l),  m_l = fan_in mu E a_{l-1},  q_l = fan_in v E a_{l-1}^2 + sigma_b^2
    backward   delta_l = f'(z_l) g_l,   g_l = M + p f(z_l) + Normal(0, V)

The pull p is what textbooks leave out: README.md derives it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.functions.special import erf
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.neuron import Array, Neuron, OutOfRangeError, neuron

INPUT_MEAN = 1 / 2
INPUT_SECOND_MOMENT = 13 / 48
INPUT_FOURTH_MOMENT = 121 / 1280
INPUT_COVARIANCE = ((1 / 48, 1 / 48), (1 / 48, 61 / 2880))
"""Moments of the input x ~ U(0.25, 0.75): E x, E x^2, E x^4 and the covariance matrix of (x, x^2)."""


@dataclass(frozen=True, slots=True)
class LayerLaw:
    """All that theory needs to know of one weight matrix (fan_out, fan_in) and of the bias beside it.

    `mean` and `variance` are those of one weight. An orthogonal matrix is a multiple of one with orthonormal rows or
    columns, whichever are fewer. The excess kurtosis of a weight matters at finite width only.

    Raises:
        ValueError: a size below 1, a negative variance, or an orthogonal matrix with a mean.
    """

    fan_in: int
    fan_out: int
    variance: float
    mean: float = 0.0
    bias_variance: float = 0.0
    orthogonal: bool = False
    excess_kurtosis: float = 0.0

    def __post_init__(self) -> None:
        if self.fan_in < 1 or self.fan_out < 1:
            raise ValueError(f"a layer needs at least one input and one neuron, not {self.fan_in} and {self.fan_out}")
        if not (self.variance >= 0 and self.bias_variance >= 0):
            raise ValueError("a variance cannot be negative")
        if self.orthogonal and self.mean:
            raise ValueError("an orthogonal matrix has mean zero")

    @property
    def sigma_w2(self) -> float:
        """fan_in Var(w)."""
        return self.fan_in * self.variance

    @property
    def share_lost_along_z(self) -> float:
        """The share of the second moment of W^T delta along z that orthogonality removes from its random part.

        With independent entries that is one direction among many and does not count.
        """
        return min(1.0, self.fan_out / self.fan_in) if self.orthogonal else 0.0

    def scaled(self, gain: float) -> LayerLaw:
        """This law with every weight, but not the bias, multiplied by `gain`."""
        return replace(self, mean=self.mean * gain, variance=self.variance * gain * gain)


def network_laws(first: LayerLaw, hidden: LayerLaw, depth: int) -> tuple[LayerLaw, ...]:
    """A first layer and depth - 1 equal layers."""
    return (first,) + (hidden,) * (depth - 1)


def check_chain(laws: Sequence[LayerLaw]) -> None:
    """Raise ValueError unless each layer takes as many inputs as the one below has neurons."""
    if not laws:
        raise ValueError("a network needs at least one layer")
    for number, (below, above) in enumerate(pairwise(laws), start=1):
        if below.fan_out != above.fan_in:
            raise ValueError(f"layer {number} has {below.fan_out} neurons, layer {number + 1} takes {above.fan_in}")


def forward(laws: Sequence[LayerLaw], activation: Activation, checkpoint: Checkpoint = unstopped) -> Iterator[Neuron]:
    """The neurons of layer 1, 2, ..., L."""
    mean, square = INPUT_MEAN, INPUT_SECOND_MOMENT
    known: dict[tuple[float, float], Neuron] = {}  # at a fixed point all layers are the same
    for law in laws:
        checkpoint()
        moments = (law.fan_in * law.mean * mean, law.fan_in * law.variance * square + law.bias_variance)
        if moments not in known:
            known[moments] = neuron(activation, *moments)
        mean, square = known[moments].output_mean, known[moments].output_square
        yield known[moments]


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


def backward(
    laws: Sequence[LayerLaw],
    neurons: Sequence[Neuron],
    output_gradient: OutputGradient,
    checkpoint: Checkpoint = unstopped,
) -> Iterator[Signal]:
    """The signals that arrive at layer L, L - 1, ..., 1."""
    signal = Signal(1.0, 0.0, 0.0) if output_gradient == "ones" else Signal(0.0, 0.0, 1.0, signs=True)
    yield signal
    for layer in range(len(laws) - 1, 0, -1):
        checkpoint()
        signal = _pass_back(neurons[layer], laws[layer], signal, neurons[layer - 1])
        yield signal


def _pass_back(neuron: Neuron, law: LayerLaw, signal: Signal, below: Neuron) -> Signal:
    """The signal W^T delta that the layer below receives.

    With n = fan_out and the weights' mean mu and variance v,

        M' = n mu E delta        V' = n v E delta^2        p' = n v E d(delta)/dz
        E d(delta)/dz = E[f'' (M + p f) + p f'^2]  (f'' with the jumps of f' at kinks)

    An orthogonal matrix preserves lengths, so there the part along W a_{l-1} is taken out of E delta^2.
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
    along = law.share_lost_along_z * (neuron.variance - law.bias_variance) * delta_slope * delta_slope
    mean = law.fan_out * law.mean * delta_mean
    pull = law.fan_out * law.variance * delta_slope
    variance = max(law.fan_out * law.variance * (delta_square - along), 0.0)
    size = math.sqrt(variance + mean * mean + pull * pull * below.output_square)
    if size == 0.0:
        raise OutOfRangeError("the weights of a layer are all zero, no gradient passes")
    return Signal(
        mean / size, pull / size, variance / (size * size), signal.log_scale + neuron.log_unit + math.log(size)
    )


def log_mean_absolute(neuron: Neuron, signal: Signal) -> float:
    """ln E |delta| of the neurons that receive the signal."""
    mean = float(neuron.absolute_slope_weight @ signal.absolute(neuron.value))
    return math.log(mean) + neuron.log_unit + signal.log_scale
