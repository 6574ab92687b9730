"""One method at work: draws its networks, sends the signals forward and the gradients back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.activations import ACTIVATIONS
from tui_initflow.engine.distributions import Normal, Uniform
from tui_initflow.engine.draw import Floats32
from tui_initflow.engine.experiment import Experiment
from tui_initflow.engine.propagate import Float64s, Forward, backward, by_layer, forward
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import DrawnWeights, Networks, drawn_numbers

INPUT = Uniform(0.25, 0.75)
"""What the components of x are drawn from."""
KEPT_WEIGHTS = 1 << 22
"""Weights of a run that are kept between the passes: 16 MB; larger networks are drawn again for each pass."""


@dataclass(frozen=True, slots=True)
class Passes:
    """Both passes through a batch: pre-activations and f'(z), flat as in `found`, and gradients (runs, L+1)."""

    found: Forward
    z: Float64s
    slopes: Float64s
    log10_gradient: Float64s


class Method:
    """Method a or b of an experiment; not to be shared between threads.

    `checkpoint` is called every few milliseconds of work, at the latest; what it raises ends the work.
    """

    def __init__(self, experiment: Experiment, slot: Slot, checkpoint: Callable[[], None]) -> None:
        initialiser = experiment.initialisers[slot is Slot.B]
        self._experiment = experiment
        self._checkpoint = checkpoint
        self._activation = ACTIVATIONS[experiment.activation]
        stream = Stream(experiment.seed, slot)
        self._networks = Networks(stream, initialiser, experiment.shapes, checkpoint)
        self._inputs = Stream(experiment.seed, Slot.X)
        self._starts = Stream(experiment.seed, Slot.START)
        self._bias_stream = Stream(experiment.seed, Slot.BIAS_A if slot is Slot.A else Slot.BIAS_B)
        self._buffer: Floats32 = np.empty(0, np.float32)

    def passes(self, runs: range) -> Passes:
        """Forward and backward for `runs`, of which there is one only where the weights are too many to keep."""
        weights = self._weights(runs)
        found = forward(self._x(runs), weights, self._activation, self._biases(runs))
        self._checkpoint()
        z = found.signals.astype(np.float64)
        slopes = self._activation.derivative(z).astype(np.float64, copy=False)
        self._checkpoint()
        by_layer_slopes = by_layer(slopes, found.runs, found.widths)
        log10_gradient = backward(by_layer_slopes, weights, found.signals.dtype, self._start(runs))
        self._checkpoint()
        return Passes(found, z, slopes, log10_gradient)

    def _x(self, runs: range) -> Floats32:
        """Inputs (runs, F), the same for both methods."""
        return drawn_numbers(self._inputs, 0, runs, INPUT, self._experiment.features)

    def _biases(self, runs: range) -> list[Floats32] | None:
        """b_1 … b_L, each (runs, n_l), where there are biases."""
        if not self._experiment.sigma_b:
            return None
        distribution = Normal(self._experiment.sigma_b)
        widths = enumerate(self._networks.widths, 1)
        return [drawn_numbers(self._bias_stream, layer, runs, distribution, n) for layer, n in widths]

    def _start(self, runs: range) -> Floats32:
        """The signal that arrives at the last layer, (runs, n_L), the same for both methods."""
        if self._experiment.start == "ones":
            return np.ones((len(runs), 1), np.float32)
        numbers = drawn_numbers(self._starts, 0, runs, Uniform(-1.0, 1.0), self._networks.widths[-1])
        return np.copysign(np.float32(1.0), numbers)

    def _weights(self, runs: range) -> DrawnWeights:
        keep = self._experiment.weights_per_run <= KEPT_WEIGHTS
        layers = self._networks.layers
        words = sum(each.words for each in layers) if keep else max(p.words for each in layers for p in each.parts)
        if len(self._buffer) < len(runs) * 2 * words:
            self._buffer = np.empty(len(runs) * 2 * words, np.float32)
        return DrawnWeights(self._networks, runs, self._buffer, keep=keep)
