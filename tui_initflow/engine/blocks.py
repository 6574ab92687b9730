"""Forward and backward through a batch of networks with skips or norms: `passes` for every `Block` but the plain one.

Nothing under- or overflows here either. A skip and its branch share the exponent of h, which is carried where f, or N
and then f, is homogeneous: near zero if f(0) = 0, because N there divides by sqrt(eps); far out only without a norm
and if f does not level off on both sides. Elsewhere h stays within float32: where f or N bounds what a block adds, a
thousand blocks cannot carry it out of range. Post-norm needs no exponents at all, because h has size 1. N is computed
in float64. Batch norm couples the inputs of a run, so they share its exponents and the size of its gradient: signals
are those of all inputs, one after the other, as in `products`.

Backward, the skip is added in float64, to a delta that is carried as in `passes`: what is carried is exact if c = 0.
A norm takes away the part of a gradient that changes only the mean or the size of h. Where hardly anything else
arrives, as from a layer with a single active neuron, what is left is below float32 rounding: small, but no more is
known of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_initflow.engine.passes import Observer, carried_back
from tui_initflow.engine.products import LayerWeights, by_input, unwritten_memory_is_harmless
from tui_initflow.engine.signals import (
    ANY_EXPONENT,
    BOTH_ENDS,
    Float64s,
    Floats,
    Preactivations,
    Range,
    add_bias,
    exponent_of,
    rescaled,
)
from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import EPSILON, Block, Norm

NORMED_REST = 32
"""A vanishing signal rests at 2^-32 if it is normalised, since that multiplies it by 1 / sqrt(eps), about 2^8."""

ROUNDING = 1e-14
"""Share of a gradient that a norm passes on below which what is left is rounding, and the exact value zero.

So it is where all of it would change only the mean or the size of h: of ones, above a layer norm without activation.
Batch norm passes on each neuron's gradient by itself.
"""


@dataclass(frozen=True, slots=True)
class BlockLayers:
    """h_1 … h_L, and what was normalised on the way.

    `normalised` is laid out like the signals of `h`: N(h_l), or h_l of a post-norm network before it was rounded;
    `deviations` is what N divided by, for each layer (*shape, 1, 1) or, with batch norm, (*shape, 1, n_l). Both are
    meaningless without a norm, and in layer 1 of a post-norm network, which has none.
    """

    h: Preactivations
    normalised: Float64s
    deviations: list[Float64s]
    inputs: int


@unwritten_memory_is_harmless
def forward(
    h_1: Floats, weights: LayerWeights, activation: Activation, block: Block, biases: Sequence[Floats] | None = None
) -> BlockLayers:
    """h_1 … h_L from h_1 (*shape, inputs * n_1) and biases b_1 … b_L (runs, n_l), computed in the dtype of h_1."""
    inputs = h_1.shape[-1] // weights.widths[0]
    h = Preactivations.unfilled(h_1, [inputs * n for n in weights.widths])
    normalised = np.empty(h.signals.size if block.norm != "none" else 0)
    deviations = [np.ones((*h.shape, 1, 1))] * len(weights.widths)
    layers = h.by_layer(h.signals)
    n_by_layer = h.by_layer(normalised) if block.norm != "none" else []
    within = _range(activation, block)
    # no initialiser has a scale of which `first_layer` leaves out a power of two
    layers[0][...] = np.ldexp(h_1, exponent_of(weights.scales[0]))
    for index, signal in enumerate(layers):
        exponent = h.exponents[index]
        if index:
            below, exponent = layers[index - 1], h.exponents[index - 1]
            argument = n_by_layer[index - 1].astype(h_1.dtype) if block.normalises_input else below
            a = activation.function(argument)
            weights.product(index + 1, a, signal, block.scale)
            if block.has_skips:
                signal += below
            if biases is not None:
                bias = biases[index] * h_1.dtype.type(block.scale)
                exponent = add_bias(signal, exponent, bias if inputs == 1 else np.tile(bias, inputs))
            if block.kind == "post-norm":
                deviations[index] = _normalise(signal, block.norm, inputs, n_by_layer[index])
                signal[...] = n_by_layer[index]
        if within.has_ends:
            moved, exponent = rescaled(signal, exponent, due=True, within=within)
            if moved is not signal:
                signal[...] = moved
        h.exponents[index] = exponent
        if block.normalises_input:
            deviations[index] = _normalise(signal, block.norm, inputs, n_by_layer[index])
    return BlockLayers(h, normalised, deviations, inputs)


def _range(activation: Activation, block: Block) -> Range:
    """Where h may be without being rescaled."""
    rest = BOTH_ENDS if block.norm == "none" else Range(least_exponent=-NORMED_REST)
    vanishes = block.kind != "post-norm" and not activation.function(np.zeros(1)).any()
    explodes = block.norm == "none" and activation.flat != "both sides"
    return Range(
        rest.smallest if vanishes else 0.0,
        rest.largest if explodes else math.inf,
        rest.least_exponent if vanishes else -ANY_EXPONENT,
        rest.most_exponent if explodes else ANY_EXPONENT,
    )


def _normalise(h: Floats, norm: Norm, inputs: int, out: Float64s) -> Float64s:
    """Write N(h) to `out`, (*shape, inputs * n); returns what it was divided by, as in `BlockLayers`."""
    out[...] = h
    n = by_input(out, inputs)
    if norm != "rms":
        n -= _mean(n, norm)
    deviation: Float64s = np.sqrt(_mean_product(n, n, norm) + EPSILON)
    n /= deviation
    return deviation


def _mean(v: Floats, norm: Norm) -> Floats:
    """Over what the norm averages over: the inputs or the neurons of (…, inputs, n), whose axis is kept."""
    axis = -2 if norm == "batch" else -1
    mean: Floats = np.add.reduce(v, axis=axis, keepdims=True) / v.shape[axis]
    return mean


def _mean_product(u: Floats, v: Floats, norm: Norm) -> Floats:
    """The `_mean` of u v."""
    if norm == "batch":
        mean: Floats = np.einsum("...in,...in->...n", u, v)[..., None, :] / v.shape[-2]
    else:
        # not vecdot: BLAS would share out long vectors among its threads, whose number changes the rounding
        mean = np.einsum("...n,...n->...", u, v)[..., None] / v.shape[-1]
    return mean


def arguments(layers: BlockLayers, block: Block) -> Floats:
    """What f is applied to in every layer, laid out like the signals of `h`."""
    if not block.normalises_input:
        return layers.h.signals
    if block.has_skips:
        # the output of a pre-norm network is f(h_L)
        last = layers.h.by_layer(layers.normalised)[-1]
        last[...] = layers.h.by_layer(layers.h.signals)[-1]
    return layers.normalised


@unwritten_memory_is_harmless
def backward(
    layers: BlockLayers,
    slopes: Sequence[Float64s],
    weights: LayerWeights,
    activation: Activation,
    block: Block,
    dtype: np.dtype[Any],
    output_gradient: Floats,
    depths: Sequence[int] | None = None,
    observe: Observer | None = None,
) -> Float64s:
    """What `passes.backward` returns, from f' at the `arguments` of every layer, each (*shape, inputs * n_l).

    `output_gradient` is (runs, inputs * n_L); the gradient at a point is the mean over neurons and inputs.
    """
    inputs = layers.inputs
    h_by_layer = layers.h.by_layer(layers.h.signals)
    n_by_layer = layers.h.by_layer(layers.normalised) if block.norm != "none" else []

    def through_norm(layer: int, v: Floats) -> Floats:
        return _through_norm(v, n_by_layer[layer - 1], layers.deviations[layer - 1], block.norm, inputs)

    def at_output(layer: int) -> Floats:
        if block.kind == "pre-norm":
            slope: Floats = activation.derivative(h_by_layer[layer - 1].astype(np.float64))
            return slope * output_gradient
        delta = slopes[layer - 1] * output_gradient
        return delta if block.has_skips else through_norm(layer, delta)

    def one_layer_down(layer: int, delta: Floats) -> Floats:
        if block.kind == "post-norm":
            delta = through_norm(layer, delta)
        branch: Floats = slopes[layer - 2] * weights.transposed_product(layer, delta.astype(dtype))
        if block.normalises_input:
            branch = through_norm(layer - 1, branch)
        if not block.has_skips:
            return branch
        branch *= block.scale * weights.scales[layer - 1]
        branch += delta
        return branch

    log10_scales = [0.0] * len(slopes) if block.has_skips else np.log10(weights.scales).tolist()
    return carried_back(at_output, one_layer_down, log10_scales, layers.h.shape, depths, observe)


def _through_norm(v: Floats, n: Float64s, deviation: Float64s, norm: Norm, inputs: int) -> Floats:
    """N'(h) v from n = N(h) and what it was divided by."""
    v, n_by_input = by_input(v, inputs), by_input(n, inputs)
    through: Floats = v - n_by_input * _mean_product(n_by_input, v, norm)
    if norm != "rms":
        through -= _mean(v, norm)
    axis = -2 if norm == "batch" else -1
    is_rounding = np.abs(through).max(axis, keepdims=True) < ROUNDING * np.abs(v).max(axis, keepdims=True)
    if is_rounding.any():
        through = np.where(is_rounding, 0.0, through)
    through /= deviation
    return through.reshape(*v.shape[:-2], -1)
