"""Forward and backward through a batch of plain networks: the equations of `reference`, at any depth and scale.

    z_l = W_l a_{l-1} + b_l          a_l = f(z_l)             forward, l = 1 … L
    delta_l = f'(z_l) * g_l          g_{l-1} = W_l^T delta_l  backward from the output gradient g_L, l = L … 1

Nothing under- or overflows. Backward, delta_l is divided by its mean magnitude at every layer and its size is carried
as a logarithm. Forward, a signal that has become very small or large is multiplied by a power of two, which is carried
as an exponent: where |z| < 2^-20, f(c z) = c f(z) and f'(c z) = f'(z) to float32 precision for every f with
f(0) = 0, and no other f has vanishing signals; likewise far out for those f that can explode.

A weight is W_l = s_l D_l. The scale s_l multiplies vectors, or the exponent if it is beyond what any initialiser gives,
as that of weights in a file may be; D_l is never multiplied. All that the passes ask of D_l is
its product with one vector forward and one backward, so it need not exist: see `implicit`. `blocks` does the same for
networks with skips and norms.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation

Floats = NDArray[np.floating[Any]]
Float64s = NDArray[np.float64]
Rows = tuple[slice, Floats]
"""Rows of D for every run of the batch: which rows, and their values (runs, rows, fan_in)."""
Observer = Callable[[int, Floats, Float64s], None]
"""Is handed every delta_l = 10^s * v on its way down as (l, v, s), v of shape (networks, *shape, n_l)."""

RESCALE_EVERY = 4
"""Layers between two checks of a signal's size, if each changes it by a factor of 0.01 to 10,000; else one."""
SMALLEST, LARGEST = 2.0**-40, 2.0**40
REST = 24
"""A signal outside SMALLEST to LARGEST is brought back to 2^-24 or 2^24, well inside where f is homogeneous."""
ANY_EXPONENT = 1 << 20
"""Beyond the exponent of any number."""
MOST_LDEXP = 1000
"""An exponent of two whose power float64 holds."""
LARGEST_SCALE = 64
"""Largest binary exponent, of either sign, of a scale that multiplies vectors."""
LEAST_BESIDE_A_BIAS = -80
"""Smallest exponent of a signal that a bias is added to."""
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Range:
    """Sizes that a signal may have without being rescaled, and the binary exponents that it is brought back to."""

    smallest: float = SMALLEST
    largest: float = LARGEST
    least_exponent: int = -REST
    most_exponent: int = REST

    @property
    def has_ends(self) -> bool:
        return self.smallest > 0 or math.isfinite(self.largest)


BOTH_ENDS = Range()


class LayerWeights(Protocol):
    """The weights W_l = s_l D_l of a batch of networks, s_l in `scales`, n_l in `widths`, as what they do to vectors.

    `rescale_every` is the number of layers between two checks of a signal's size.
    """

    @property
    def scales(self) -> Sequence[float]: ...

    @property
    def widths(self) -> Sequence[int]: ...

    @property
    def rescale_every(self) -> int: ...

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        """Write `factor` * W_l a to `out`, (*shape, n_l), of a (*shape, n_{l-1})."""

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        """D_l^T delta, (*shape, n_{l-1}), once the product is taken."""


class Matrices(ABC):
    """`LayerWeights` whose D_l are at hand, by `blocks` of rows."""

    scales: Sequence[float]
    widths: Sequence[int]
    rescale_every: int

    @abstractmethod
    def blocks(self, layer: int) -> Iterable[Rows]: ...

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        s_a = a * a.dtype.type(self.scales[layer - 1] * factor)
        for rows, d in self.blocks(layer):
            np.matvec(d, s_a, out=out[..., rows])

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        # one block at a time: all of them may be drawn into the same memory
        remaining = iter(self.blocks(layer))
        rows, d = next(remaining)
        total: Floats = np.vecmat(delta[..., rows], d)
        for rows, d in remaining:
            total += np.vecmat(delta[..., rows], d)
        return total


@dataclass(frozen=True, slots=True)
class Preactivations:
    """z_l = 2^exponent * signal of networks in an array of `shape`: (runs,), or (points, runs).

    `signals` holds one layer after the other, each (*shape, n_l) and all of them flat; `exponents` is (L, *shape).
    """

    widths: tuple[int, ...]
    shape: tuple[int, ...]
    signals: Floats
    exponents: NDArray[np.int32]

    @classmethod
    def unfilled(cls, z_1: Floats, widths: Sequence[int]) -> Preactivations:
        """Memory for all layers of the networks with this first layer, and exponents of zero."""
        shape = z_1.shape[:-1]
        signals = np.empty(math.prod(shape) * sum(widths), z_1.dtype)
        return cls(tuple(widths), shape, signals, np.zeros((len(widths), *shape), np.int32))

    def by_layer(self, flat: NDArray[Any]) -> list[NDArray[Any]]:
        """Views (*shape, n_l) of the layers in `flat`, which is laid out like `signals`."""
        ends = np.multiply(np.cumsum(self.widths), math.prod(self.shape)).tolist()
        starts = [0, *ends[:-1]]
        return [
            flat[start:end].reshape(*self.shape, n) for start, end, n in zip(starts, ends, self.widths, strict=True)
        ]


# matvec and vecmat read their output memory before they write it; a NaN there sets the processor's flag, though its
# value is not used
unwritten_memory_is_harmless = np.errstate(invalid="ignore")


@unwritten_memory_is_harmless
def first_layer(x: Floats, weights: LayerWeights, bias: Floats | None = None) -> Floats:
    """z_1 = W_1 x + b_1, (runs, n_1), of inputs x (runs, F) in their dtype; of W_1, without 2 to `exponent_of` s_1."""
    z = np.empty((len(x), weights.widths[0]), x.dtype)
    weights.product(1, x, z, math.ldexp(1.0, -exponent_of(weights.scales[0])))
    if bias is not None:
        z += bias
    return z


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


def slopes_of(passed: Preactivations, activation: Activation) -> Float64s:
    """f'(z) of all neurons, laid out like the signals, at any exponent."""
    z = passed.signals.astype(np.float64)
    if activation.flat == "both sides" and np.count_nonzero(passed.exponents):
        # the slopes of the others are the same further out
        for layer, exponents in zip(passed.by_layer(z), passed.exponents, strict=True):
            layer[...] = np.ldexp(layer, np.minimum(exponents, MOST_LDEXP - REST)[..., None])
    return activation.derivative(z).astype(np.float64, copy=False)


def exponent_of(scale: float) -> int:
    """The binary exponent of a scale that would take signals beyond float32, else 0."""
    _, exponent = math.frexp(scale)
    return max(exponent, -MOST_LDEXP) if abs(exponent) > LARGEST_SCALE else 0


def exponents_passed_on(activation: Activation, exponents: NDArray[np.int32]) -> NDArray[np.int32]:
    """Those e of 2^e z with which f(2^e z) = 2^e f(z) does not hold are 0: f is flat there, or not 0 at zero."""
    if not np.count_nonzero(exponents):
        return exponents
    least = -ANY_EXPONENT if not activation.function(np.zeros(1)).any() else 0
    most = ANY_EXPONENT if activation.flat != "both sides" else 0
    return np.minimum(np.maximum(exponents, least), most)


def add_bias(z: Floats, exponent: NDArray[np.int32], bias: Floats) -> NDArray[np.int32]:
    """Add b to 2^exponent * z in place; returns the new exponent."""
    # a signal so much smaller than a bias counts for nothing, and at its scale the bias would overflow
    common = np.maximum(exponent, LEAST_BESIDE_A_BIAS)
    z[...] = np.ldexp(z, (exponent - common)[..., None])
    z += np.ldexp(bias, -common[..., None])
    z[...], exponent = rescaled(z, common, due=False)
    return exponent


def rescaled(
    a: Floats, exponent: NDArray[np.int32], *, due: bool, within: Range = BOTH_ENDS
) -> tuple[Floats, NDArray[np.int32]]:
    """The same signal 2^exponent * a, rescaled where a is too small or too large.

    A run without an exponent is checked only if that is `due`; one with an exponent in every layer, because it has to
    return to its true size before f stops being homogeneous.
    """
    if not (due or np.count_nonzero(exponent)):
        return a, exponent
    size = np.maximum.reduce(np.abs(a), axis=-1)
    _, size_exponent = np.frexp(size)
    rest = np.minimum(np.maximum(size_exponent + exponent, within.least_exponent), within.most_exponent)
    shift = rest - size_exponent
    # with a shift of the exponent's sign, it returns towards its true size
    moves = (size < within.smallest) | (size > within.largest) | (shift * exponent > 0)
    if not np.count_nonzero(moves):
        return a, exponent
    # an exact zero stays zero
    shift *= moves & (size > 0) & ((exponent != 0) | due)
    return np.ldexp(a, shift[..., None]), exponent - shift


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
