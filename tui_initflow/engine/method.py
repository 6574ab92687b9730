"""One method at work: draws its networks, sends the signals forward and the gradients back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.activations import ACTIVATIONS
from tui_initflow.engine.distributions import Uniform
from tui_initflow.engine.draw import draw
from tui_initflow.engine.experiment import Experiment
from tui_initflow.engine.initialisers import INITIALISERS
from tui_initflow.engine.layout import Layout, layout
from tui_initflow.engine.propagate import Float64s, Forward, backward, by_layer, forward
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import DrawnWeights, Source

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
        initialiser = INITIALISERS[experiment.a if slot is Slot.A else experiment.b]
        self._experiment = experiment
        self._checkpoint = checkpoint
        self._activation = ACTIVATIONS[experiment.activation]
        self._scales = [initialiser.scale(shape) for shape in experiment.shapes]
        self._layout: Layout = layout(experiment.shapes)
        self._inputs = Stream(experiment.seed, Slot.X)
        stream = Stream(experiment.seed, slot)
        self._source = Source(stream, initialiser.distribution, self._layout.segments, checkpoint)
        self._buffer: NDArray[np.float32] = np.empty(0, np.float32)

    def passes(self, runs: range) -> Passes:
        """Forward and backward for `runs`, of which there is one only where the weights are too many to keep."""
        weights = self._weights(runs)
        found = forward(self._x(runs), weights, self._activation)
        self._checkpoint()
        z = found.signals.astype(np.float64)
        slopes = self._activation.derivative(z).astype(np.float64, copy=False)
        self._checkpoint()
        log10_gradient = backward(by_layer(slopes, found.runs, found.widths), weights, found.signals.dtype)
        self._checkpoint()
        return Passes(found, z, slopes, log10_gradient)

    def _x(self, runs: range) -> NDArray[np.float32]:
        """Inputs (runs, F), the same for both methods."""
        features = self._experiment.features
        words = -(-features // 2)
        x = np.empty((len(runs), 2 * words), np.float32)
        for row, run in zip(x, runs, strict=True):
            draw(INPUT, self._inputs.words(run, 0, words), row)
        return x[:, :features]

    def _weights(self, runs: range) -> DrawnWeights:
        segments = self._layout.segments
        keep = self._experiment.weights_per_run <= KEPT_WEIGHTS
        words = len(runs) * (sum if keep else max)(segment.words for segment in segments)
        if len(self._buffer) < 2 * words:
            self._buffer = np.empty(2 * words, np.float32)
        drawn = (self._source.kept if keep else self._source.replayed)(runs, self._buffer)
        return DrawnWeights(self._layout, self._scales, drawn, self._checkpoint)
