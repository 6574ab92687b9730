"""Mean-field theory: the network in the limit of infinite width.

Forward (Poole et al. 2016, with the mean that weights such as rand() have):

    m_l = fan_in mu E h_{l-1}        q_l = fan_in v E h_{l-1}^2 + sigma_b^2        z_l ~ Normal(m_l, q_l)

Backward: see `tui_initflow.theory.signal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui_initflow.functions.activations import Activation
from tui_initflow.theory.laws import INPUT_MEAN, INPUT_SECOND_MOMENT, LayerLaw, Start
from tui_initflow.theory.neuron import Neuron, neuron
from tui_initflow.theory.signal import Signal, pass_back, starting_signal


def forward(laws: Sequence[LayerLaw], activation: Activation) -> Iterator[Neuron]:
    """The neurons of layer 1, 2, ..., L."""
    mean, square = INPUT_MEAN, INPUT_SECOND_MOMENT
    known: dict[tuple[float, float], Neuron] = {}  # at a fixed point all layers are the same
    for law in laws:
        moments = (law.fan_in * law.mean * mean, law.fan_in * law.variance * square + law.bias_variance)
        here = known.get(moments) or neuron(activation, *moments)
        known[moments] = here
        mean, square = here.output_mean, here.output_square
        yield here


def backward(laws: Sequence[LayerLaw], neurons: Sequence[Neuron], start: Start) -> Iterator[Signal]:
    """The signals that arrive at layer L, L - 1, ..., 1."""
    signal = starting_signal(start)
    yield signal
    for layer in range(len(laws) - 1, 0, -1):
        signal = pass_back(neurons[layer], laws[layer], signal, neurons[layer - 1])
        yield signal
