"""Forward and backward through a batch of plain networks: the equations of `reference`, at any depth and scale.

    z_l = W_l a_{l-1} + b_l          a_l = f(z_l)             forward, l = 1 … L
    delta_l = f'(z_l) * g_l          g_{l-1} = W_l^T delta_l  backward from the output gradient g_L, l = L … 1

Nothing under- or overflows. Backward, delta_l is divided by its mean magnitude at every layer and its size is carried
as a logarithm; forward, see `signals`. `blocks` does the same for networks with skips and norms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tui_initflow.engine.products import LayerWeights, unwritten_memory_is_harmless
from tui_initflow.engine.signals import (
    Float64s,
    Floats,
    Preactivations,
    add_bias,
    exponent_of,
    exponents_passed_on,
    rescaled,
)
from tui_initflow.functions.activations import Activation

Observer = Callable[[int, Floats, Float64s], None]
"""Is handed every delta_l = 10^s * v on its way down as (l, v, s), v of shape (networks, *shape, n_l)."""

TINY = float(np.finfo(np.float64).tiny)


@unwritten_memory_is_harmless
def forward(
    z_1: Floats, weights: LayerWeights, activation: Activation, biases: Sequence[Floats] | None = None
) -> Preactivations:
    """z_1 … z_L from z_1 (*shape, n_1) and biases b_1 … b_L (runs, n_l), computed in the dtype of z_1."""
    widths = weights.widths
    passed = Preactivations.unfilled(z_1, widths)
    z_by_layer = passed.by_layer(passed.signals)
    z_by_layer[0][...] = z_1
    if of_scale := exponent_of(weights.scales[0]):
        z_by_layer[0][...], passed.exponents[0] = rescaled(z_1, passed.exponents[0] + of_scale, due=True)
    for layer in range(2, len(widths) + 1):
        z_below, z = z_by_layer[layer - 2], z_by_layer[layer - 1]
        due = (layer - 1) % weights.rescale_every == 0
        exponent = exponents_passed_on(activation, passed.exponents[layer - 2])
        a, exponent = rescaled(activation.function(z_below), exponent, due=due)
        of_scale = exponent_of(weights.scales[layer - 1])
        weights.product(layer, a, z, math.ldexp(1.0, -of_scale))
        if of_scale:
            z[...], exponent = rescaled(z, exponent + of_scale, due=True)
        if biases is not None:
            exponent = add_bias(z, exponent, biases[layer - 1])
        passed.exponents[layer - 1] = exponent
    return passed


@unwritten_memory_is_harmless
def backward(
    slopes: Sequence[Float64s],
    weights: LayerWeights,
    dtype: np.dtype[Any],
    output_gradient: Floats,
    depths: Sequence[int] | None = None,
    observe: Observer | None = None,
) -> Float64s:
    """log10 of the gradient at every point from f'(z_1) … f'(z_L), each (*shape, n_l): (depths, *shape, L+1).

    `output_gradient` is g_L, (runs, n_L), of mean magnitude 1. `depths`, L first and falling, are those of the networks
    wanted: the first layers of this one, each with the output gradient above its last; L alone if None.
    Column k < L is log10 of the mean of |delta_{k+1}|, columns from the depth on are 0. An exactly zero gradient is
    -inf. Products with the weights are taken in `dtype`, everything else in float64.
    """

    def at_output(layer: int) -> Floats:
        return slopes[layer - 1] * output_gradient

    def one_layer_down(layer: int, delta: Float64s) -> Floats:
        return slopes[layer - 2] * weights.transposed_product(layer, delta.astype(dtype))

    log10_scales = np.log10(weights.scales).tolist()
    return carried_back(at_output, one_layer_down, log10_scales, slopes[0].shape[:-1], depths, observe)


def carried_back(
    at_output: Callable[[int], Floats],
    one_layer_down: Callable[[int, Float64s], Floats],
    log10_scales: Sequence[float],
    shape: tuple[int, ...],
    depths: Sequence[int] | None,
    observe: Observer | None,
) -> Float64s:
    """The result of `backward` from two functions.

    `at_output(l)` is delta_l of networks that end with layer l, (*shape, n_l); `one_layer_down(l, delta_l)` is
    delta_{l-1} for delta_l of mean magnitude 1, (networks, *shape, n_l), but for a factor 10^log10_scales[l-1].
    """
    layers = len(log10_scales)
    depths = (layers,) if depths is None else depths
    log10_gradient = np.zeros((len(depths), *shape, layers + 1))
    # the size of delta, (depths so far, *shape), is carried as a logarithm
    log10_size = np.zeros((0, *shape))
    # delta_l, (depths so far, *shape, n_l)
    delta: Floats = at_output(layers)[None][:0]
    with np.errstate(divide="ignore"):
        for layer in range(layers, 0, -1):
            if layer in depths:
                log10_size = np.concatenate([log10_size, np.zeros((1, *shape))])
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
