"""Forward and backward through a batch of networks: the equations of `reference`, at any depth and scale.

    z_l = W_l a_{l-1} + b_l          a_l = f(z_l)             forward, l = 1 … L
    delta_l = f'(z_l) * g_l          g_{l-1} = W_l^T delta_l  backward from the output gradient g_L, l = L … 1

Nothing under- or overflows. Backward, delta_l is divided by its mean magnitude at every layer and its size is carried
as a logarithm. Forward, a signal that has become very small or large is multiplied by a power of two, which is carried
as an exponent: where |z| < 2^-20, f(c z) = c f(z) and f'(c z) = f'(z) to float32 precision for every f with
f(0) = 0, and no other f has vanishing signals; likewise far out for those f that can explode.

A weight is W_l = s_l D_l. The scale s_l multiplies vectors; D_l is never multiplied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation

Floats = NDArray[np.floating[Any]]
Float64s = NDArray[np.float64]
Block = tuple[slice, Floats]
"""Rows of D for every run of the batch: which rows, and their values (runs, rows, fan_in)."""

RESCALE_EVERY = 4
"""Layers between two checks of a signal's size, if each changes it by a factor of 0.01 to 10,000; else one."""
SMALLEST, LARGEST = 2.0**-40, 2.0**40
REST = 24
"""A signal outside SMALLEST to LARGEST is brought back to 2^-24 or 2^24, well inside where f is homogeneous."""
LEAST_BESIDE_A_BIAS = -80
"""Smallest exponent of a signal that a bias is added to."""
TINY = float(np.finfo(np.float64).tiny)


class LayerWeights(Protocol):
    """The weights W_l = s_l D_l of a batch of networks, s_l in `scales`, D_l by `blocks` of rows, n_l in `widths`.

    `rescale_every` is the number of layers between two checks of a signal's size.
    """

    @property
    def scales(self) -> Sequence[float]: ...

    @property
    def widths(self) -> Sequence[int]: ...

    @property
    def rescale_every(self) -> int: ...

    def blocks(self, layer: int) -> Iterable[Block]: ...


@dataclass(frozen=True, slots=True)
class Preactivations:
    """z_l = 2^exponent * signal of networks in an array of `shape`: (runs,), or (points, runs).

    `signals` holds one layer after the other, each (*shape, n_l) and all of them flat; `exponents` is (L, *shape).
    """

    widths: tuple[int, ...]
    shape: tuple[int, ...]
    signals: Floats
    exponents: NDArray[np.int32]

    def by_layer(self, flat: NDArray[Any]) -> list[NDArray[Any]]:
        """Views (*shape, n_l) of the layers in `flat`, which is laid out like `signals`."""
        ends = np.multiply(np.cumsum(self.widths), math.prod(self.shape)).tolist()
        starts = [0, *ends[:-1]]
        return [
            flat[start:end].reshape(*self.shape, n) for start, end, n in zip(starts, ends, self.widths, strict=True)
        ]


# matvec and vecmat read their output memory before they write it; a NaN there sets the processor's flag, though its
# value is not used
_unwritten_memory_is_harmless = np.errstate(invalid="ignore")


@_unwritten_memory_is_harmless
def first_layer(x: Floats, weights: LayerWeights, bias: Floats | None = None) -> Floats:
    """z_1 = W_1 x + b_1, (runs, n_1), of inputs x (runs, F), in the dtype of x."""
    z = np.empty((len(x), weights.widths[0]), x.dtype)
    _product(weights, 1, x, out=z)
    if bias is not None:
        z += bias
    return z


@_unwritten_memory_is_harmless
def forward(
    z_1: Floats, weights: LayerWeights, activation: Activation, biases: Sequence[Floats] | None = None
) -> Preactivations:
    """z_1 … z_L from z_1 (*shape, n_1) and biases b_1 … b_L (runs, n_l), computed in the dtype of z_1."""
    widths, shape = tuple(weights.widths), z_1.shape[:-1]
    passed = Preactivations(
        widths, shape, np.empty(math.prod(shape) * sum(widths), z_1.dtype), np.zeros((len(widths), *shape), np.int32)
    )
    z_by_layer = passed.by_layer(passed.signals)
    z_by_layer[0][...] = z_1
    for layer in range(2, len(widths) + 1):
        z_below, z = z_by_layer[layer - 2], z_by_layer[layer - 1]
        due = (layer - 1) % weights.rescale_every == 0
        a, exponent = _rescaled(activation.function(z_below), passed.exponents[layer - 2], due=due)
        _product(weights, layer, a, out=z)
        if biases is not None:
            exponent = _add_bias(z, exponent, biases[layer - 1])
        passed.exponents[layer - 1] = exponent
    return passed


def _product(weights: LayerWeights, layer: int, a: Floats, out: Floats) -> None:
    """W_l a."""
    s_a = a * a.dtype.type(weights.scales[layer - 1])
    for rows, d in weights.blocks(layer):
        np.matvec(d, s_a, out=out[..., rows])


def _add_bias(z: Floats, exponent: NDArray[np.int32], bias: Floats) -> NDArray[np.int32]:
    """Add b to 2^exponent * z in place; returns the new exponent."""
    # a signal so much smaller than a bias counts for nothing, and at its scale the bias would overflow
    common = np.maximum(exponent, LEAST_BESIDE_A_BIAS)
    z[...] = np.ldexp(z, (exponent - common)[..., None])
    z += np.ldexp(bias, -common[..., None])
    z[...], exponent = _rescaled(z, common, due=False)
    return exponent


def _rescaled(a: Floats, exponent: NDArray[np.int32], *, due: bool) -> tuple[Floats, NDArray[np.int32]]:
    """The same signal 2^exponent * a, rescaled where a is too small or too large.

    A run without an exponent is checked only if that is `due`; one with an exponent in every layer, because it has to
    return to its true size before f stops being homogeneous.
    """
    checked = (exponent != 0) | due
    if not checked.any():
        return a, exponent
    size = np.abs(a).max(axis=-1)
    _, size_exponent = np.frexp(size)
    returns = (exponent < 0) & (size_exponent > -REST) | (exponent > 0) & (size_exponent < REST)
    # an exact zero stays zero
    moves = checked & (size > 0) & ((size < SMALLEST) | (size > LARGEST) | returns)
    if not moves.any():
        return a, exponent
    rest = np.clip(size_exponent + exponent, -REST, REST)
    shift = np.where(moves, rest - size_exponent, 0).astype(np.int32)
    return np.ldexp(a, shift[..., None]), exponent - shift


@_unwritten_memory_is_harmless
def backward(
    slopes: Sequence[Float64s],
    weights: LayerWeights,
    dtype: np.dtype[Any],
    output_gradient: Floats,
    depths: Sequence[int] | None = None,
) -> Float64s:
    """log10 of the gradient at every point from f'(z_1) … f'(z_L), each (*shape, n_l): (depths, *shape, L+1).

    `output_gradient` is g_L, (runs, n_L), of mean magnitude 1. `depths`, L first and falling, are those of the networks
    wanted: the first layers of this one, each with the output gradient above its last; L alone if None.
    Column k < L is log10 of the mean of |delta_{k+1}|, columns from the depth on are 0. An exactly zero gradient is
    -inf. Products with the weights are taken in `dtype`, everything else in float64.
    """
    depths = (len(slopes),) if depths is None else depths
    shape = slopes[0].shape[:-1]
    log10_gradient = np.zeros((len(depths), *shape, len(slopes) + 1))
    # the size of delta, (depths so far, *shape), is carried as a logarithm
    log10_size = np.zeros((0, *shape))
    # g_l, (depths so far, *shape, n_l)
    g = np.zeros((0, *slopes[-1].shape))
    log10_scales = np.log10(weights.scales).tolist()
    with np.errstate(divide="ignore"):
        for layer in range(len(slopes), 0, -1):
            slope = slopes[layer - 1]
            if layer in depths:
                log10_size = np.concatenate([log10_size, np.zeros((1, *shape))])
                g = np.concatenate([g, np.broadcast_to(output_gradient, (1, *slope.shape))])
            delta = slope * g
            mean = np.add.reduce(np.abs(delta), axis=-1) / slope.shape[-1]
            log10_gradient[: len(mean), ..., layer - 1] = log10_size + np.log10(mean)
            if layer > 1:
                size = np.maximum(mean, TINY)
                # s_l is part of the size
                log10_size = log10_size + (np.log10(size) + log10_scales[layer - 1])
                g = _transposed_product(weights.blocks(layer), (delta / size[..., None]).astype(dtype))
    return log10_gradient


def _transposed_product(blocks: Iterable[Block], delta: Floats) -> Floats:
    """D^T delta as the sum over the blocks of rows of D."""
    # one at a time: all of them may be drawn into the same memory
    remaining = iter(blocks)
    rows, d = next(remaining)
    total: Floats = np.vecmat(delta[..., rows], d)
    for rows, d in remaining:
        total += np.vecmat(delta[..., rows], d)
    return total
