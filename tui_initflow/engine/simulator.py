"""One method of an experiment: draws its networks, batch by batch of runs, and sends them through both passes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.gradient_elements import ElementCounter, ElementCounts
from tui_initflow.engine.implicit import law_of
from tui_initflow.engine.passes import Networks, Observer, Passed, backward, forward
from tui_initflow.engine.products import ForSeveral, LayerWeights, first_layer
from tui_initflow.engine.signals import Float64s, Preactivations
from tui_initflow.engine.streams import Floats32, Slot, Stream
from tui_initflow.engine.weights import DrawnWeights, WeightPlan, drawn_numbers
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INPUT, Normal, Uniform
from tui_initflow.model.number_formats import NUMBER_FORMATS

KEPT_WEIGHTS = 1 << 22
"""Weights of a run that are kept between the passes: 16 MB; larger networks are redrawn for each pass."""
BACK = {Slot.A: Slot.BACK_A, Slot.B: Slot.BACK_B}
"""Where no weights are drawn, the slot of what they do to the gradient."""


class Workspace(threading.local):
    """Streams and memory that the simulators of one seed share; every thread has its own."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[Slot, Stream] = {}
        self._buffer = np.empty(0, np.float32)

    def stream(self, slot: Slot) -> Stream:
        if slot not in self._streams:
            self._streams[slot] = Stream(self._seed, slot)
        return self._streams[slot]

    def buffer(self, numbers: int) -> Floats32:
        """Memory for this many numbers, reused by every call."""
        if len(self._buffer) < numbers:
            self._buffer = np.empty(numbers, np.float32)
        return self._buffer


@dataclass(frozen=True, slots=True)
class BatchPasses:
    """Both passes of a batch: pre-activations, f' at its arguments, and gradients (runs, L+1).

    `slopes` are flat like the signals of `preactivations`. Pre-activations are those of `reference`: h.
    `elements` is None unless the experiment has a number format.
    """

    preactivations: Preactivations
    slopes: Float64s
    log10_gradient: Float64s
    elements: ElementCounts | None


class Simulator:
    """Method a or b of an experiment.

    `checkpoint` is called at least every few milliseconds; what it raises ends the work.
    """

    def __init__(
        self, experiment: Experiment, slot: Slot, checkpoint: Callable[[], None], workspace: Workspace | None = None
    ) -> None:
        self._network = experiment.network
        self._format = NUMBER_FORMATS.get(experiment.format)
        self._slot = slot
        self._checkpoint = checkpoint
        self._workspace = workspace or Workspace(experiment.seed)
        method = experiment.methods[slot.side]
        self._block = method.block
        self._inputs = method.inputs
        self._sampler = method.sampler
        self._plan = WeightPlan(method.initialiser, self._network.shapes)

    def passes(self, runs: range) -> BatchPasses:
        """Forward and backward for `runs`; a single run if its weights are too many to keep."""
        counter = None if self._format is None else ElementCounter(self._format, self._network.layers)
        passed, (log10_gradient,) = self._both(self.first_layer(runs), runs, observe=counter)
        elements = None if counter is None else counter.counts()
        return BatchPasses(passed.h, passed.slopes, log10_gradient, elements)

    def log10_finals(self, z_1: Floats32, runs: range, depths: Sequence[int]) -> Float64s:
        """log10 of the final gradients (depths, points, runs) from `first_layer` of points, for falling depths."""
        _, log10_gradient = self._both(z_1, runs, depths=depths)
        return log10_gradient[..., 0]

    def first_layer(self, runs: range) -> Floats32:
        """z_1 (runs, n_1), with batch norm (runs, inputs * n_1); the first input is that of other networks."""
        x = [self._numbers(Slot.X, i, runs, INPUT, self._network.features) for i in range(self._inputs)]
        bias = self._bias(1, runs) if self._network.sigma_b else None
        return first_layer(np.concatenate(x, axis=1), self._weights(runs), bias, self._inputs)

    def _both(
        self, z_1: Floats32, runs: range, *, depths: Sequence[int] | None = None, observe: Observer | None = None
    ) -> tuple[Passed, Float64s]:
        networks = Networks(self._weights(runs), self._network.activation, self._block, self._biases(runs))
        passed = forward(networks, z_1, self._checkpoint)
        log10_gradient = backward(networks, passed, self._output_gradient(runs), depths, observe)
        self._checkpoint()
        return passed, log10_gradient

    def _numbers(self, slot: Slot, layer: int, runs: range, distribution: Normal | Uniform, count: int) -> Floats32:
        stream = self._workspace.stream(slot)
        return drawn_numbers(stream, layer, runs, distribution, count, self._checkpoint)

    def _biases(self, runs: range) -> list[Floats32] | None:
        """b_1 … b_L; None without biases."""
        if not self._network.sigma_b:
            return None
        return [self._bias(layer, runs) for layer in range(1, self._network.layers + 1)]

    def _bias(self, layer: int, runs: range) -> Floats32:
        """b_l (runs, n_l)."""
        slot = Slot.BIAS_A if self._slot is Slot.A else Slot.BIAS_B
        return self._numbers(slot, layer, runs, Normal(self._network.sigma_b), self._network.widths[layer - 1])

    def _output_gradient(self, runs: range) -> Floats32:
        """g, (runs, inputs * n_L), for the first input the same for both methods; every input has signs of its own."""
        if self._network.start == "ones":
            return np.ones((len(runs), 1), np.float32)
        width, signs = self._network.widths[-1], Uniform(-1.0, 1.0)
        numbers = [self._numbers(Slot.OUTPUT_GRADIENT, i, runs, signs, width) for i in range(self._inputs)]
        return np.copysign(np.float32(1.0), np.concatenate(numbers, axis=1))

    def _weights(self, runs: range) -> LayerWeights:
        if self._sampler == "implicit":
            forward, backward = map(self._workspace.stream, (self._slot, BACK[self._slot]))
            return law_of(self._plan)(self._plan, forward, backward, runs, self._checkpoint)
        matrices = self._matrices(runs)
        return matrices if self._inputs == 1 else ForSeveral(matrices, self._inputs)

    def _matrices(self, runs: range) -> DrawnWeights:
        keep = self._network.weights <= KEPT_WEIGHTS
        buffer = self._workspace.buffer(len(runs) * self._plan.numbers(keep=keep))
        stream = self._workspace.stream(self._slot)
        return DrawnWeights(self._plan, stream, runs, buffer, self._checkpoint, keep=keep)
