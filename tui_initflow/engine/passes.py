"""Forward and backward through a batch of networks: the equations of `reference`, at any depth and scale.

Every layer takes the steps of its `Block`, forward from h_{l-1} to h_l and backward from delta_l to delta_{l-1}:

    forward, (signal, exponent)              backward
    Normalise   N(y), in float64             N'(y) v
    Activate    f(y)                         f'(y) v
    Linear      W_l y + b_l                  W_l^T v
    Add         h_{l-1} + c y                c v, and v itself is added to what the branch gives for h_{l-1}

Nothing under- or overflows. Backward, delta_l is divided by its mean magnitude at every layer and its size is carried
as a logarithm, as are the scales of weights unless a branch is added to a skip; that is done in float64, and exact if
c = 0. Forward, see `signals`. An exponent is carried where f, or N and then f, is homogeneous: near zero if f(0) = 0,
because N there divides by sqrt(eps); far out only without a norm and if f does not level off on both sides. Elsewhere
h stays within float32: where f or N bounds what a block adds, a thousand blocks cannot carry it out of range. What ends
with N needs no exponents at all, because it has size 1.

Batch norm couples the inputs of a run, so they share its exponents and the size of its gradient: signals are those of
all inputs, one after the other, as in `products`.

A norm takes away the part of a gradient that changes only the mean or the size of h. Where hardly anything else
arrives, as from a layer with a single active neuron, what is left is below float32 rounding: small, but no more is
known of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from tui_initflow.engine.products import LayerWeights, by_input, unwritten_memory_is_harmless
from tui_initflow.engine.signals import (
    ANY_EXPONENT,
    BOTH_ENDS,
    LARGEST,
    REST,
    SMALLEST,
    Float64s,
    Floats,
    Preactivations,
    Range,
    add_bias,
    added,
    at_their_size,
    exponent_of,
    exponents_passed_on,
    rescaled,
)
from tui_initflow.functions.activations import Activation, in_pieces
from tui_initflow.functions.norms import Normalised, normalised
from tui_initflow.model.blocks import Activate, Add, Block, Linear, Normalise

Observer = Callable[[int, Floats, Float64s], None]
"""Gets every delta_l = 10^s * v on its way down as (l, v, s), v of shape (networks, *shape, n_l)."""
AXES = {"neurons": -1, "inputs": -2}
"""Axes of (…, inputs, n_l) that a norm takes its means over."""
NORMED_REST = 32
"""A vanishing signal rests at 2^-32 if it is normalised, since that multiplies it by 1 / sqrt(eps), about 2^8."""
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Networks:
    """A batch of networks; biases are b_1 … b_L, each (runs, n_l), or None."""

    weights: LayerWeights
    activation: Activation
    block: Block
    biases: Sequence[Floats] | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """h_1 … h_L, and what the way back needs besides.

    `slopes` is f' of what f is applied to in each layer, laid out like the signals of `h`. `norms` has what a step, by
    its place in the block, made of a layer: N(h), (*shape, inputs, n_l), in float64.
    """

    h: Preactivations
    slopes: Float64s
    norms: Mapping[tuple[int, int], Normalised]

    def through_norm(self, place: int, layer: int, v: Floats) -> Floats:
        """N'(h) v, of layer 1 to L."""
        norm = self.norms[place, layer - 1]
        return norm.back_without_rounding(by_input(v, norm.n.shape[-2])).reshape(v.shape)


@unwritten_memory_is_harmless
def forward(networks: Networks, h_1: Floats, checkpoint: Callable[[], None]) -> Passed:
    """The way up from h_1 (*shape, inputs * n_1), computed in its dtype."""
    weights, activation, block, biases = networks.weights, networks.activation, networks.block, networks.biases
    inputs, steps = h_1.shape[-1] // weights.widths[0], block.steps
    h = Preactivations.unfilled(h_1, [inputs * n for n in weights.widths])
    in_float64 = {place: np.empty(h.signals.size) for place, step in enumerate(steps) if isinstance(step, Normalise)}
    n_by_layer = {place: h.by_layer(n) for place, n in in_float64.items()}
    norms: dict[tuple[int, int], Normalised] = {}
    if biases is not None and inputs > 1:
        biases = [np.tile(bias, inputs) for bias in biases]

    def normalise(step: Normalise, place: int, layer: int, y: Floats) -> Floats:
        n = n_by_layer[place][layer]
        axis, out = AXES[step.over], by_input(n, inputs)
        norms[place, layer] = normalised(by_input(y, inputs), axis, centred=step.centred, out=out)
        return n

    of_scales = [exponent_of(scale) for scale in weights.scales]
    any_size = any(of_scales)
    within = BOTH_ENDS if any_size else _range(activation, block)
    has_ends, every = within.has_ends, 1 if block.has_skips else weights.rescale_every
    y, exponent = h_1, h.exponents[0] + of_scales[0]
    for layer, signal in enumerate(h.by_layer(h.signals)):
        below, below_exponent, at = y, exponent, layer - 1
        for place, step in enumerate(steps if layer else ()):
            match step:
                case Normalise():
                    y = normalise(step, place, at, y).astype(h_1.dtype)
                case Activate():
                    y = activation.function(y)
                    if any_size:
                        exponent = exponents_passed_on(activation, exponent)
                case Linear():
                    of_scale, at = of_scales[layer], layer
                    weights.product(layer + 1, y, signal, math.ldexp(1.0, -of_scale))
                    y = signal
                    if of_scale:
                        y, exponent = rescaled(y, exponent + of_scale, due=True)
                    if biases is not None:
                        exponent = add_bias(y, exponent, biases[layer])
                case Add():
                    if step.scale != 1.0:
                        y *= y.dtype.type(step.scale)
                    y, exponent = added(y, exponent, below, below_exponent)
                case _:
                    assert_never(step)
        if has_ends:
            y, exponent = rescaled(y, exponent, due=(layer + 1) % every == 0, within=within)
        if y is not signal:
            signal[...] = y
        h.exponents[layer] = exponent
    if not isinstance(steps[0], Normalise):
        arguments = at_their_size(h, activation)
    else:
        arguments = in_float64[0]
        if block.head[0] == steps[0]:
            normalise(steps[0], 0, len(weights.widths) - 1, y)
        else:
            n_by_layer[0][-1][...] = y
    checkpoint()
    return Passed(h, in_pieces(activation.derivative, arguments, checkpoint), norms)


def _range(activation: Activation, block: Block) -> Range:
    """Where h may be without being rescaled."""
    has_norm = any(isinstance(step, Normalise) for step in block.steps)
    vanishes = not isinstance(block.steps[-1], Normalise) and not activation.function(np.zeros(1)).any()
    explodes = not has_norm and activation.flat != "both sides"
    return Range(
        SMALLEST if vanishes else 0.0,
        LARGEST if explodes else math.inf,
        -(NORMED_REST if has_norm else REST) if vanishes else -ANY_EXPONENT,
        REST if explodes else ANY_EXPONENT,
    )


@unwritten_memory_is_harmless
def backward(
    networks: Networks,
    passed: Passed,
    output_gradient: Floats,
    depths: Sequence[int] | None = None,
    observe: Observer | None = None,
) -> Float64s:
    """log10 of the gradient at every point: (depths, *shape, L+1).

    `output_gradient` is (runs, inputs * n_L), of mean magnitude 1. `depths`, L first and falling, are those of the
    networks wanted: the first layers of this one, each with the output gradient above its last; L alone if None.
    Column k < L is log10 of the mean of |delta_{k+1}| over neurons and inputs, columns from the depth on are 0. An
    exactly zero gradient is -inf. Products with the weights are taken in the dtype of h, everything else in float64.
    """
    weights, activation, block, h = networks.weights, networks.activation, networks.block, passed.h
    slopes = h.by_layer(passed.slopes)
    last, steps = len(slopes), list(enumerate(block.steps))[::-1]
    depths, head = depths or (last,), block.head[0]
    ends_as_others = head == block.steps[0]

    def at_output(layer: int) -> Floats:
        """delta_l of networks that end with layer l."""
        if layer == last or ends_as_others:
            delta = slopes[layer - 1] * output_gradient
        else:
            signal = h.by_layer(h.signals)[layer - 1]
            delta = activation.derivative(signal.astype(np.float64)) * output_gradient
        return passed.through_norm(0, layer, delta) if isinstance(head, Normalise) else delta

    def one_layer_down(layer: int, delta: Floats) -> Floats:
        """delta_{l-1}, but for 10^log10_scales[l-1]."""
        skip, factor, at = None, 1.0, layer
        for place, step in steps:
            match step:
                case Normalise():
                    delta = passed.through_norm(place, at, delta)
                case Activate():
                    delta = slopes[at - 1] * delta
                case Linear():
                    delta = weights.transposed_product(layer, delta.astype(h.signals.dtype))
                    at = layer - 1
                case Add():
                    skip, factor = delta, step.scale * weights.scales[layer - 1]
                case _:
                    assert_never(step)
        if skip is not None:
            delta *= factor
            delta += skip
        return delta

    log10_scales = [0.0] * last if block.has_skips else np.log10(weights.scales).tolist()
    log10_gradient = np.zeros((len(depths), *h.shape, last + 1))
    # delta_l, (depths so far, *shape, inputs * n_l), and its size, which is carried as a logarithm
    delta, log10_size = at_output(last)[None][:0], np.zeros((0, *h.shape))
    with np.errstate(divide="ignore"):
        for layer in range(last, 0, -1):
            if layer in depths:
                log10_size = np.concatenate([log10_size, np.zeros((1, *h.shape))])
                delta = np.concatenate([delta, at_output(layer)[None]])
            mean = np.add.reduce(np.abs(delta), axis=-1) / delta.shape[-1]
            log10_gradient[: len(mean), ..., layer - 1] = log10_size + np.log10(mean)
            if observe is not None:
                observe(layer, delta, log10_size)
            if layer > 1:
                size = np.maximum(mean, TINY)
                log10_size = log10_size + (np.log10(size) + log10_scales[layer - 1])
                delta = one_layer_down(layer, delta / size[..., None])
    return log10_gradient
