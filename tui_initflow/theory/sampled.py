"""The infinitely wide network with skips or norms, followed as a sample: some of its neurons, up and down its layers.

What all such predictions share is here: the equations of a block, and what is kept of the layers. How neurons are
drawn and what the weights do to a gradient is the law of a sample, in `blocks` for one input, in `batch_norm` for a
batch of inputs. Arrays have a neuron's numbers in each row: (neurons,), or (neurons, inputs).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import assert_never

import numpy as np

from tui_initflow.engine.pool import Checkpoint
from tui_initflow.functions.activations import Activation, in_pieces
from tui_initflow.functions.norms import normalised
from tui_initflow.model.blocks import Activate, Add, Block, Linear, Normalise
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import LayerLaw
from tui_initflow.theory.neuron import Array, OutOfRangeError
from tui_initflow.theory.prediction import Prediction, at_infinite_width, no_prediction

KEPT = 1 << 23
"""Numbers of the layers that are kept for the way down, 64 MB: those of the highest, then of lower ones drawn again."""
ARRAYS = 4
"""Arrays that are kept of a layer."""

Back = Callable[[Array], Array]
"""Leads the gradient delta_l, or that at another place, back down."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's sample: what f is applied to, f of it, and the z that follows but for the part of the weights' mean."""

    argument: Array
    value: Array
    branch: Array


class Sample(ABC):
    """A sample of the neurons of every layer. `checkpoint` is called in every layer, and may raise."""

    def __init__(
        self,
        laws: Sequence[LayerLaw],
        activation: Activation,
        block: Block,
        size: int,
        checkpoint: Checkpoint,
    ) -> None:
        self.block = block
        self.checkpoint = checkpoint
        self._laws = laws
        self._activation = activation
        self._stretch = max(1, KEPT // (ARRAYS * size))
        self._kept: dict[int, Array] = {}
        self._layers: list[Back] = []

    @abstractmethod
    def first(self, law: LayerLaw) -> Array:
        """h_1."""

    @abstractmethod
    def branch(self, number: int, law: LayerLaw, below: Array, value: Array) -> Array:
        """A layer's z without the part that the mean of the weights adds, from h below: the same at every call."""

    @abstractmethod
    def signs(self) -> Array:
        """Random signs for the output gradient."""

    @abstractmethod
    def arriving(self, number: int, law: LayerLaw, layer: Layer, u: Array, slope: Array) -> Array:
        """f' times what W^T makes of the gradient u for a layer's z."""

    def upwards(self) -> Iterator[Array]:
        """h_1 … h_L."""
        h = self.first(self._laws[0])
        yield h
        for number in range(2, len(self._laws) + 1):
            if (number - 2) % self._stretch == 0:
                self._kept[number] = h
                self._layers = []
            layer, h = self._layer(number, h)
            self._layers.append(layer)
            yield h
        self._top = h

    def log_gradients(self, output_gradient: OutputGradient) -> list[float]:
        """ln mean |delta| at the points L0 … L{L-1}, once all layers have been drawn upwards."""
        y = self._top
        back: Back = _unchanged
        for step in self.block.head:
            if isinstance(step, Normalise):
                y, back = _normalised(step, y, back)
        slope = self._slope(y)
        delta = back(slope if output_gradient == "ones" else slope * self.signs())
        sizes = [_size(delta)]
        for layer_down in self._downwards():
            self.checkpoint()
            # delta in units of its own mean
            delta = layer_down(delta / sizes[-1])
            sizes.append(_size(delta))
        return list(accumulate(map(math.log, sizes)))[::-1]

    def _downwards(self) -> Iterator[Back]:
        """What leads from delta_l to delta_{l-1}, l = L … 2, of layers drawn again from what is kept."""
        layers = self._layers
        while self._kept:
            first, h = self._kept.popitem()
            if not layers:
                for number in range(first, first + self._stretch):
                    layer, h = self._layer(number, h)
                    layers.append(layer)
            while layers:
                yield layers.pop()

    def _layer(self, number: int, below: Array) -> tuple[Back, Array]:
        """What leads back through a layer, and its h, from h of that below."""
        self.checkpoint()
        law, y = self._laws[number - 1], below
        back: Back = _unchanged
        for step in self.block.steps:
            match step:
                case Normalise():
                    y, back = _normalised(step, y, back)
                case Activate():
                    argument, y = y, in_pieces(self._activation.function, y, self.checkpoint)
                case Linear():
                    layer = Layer(argument, y, self.branch(number, law, below, y))
                    y = layer.branch + law.fan_in * law.mean * np.mean(y, axis=0)
                    back = self._through_weights(number, law, layer, back)
                case Add():
                    y = below + step.scale * y
                    back = _added(step.scale, back)
                case _:
                    assert_never(step)
        return back, y

    def _through_weights(self, number: int, law: LayerLaw, layer: Layer, back: Back) -> Back:
        return lambda u: back(self.arriving(number, law, layer, u, self._slope(layer.argument)))

    def _slope(self, argument: Array) -> Array:
        return in_pieces(self._activation.derivative, argument, self.checkpoint)


def predict_sampled(samples: Iterable[Sample], depth: int, output_gradient: OutputGradient, note: str) -> Prediction:
    """The mean of |delta| over all samples, and mean and variance of h by layer, at infinite width."""
    heights, log_gradients = [], []
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            for sample in samples:
                heights.append([(float(np.mean(h)), float(np.var(h))) for h in sample.upwards()])
                log_gradients.append(sample.log_gradients(output_gradient))
    except OutOfRangeError as error:
        return no_prediction(depth, str(error))
    mean, variance = np.moveaxis(np.array(heights), -1, 0)
    return at_infinite_width(
        np.mean(variance, axis=0) + np.var(mean, axis=0),
        np.mean(mean, axis=0),
        np.append(_log10_mean(np.array(log_gradients)), 0.0),
        note=note,
    )


def check_finite(values: Array) -> None:
    """Raise OutOfRangeError unless all of a signal's numbers are finite."""
    if not np.isfinite(values).all():
        raise OutOfRangeError("the signal leaves double precision")


def _unchanged(v: Array) -> Array:
    return v


def _normalised(step: Normalise, y: Array, back: Back) -> tuple[Array, Back]:
    """N(y), over the last axis: the neurons of one input, or the inputs of each neuron."""
    norm = normalised(y, -1, centred=step.centred)
    return norm.n, lambda v: back(norm.back_without_rounding(v))


def _added(scale: float, back: Back) -> Back:
    """Past the branch, and back through it."""
    return lambda v: v + back(scale * v)


def _size(delta: Array) -> float:
    """mean |delta|."""
    size = float(np.mean(np.abs(delta)))
    if not 0.0 < size < math.inf:
        raise OutOfRangeError("no gradient passes" if size == 0.0 else "the gradient leaves double precision")
    return size


def _log10_mean(logarithms: Array) -> Array:
    """log10 of the means over the samples, by layer, of numbers with these logarithms."""
    largest = np.max(logarithms, axis=0)
    mean: Array = (largest + np.log(np.mean(np.exp(logarithms - largest), axis=0))) / math.log(10.0)
    return mean
