"""One method at work: draws its networks, sends the signals forward and the gradients back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.activations import ACTIVATIONS
from tui_initflow.engine.distributions import Distribution, Normal, Orthogonal, Uniform
from tui_initflow.engine.draw import draw
from tui_initflow.engine.experiment import Experiment
from tui_initflow.engine.layout import Layout, layout, whole_layers
from tui_initflow.engine.propagate import Float64s, Forward, backward, by_layer, forward
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import DrawnWeights, OrthogonalSource, Source

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
        self._scales = [initialiser.scale(shape) for shape in experiment.shapes]
        stream = Stream(experiment.seed, slot)
        self._layout: Layout
        self._source: Source
        if isinstance(initialiser.distribution, Orthogonal):
            self._layout = whole_layers(experiment.shapes)
            self._source = OrthogonalSource(stream, self._layout.segments, checkpoint, experiment.shapes)
        else:
            self._layout = layout(experiment.shapes)
            self._source = Source(stream, initialiser.distribution, self._layout.segments, checkpoint)
        self._inputs = Stream(experiment.seed, Slot.X)
        self._starts = Stream(experiment.seed, Slot.START)
        self._bias_stream = Stream(experiment.seed, Slot.BIAS_A if slot is Slot.A else Slot.BIAS_B)
        self._buffer: NDArray[np.float32] = np.empty(0, np.float32)

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

    def _x(self, runs: range) -> NDArray[np.float32]:
        """Inputs (runs, F), the same for both methods."""
        return _numbers(self._inputs, runs, INPUT, self._experiment.features)

    def _biases(self, runs: range) -> list[NDArray[np.float32]] | None:
        """b_1 … b_L, each (runs, n_l), where there are biases."""
        deviation = self._experiment.sigma_b
        if not deviation:
            return None
        widths = self._experiment.sizes[1:]
        drawn = _numbers(self._bias_stream, runs, Normal(deviation), sum(widths))
        return np.split(drawn, np.cumsum(widths)[:-1], axis=1)

    def _start(self, runs: range) -> NDArray[np.float32]:
        """The signal that arrives at the last layer, (runs, n_L), the same for both methods."""
        if self._experiment.start == "ones":
            return np.ones((len(runs), 1), np.float32)
        numbers = _numbers(self._starts, runs, Uniform(-1.0, 1.0), self._experiment.sizes[-1])
        return np.copysign(np.float32(1.0), numbers)

    def _weights(self, runs: range) -> DrawnWeights:
        segments = self._layout.segments
        keep = self._experiment.weights_per_run <= KEPT_WEIGHTS
        words = len(runs) * (sum if keep else max)(segment.words for segment in segments)
        if len(self._buffer) < 2 * words:
            self._buffer = np.empty(2 * words, np.float32)
        drawn = (self._source.kept if keep else self._source.replayed)(runs, self._buffer)
        return DrawnWeights(self._layout, self._scales, drawn, self._checkpoint)


def _numbers(stream: Stream, runs: range, distribution: Distribution, count: int) -> NDArray[np.float32]:
    """The first `count` numbers of every run's stream, (runs, count)."""
    words = -(-count // 2)
    drawn = np.empty((len(runs), 2 * words), np.float32)
    for row, run in zip(drawn, runs, strict=True):
        draw(distribution, stream.words(run, 0, words), row)
    return drawn[:, :count]
