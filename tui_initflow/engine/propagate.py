"""Forward and backward through a batch of networks: the experiment itself.

    z_l     = W_l a_{l-1} + b_l                        W_l = s_l D_l
    a_l     = f(z_l)
    delta_L = f'(z_L) * g                              g: ones, or random signs
    delta_l = f'(z_l) * (W_{l+1}^T delta_{l+1})

Nothing under- or overflows at any depth. Backward, delta is brought to a mean of 1 at every layer and its size is
carried as a logarithm. Forward, a signal that has become very small (or large) is multiplied by a power of two,
which is carried as an exponent: where |z| < 2^-20, f(c z) = c f(z) and f'(c z) = f'(z) to float32 precision for
every f with f(0) = 0, and no other f has vanishing signals; likewise far out for those f that can explode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.activations import Activation

Floats = NDArray[np.floating[Any]]
Float64s = NDArray[np.float64]
Block = tuple[slice, Floats]
"""Rows of D for every run of the batch: which rows, and their values (runs, rows, fan_in)."""

RESCALE_EVERY = 4
"""Layers between two looks at a signal's size: it has to shrink 10^26-fold in these to get lost."""
SMALLEST, LARGEST = 2.0**-40, 2.0**40
REST = 24
"""A signal outside SMALLEST to LARGEST is brought back to 2^-24 or 2^24, well inside where f is homogeneous."""


class LayerWeights(Protocol):
    """The weights W_l = s_l D_l of a batch of networks, in blocks of rows small enough to hold."""

    @property
    def scales(self) -> Sequence[float]:
        """s_1 … s_L."""
        ...

    @property
    def widths(self) -> Sequence[int]:
        """Neurons of layers 1 … L."""
        ...

    def blocks(self, layer: int) -> Iterator[Block]:
        """D_l by blocks of rows, l = 1..L."""
        ...


@dataclass(frozen=True, slots=True)
class Forward:
    """Pre-activations z = 2^exponent * signal.

    `signals` (runs * neurons of all layers,) holds one layer after the other, each (runs, n_l); `exponents` is
    (L, runs).
    """

    widths: tuple[int, ...]
    runs: int
    signals: Floats
    exponents: NDArray[np.int32]


def by_layer(flat: NDArray[Any], runs: int, widths: Sequence[int]) -> list[NDArray[Any]]:
    """Views (runs, n_l) of the layers that lie one after the other in `flat`."""
    ends = np.cumsum(widths) * runs
    return [flat[end - runs * n : end].reshape(runs, n) for n, end in zip(widths, ends.tolist(), strict=True)]


def forward(
    x: Floats, weights: LayerWeights, activation: Activation, biases: Sequence[Floats] | None = None
) -> Forward:
    """z_1 … z_L for inputs x (runs, F) and biases b_l (runs, n_l), computed in the dtype of x."""
    runs, widths = len(x), tuple(weights.widths)
    signals = np.empty(runs * sum(widths), x.dtype)
    exponents = np.zeros((len(widths), runs), np.int32)
    a, exponent = x, np.zeros(runs, np.int32)
    for layer, z in enumerate(by_layer(signals, runs, widths), 1):
        s_a = a * x.dtype.type(weights.scales[layer - 1])
        for rows, d in weights.blocks(layer):
            np.matvec(d, s_a, out=z[:, rows])
        if biases is not None:
            z += np.ldexp(biases[layer - 1], -exponent[:, None])
        exponents[layer - 1] = exponent
        a = activation.function(z)
        if layer % RESCALE_EVERY == 0:
            a, exponent = _rescaled(a, exponent)
    return Forward(widths, runs, signals, exponents)


def _rescaled(a: Floats, exponent: NDArray[np.int32]) -> tuple[Floats, NDArray[np.int32]]:
    """The same signal 2^exponent * a, brought back where it is too small or too large."""
    size = np.abs(a).max(axis=-1)
    # an exact zero stays what it is
    is_small, is_large = (size < SMALLEST) & (size > 0), size > LARGEST
    if not (is_small.any() or is_large.any()):
        return a, exponent
    _, size_exponent = np.frexp(size)
    shift = np.where(is_small, -REST - size_exponent, np.where(is_large, REST - size_exponent, 0)).astype(np.int32)
    return np.ldexp(a, shift[:, None]), exponent - shift


def backward(slopes: Sequence[Float64s], weights: LayerWeights, dtype: np.dtype[Any], start: Floats) -> Float64s:
    """log10 of the gradient at every point, (runs, L+1), from f'(z_1) … f'(z_L), each (runs, n_l).

    `start` is the signal g that arrives at the last layer, (runs, n_L), of mean magnitude 1.
    Column k < L is log10 of the mean of |delta_{k+1}|, column L is 0. An exactly zero gradient is -inf. Products
    with the weights are taken in `dtype`, everything else in float64.
    """
    layers, runs = len(slopes), len(slopes[0])
    means, sizes = np.empty((2, layers, runs))
    arriving = start
    for layer in range(layers, 0, -1):
        delta = slopes[layer - 1] * arriving
        mean = np.abs(delta).mean(axis=-1)
        size = np.maximum(mean, np.finfo(np.float64).tiny)
        means[layer - 1], sizes[layer - 1] = mean, size
        if layer > 1:
            # s_l is part of the size that is carried
            unit = (delta / size[:, None]).astype(dtype)
            arriving = _transposed_product(weights.blocks(layer), unit)
    log10_sizes = np.log10(sizes)
    log10_sizes[:-1] += np.log10(weights.scales[1:])[:, None]
    # the size of delta_l is the product of all sizes from layer L down to l
    carried = np.cumsum(log10_sizes[::-1], axis=0)[::-1]
    log10_gradient = np.zeros((runs, layers + 1))
    with np.errstate(divide="ignore"):
        log10_gradient[:, :-1] = (carried + np.log10(means / sizes)).T
    return log10_gradient


def _transposed_product(blocks: Iterator[Block], delta: Floats) -> Floats:
    """D^T delta as the sum over the blocks of rows of D."""
    rows, d = next(blocks)
    total: Floats = np.vecmat(delta[:, rows], d)
    for rows, d in blocks:
        total += np.vecmat(delta[:, rows], d)
    return total
